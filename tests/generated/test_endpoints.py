"""Every endpoint of the contract in its four forms: the requests it writes and the responses it reads."""

import importlib
import io
import re
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from finetuning_api import AuthenticatedClient, models
from finetuning_api.api.checkpoint_permissions import list_fine_tuning_checkpoint_permissions
from finetuning_api.api.files import create_file, download_file, list_files, retrieve_file
from finetuning_api.api.fine_tuning import (
    create_fine_tuning_job,
    list_paginated_fine_tuning_jobs,
    retrieve_fine_tuning_job,
)
from finetuning_api.api.uploads import add_upload_part
from finetuning_api.errors import InvalidBody, UnexpectedStatus, UnusableResponse
from finetuning_api.types import UNSET, File

from .reference import schemas

BASE = "https://api.example/v1"
CONTRACT: dict[str, Any] = yaml.safe_load(
    (Path(__file__).resolve().parents[2] / "openapi.yaml").read_text(encoding="utf-8")
)
FORMS = ("sync", "sync_detailed", "asyncio", "asyncio_detailed")

Handler = Callable[[httpx.Request], httpx.Response]


OPERATIONS: list[Any] = [
    pytest.param(path, method, operation, id=operation["operationId"])
    for path, item in CONTRACT["paths"].items()
    for method, operation in item.items()
]


def endpoint(operation: dict[str, Any]) -> Any:
    name = re.sub("([A-Z])", lambda match: f"_{match[0].lower()}", operation["operationId"])
    return importlib.import_module(f"finetuning_api.api.{operation['tags'][0]}.{name}")


def client(handler: Handler) -> AuthenticatedClient:
    arguments = {"transport": httpx.MockTransport(handler)}
    return AuthenticatedClient(base_url=BASE, token="secret", httpx_args=arguments)


async def call(form: str, module: Any, *identifiers: str, **arguments: Any) -> Any:
    """Call an endpoint in one of its forms; return the parsed object."""
    result = getattr(module, form)(*identifiers, **arguments)
    if form.startswith("asyncio"):
        result = await result
    return result.parsed if form.endswith("detailed") else result


def arguments_of(operation: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    listed = [parameter for parameter in operation.get("parameters", []) if parameter["in"] == "path"]
    content = operation.get("requestBody", {}).get("content", {})
    if not content:
        return ["a/b c"] * len(listed), {}
    (media,) = content.values()
    name = media["schema"]["$ref"].rpartition("/")[2]
    data: dict[str, Any] = {"purpose": "fine-tune"} if name == "CreateFileRequest" else {}
    body = getattr(models, name).from_dict(data)
    for field in ("file", "data"):
        if schemas()[name]["properties"].get(field, {}).get("format") == "binary":
            setattr(body, field, File(io.BytesIO(b"content"), "a.jsonl"))
    return ["a/b c"] * len(listed), {"body": body}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
async def test_endpoint_follows_the_contract(
    path: str, method: str, operation: dict[str, Any], form: str
) -> None:
    """Each form sends the documented request, reads each documented response, and refuses any other."""
    module = endpoint(operation)
    identifiers, arguments = arguments_of(operation)
    responses: list[httpx.Response] = []
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        request.read()
        seen.append(request)
        return responses.pop()

    async def call_with_response(status: int, **content: Any) -> Any:
        responses.append(httpx.Response(status, **content))
        return await call(form, module, *identifiers, client=client(handle), **arguments)

    schema = next(iter(operation["responses"]["200"]["content"].values()))["schema"]
    if "$ref" in schema:
        parsed = await call_with_response(200, json={"id": "x"})
        assert type(parsed).__name__ == schema["$ref"].rpartition("/")[2]
        assert parsed.to_dict() == {"id": "x"}
        for body in (b"", b"<html>", b"[]", b"null", b'{"id": "x"', b"\xff", b"[" * 100_000):
            with pytest.raises(InvalidBody):
                await call_with_response(200, content=body)
    else:
        parsed = await call_with_response(200, content=b"\x00[]")
        assert parsed.payload.read() == b"\x00[]"

    assert seen[0].method == method.upper()
    assert seen[0].url.raw_path.decode() == "/v1" + re.sub("{.*?}", "a%2Fb%20c", path)
    assert seen[0].headers["authorization"] == "Bearer secret"

    for status in (400, 404, 429, 500, 529):
        refusal = await call_with_response(status, json={"error": {"message": "no", "code": None, "new": 1}})
        assert isinstance(refusal, models.ErrorResponse)
        assert refusal.to_dict() == {"error": {"message": "no", "code": None, "new": 1}}
        with pytest.raises(InvalidBody) as invalid:
            await call_with_response(status, content=b"Bad gateway")
        assert (invalid.value.status_code, invalid.value.content) == (status, b"Bad gateway")
    for status in (201, 204, 302, 600):
        with pytest.raises(UnexpectedStatus, match=str(status)):
            await call_with_response(status, json={})


def test_every_module_has_an_operation() -> None:
    """The package has the endpoints of the contract and no others."""
    root = Path(importlib.import_module("finetuning_api.api").__file__ or "").parent
    found = {f"{path.parent.name}.{path.stem}" for path in root.glob("*/*.py") if path.stem != "__init__"}
    documented = {endpoint(operation).__name__ for _, _, operation in (each.values for each in OPERATIONS)}
    assert found == {name.removeprefix("finetuning_api.api.") for name in documented}


def test_detailed_response_has_all_attributes() -> None:
    """The response has the status, headers, bytes, request id and parsed object."""
    sent = httpx.Response(404, headers={"X-Request-Id": "req_1"}, json={"error": {"message": "no"}})
    response = retrieve_file.sync_detailed("f", client=client(lambda request: sent))
    assert response.status_code is HTTPStatus.NOT_FOUND
    assert response.request_id == "req_1"
    assert response.content == sent.content
    assert response.headers["content-type"] == "application/json"
    assert isinstance(response.parsed, models.ErrorResponse)


def test_unregistered_status_is_a_plain_number() -> None:
    """The status 529, which is not in `HTTPStatus`, is an `int`, and its response is read."""
    sent = httpx.Response(529, json={"error": {"message": "full"}})
    response = retrieve_file.sync_detailed("f", client=client(lambda request: sent))
    assert (type(response.status_code), response.status_code) == (int, 529)


def test_lenient_json_is_read() -> None:
    """A response that contains NaN, as some servers send it, is read."""
    sent = httpx.Response(200, content=b'{"id": "a", "seed": NaN}')
    file = retrieve_file.sync("f", client=client(lambda request: sent))
    assert file.to_dict()["seed"] != file.to_dict()["seed"]


def test_error_of_an_unusable_response_describes_it() -> None:
    """The message has the status and the beginning of the body, which may be long."""
    error = UnusableResponse(200, b"\xff" * 10_000)
    assert "200" in str(error)
    assert len(str(error)) < 500


@pytest.mark.parametrize("identifier", ["", ".", "..", None, UNSET])
def test_identifier_that_changes_the_path_is_refused(identifier: Any) -> None:
    """An id that would change the path raises an error that names the parameter."""
    with pytest.raises(ValueError, match="fine_tuning_job_id"):
        retrieve_fine_tuning_job.build_request(identifier)


@pytest.mark.parametrize("identifier", ["../x", "a/b", "a?b=c", "a#b", "ä", "%2e%2e", "{fine_tuning_job_id}"])
def test_identifier_is_one_segment(identifier: str) -> None:
    """Any other id stays within its segment of the path."""
    request = retrieve_fine_tuning_job.build_request(identifier)
    url = httpx.Request(request["method"], BASE + request["url"]).url
    assert url.raw_path.decode().count("/") == 4
    assert url.query == b""
    assert url.path == f"/v1/fine_tuning/jobs/{identifier}"


def test_unset_parameters_are_left_out() -> None:
    """A call without arguments sends no query."""
    assert list_paginated_fine_tuning_jobs.build_request()["params"] == {}


def test_parameters_are_written() -> None:
    """Numbers, enum values and maps are written as the contract documents; a null map is written as null."""
    request = list_paginated_fine_tuning_jobs.build_request(after="a", limit=0, metadata={"k [1]": "v&w"})
    assert request == {
        "method": "GET",
        "url": "/fine_tuning/jobs",
        "params": {"after": "a", "limit": 0, "metadata[k [1]]": "v&w"},
    }
    assert list_paginated_fine_tuning_jobs.build_request(metadata=None)["params"] == {"metadata": "null"}
    assert list_paginated_fine_tuning_jobs.build_request(metadata={})["params"] == {}

    params = list_files.build_request(order=models.FileOrder("desc"))["params"]
    assert [type(value) for value in params.values()] == [str]
    params = list_fine_tuning_checkpoint_permissions.build_request(
        "c", order=models.CheckpointPermissionOrder("new")
    )
    assert params["params"] == {"order": "new"}


def test_none_for_a_plain_parameter_is_left_out() -> None:
    """Only nullable parameters are written as null."""
    after: Any = None
    assert list_files.build_request(after=after)["params"] == {}


def test_json_body_has_what_was_set() -> None:
    """Unset fields are not sent, nulls are sent, and enum values are plain strings."""
    body = models.CreateFineTuningJobRequest(
        model="gpt-4o-mini-2024-07-18",
        training_file="file-1",
        suffix=None,
        method=models.FineTuneMethod(
            type=models.FineTuneMethodType.SUPERVISED,
            supervised=models.FineTuneSupervisedMethod(
                hyperparameters=models.FineTuneSupervisedHyperparameters(n_epochs="auto", batch_size=2)
            ),
        ),
    )
    request = create_fine_tuning_job.build_request(body=body)
    assert request == {
        "method": "POST",
        "url": "/fine_tuning/jobs",
        "json": {
            "model": "gpt-4o-mini-2024-07-18",
            "training_file": "file-1",
            "suffix": None,
            "method": {
                "type": "supervised",
                "supervised": {"hyperparameters": {"n_epochs": "auto", "batch_size": 2}},
            },
        },
    }
    assert type(request["json"]["method"]["type"]) is str


def test_form_has_bracketed_names() -> None:
    """Each value of a nested object is a field, a list is several fields, and only files have file names."""
    body = models.CreateFileRequest(
        file=File(io.BytesIO(b"{}"), "train.jsonl", "application/jsonl"),
        purpose=models.FilePurpose.FINE_TUNE,
        expires_after=models.FileExpirationAfter(seconds=3600),
    )
    body["odd"] = [True, None, "x"]
    parts = dict(create_file.build_request(body=body)["files"])
    file = parts.pop("file")
    assert (file[0], file[1].read(), file[2]) == ("train.jsonl", b"{}", "application/jsonl")
    assert {name: part[:2] for name, part in parts.items()} == {
        "purpose": (None, b"fine-tune"),
        "expires_after[anchor]": (None, b"created_at"),
        "expires_after[seconds]": (None, b"3600"),
        "odd": (None, b"x"),
    }


def test_content_cannot_add_a_form_field() -> None:
    """httpx draws the boundary at random for each request, so that no content can contain it."""
    boundaries = set()

    def handle(request: httpx.Request) -> httpx.Response:
        request.read()
        boundaries.add(request.headers["content-type"].partition("boundary=")[2])
        return httpx.Response(200, json={})

    for _ in range(3):
        body = models.AddUploadPartRequest(data=File(io.BytesIO(b"\r\n--+++\r\n")))
        add_upload_part.sync("upload_1", client=client(handle), body=body)
    assert len(boundaries) == 3
    assert all(len(boundary) >= 16 for boundary in boundaries)


def test_file_without_a_name_is_still_a_file(tmp_path: Path) -> None:
    """A part without a file name would be read as an ordinary field, so each file gets a name."""
    assert File(io.BytesIO()).to_tuple()[0] == "upload"
    path = tmp_path / "train.jsonl"
    path.touch()
    with path.open("rb") as stream:
        assert File(stream).to_tuple()[0] == "train.jsonl"
        assert File(stream, "other.jsonl").to_tuple()[0] == "other.jsonl"


def test_download_has_its_content_type() -> None:
    """A download is a file with the content type that the server sent."""
    sent = httpx.Response(200, content=b"a,b", headers={"content-type": "text/csv"})
    file = download_file.sync("f", client=client(lambda request: sent))
    assert isinstance(file, File)
    assert (file.payload.read(), file.mime_type) == (b"a,b", "text/csv")
