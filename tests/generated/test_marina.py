"""A contract very different from the project's passes mypy --strict, and its client works with its server."""

import importlib
import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
import yaml

from .conftest import on_path
from .mock_server import MockServer, example

CONTRACT = Path(__file__).parent / "contracts" / "marina.yaml"
DOCUMENT: dict[str, Any] = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))
ID = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"

USE = """
import datetime
from uuid import UUID
from marina_api import AuthenticatedClient, models
from marina_api.api.boats import add_boat, list_boats
from marina_api.api.berths import get_berths

def use(client: AuthenticatedClient) -> datetime.datetime | None:
    boat = models.Boat(name="Gull", drive=models.Sail(area=3.5), built=datetime.date(2020, 1, 1))
    made = add_boat.sync(client=client, body=boat)
    add_boat.sync(client=client, body={"name": "Gull"})
    if isinstance(made, models.Problem):
        return None
    boats = list_boats.sync(client=client, ids=[UUID(int=0)], kinds=[models.Rig.SLOOP])
    found = get_berths.sync(client=client)["a"].boat
    return boats[0].seen or None if isinstance(boats, list) and found else None
"""


@pytest.fixture(scope="module")
def api(generator: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The generated package of the contract."""
    folder = tmp_path_factory.mktemp("marina")
    assert generator.main(["--contract", str(CONTRACT), "--output", str(folder / "marina_api")]) == 0
    with on_path(folder):
        yield importlib.import_module("marina_api")


@pytest.fixture
def server() -> MockServer:
    """A new server for each test."""
    return MockServer(DOCUMENT, "/v2")


def part(api: ModuleType, name: str) -> Any:
    return importlib.import_module(f"{api.__name__}.{name}")


def client(api: ModuleType, server: MockServer) -> Any:
    arguments = {"transport": httpx.MockTransport(server)}
    return part(api, "client").AuthenticatedClient(
        "https://marina.example/v2", token="t", httpx_args=arguments
    )


def made(name: str) -> Any:
    return example(DOCUMENT, {"$ref": f"#/components/schemas/{name}"})


def test_package_passes_mypy_strict(api: ModuleType) -> None:
    """mypy accepts the package, and a program that uses it."""
    folder = Path(api.__path__[0]).parent
    (folder / "use.py").write_text(USE, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--config-file=",
        "--cache-dir",
        str(folder / "cache"),
    ]
    result = subprocess.run(
        [*command, "use.py", "marina_api"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    "name", [name for name in DOCUMENT["components"]["schemas"] if name not in ("Json", "LogEntry")]
)
def test_objects_round_trip(name: str, api: ModuleType) -> None:
    """A value that the contract allows is read, and written unchanged."""
    model = getattr(part(api, "models"), name)
    value = made(name)
    assert (model.from_dict(value).to_dict() if isinstance(value, dict) else model(value)) == value


def test_query_headers_and_cookies_are_sent(api: ModuleType, server: MockServer) -> None:
    """The server decodes each parameter to the given value, and the client reads the server's list."""
    models = part(api, "models")
    boats = part(api, "api.boats.list_boats").sync(
        client=client(api, server),
        kinds=[models.Rig.GAFF_CUTTER],
        ids=[part(api, "types").UUID(ID)],
        length=models.Range(from_=1.5, to=1.5),
        since=part(api, "types").read_datetime("2024-05-01T10:00:00Z"),
        filter="text",
        x_request_ids=[3],
        berth="text",
    )
    assert [boat.to_dict() for boat in boats] == server.sent
    assert isinstance(boats[0].tender, models.Boat)
    assert isinstance(boats[0].drive, models.Sail)


def test_bodies_are_sent_and_problems_are_read(api: ModuleType, server: MockServer) -> None:
    """A model and a dict give the same body; a documented error is read."""
    add, models = part(api, "api.boats.add_boat"), part(api, "models")
    boat = models.Boat.from_dict(made("Boat"))
    assert add.sync(client=client(api, server), body=boat).to_dict() == server.sent
    assert server.received == made("Boat")
    server.status = "4XX"
    problem = add.sync(client=client(api, server), body=made("Boat"))
    assert isinstance(problem, models.Problem)
    assert problem.to_dict() == server.sent


def test_objects_are_identified_by_paths(api: ModuleType, server: MockServer) -> None:
    """A boat is found, changed and removed; a 404 gives no object."""
    get = part(api, "api.boats.get_boat")
    assert get.sync(ID, client=client(api, server)).to_dict() == server.sent
    server.status = "404"
    assert get.sync(ID, client=client(api, server)) is None
    server.status = ""
    assert part(api, "api.boats.remove_boat").sync(ID, client=client(api, server)) is None
    with pytest.warns(DeprecationWarning, match="change_boat is deprecated"):
        changed = part(api, "api.boats.change_boat").sync(
            ID, client=client(api, server), body={"name": "Tern"}
        )
    assert changed.to_dict() == server.sent
    assert server.received == {"name": "Tern"}


def test_the_media_type_selects_text_or_json(api: ModuleType, server: MockServer) -> None:
    """The media type of the response decides how it is read."""
    read = part(api, "api.documents.read_log").sync
    assert read(ID, ["2024-02-29"], client=client(api, server)) == server.sent
    server.media_type = "application/json"
    entries = read(ID, ["2024-02-29"], client=client(api, server))
    assert [type(entry).__name__ for entry in entries] == ["Arrival"]


def test_files_are_uploaded_and_downloaded(api: ModuleType, server: MockServer) -> None:
    """Bytes are uploaded as a body and as a part of a form, and downloaded."""
    file = part(api, "types").File
    documents = "api.documents"
    assert part(api, f"{documents}.set_photo").sync(ID, client=client(api, server), body=b"\0png") is None
    assert server.received == b"\0png"
    body = {"photo": file(io.BytesIO(b"png"), "a.png"), "caption": "Gull", "crop": {"from": 1}}
    assert part(api, f"{documents}.send_photo").sync(ID, client=client(api, server), body=body) == server.sent
    assert b'name="crop[from]"' in server.received
    photo = part(api, f"{documents}.get_photo").sync(ID, client=client(api, server))
    assert photo.mime_type == "image/png"


async def test_maps_are_read_and_forms_are_sent(api: ModuleType) -> None:
    """A map of objects is read, and a form with a list is sent, in blocking and async calls."""
    server = MockServer(DOCUMENT, "/v2")
    berths = part(api, "api.berths.get_berths").sync(client=client(api, server))
    assert {name: berth.to_dict() for name, berth in berths.items()} == server.sent
    rent = part(api, "models").Rent.from_dict(made("Rent"))
    place = await part(api, "api.berths.rent_berth").asyncio(client=client(api, server), body=rent)
    assert place.to_dict() == server.sent
    assert server.received == made("Rent")
