"""Large files go in parts: each is tried on its own, the file is made at most once, a crash costs little."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import os
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any

import httpx
import pytest

from finetuning_client import (
    BadRequest,
    ConnectionFailed,
    DatasetError,
    FineTuningError,
    InvalidRequestError,
    RetryPolicy,
    ServerError,
)
from finetuning_client.plans import file_upload, upload_in_parts

from .conftest import Wire, error_response, file_json, list_json

CONTENT = b"".join(b'{"n": %d}\n' % n for n in range(10, 20))
PART = 20
PARTS = [CONTENT[i : i + PART] for i in range(0, len(CONTENT), PART)]
NOW = 1_700_000_000


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sizes at which the contract draws its lines, on the scale of a test."""
    monkeypatch.setattr(file_upload, "LARGEST_FILE", 40)
    monkeypatch.setattr(upload_in_parts, "PART_SIZE", PART)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A file too large for one request: five parts of 20 bytes."""
    path = tmp_path / "large.jsonl"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def server(wire: Wire) -> Uploading:
    """A server of uploads on the wire."""
    wire.server = found = Uploading()
    return found


class Uploading:
    """Keeps uploads and files. `faults` has what goes wrong at which operation, once each, in order."""

    def __init__(self) -> None:
        self.faults: dict[str, list[Any]] = {}
        self.uploads: dict[str, dict[str, Any]] = {}
        self.files: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.before: Callable[[str], object] = lambda operation: None
        self._lock = Lock()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            return self._answer(request)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        *_, owner, action = f"/{request.url.path.removeprefix('/v1/')}".split("/")
        operation = {"uploads": "create", "files": "list"}.get(action, action)
        if request.method == "DELETE":
            operation, owner = "delete", action
        self.asked.append(operation)
        self.before(operation)
        fault = next(iter(self.faults.get(operation, ())), "ok")
        self.faults.get(operation, [])[:1] = []
        if fault == "refuse":
            raise httpx.ConnectError("refused")
        if isinstance(fault, httpx.Response):
            return fault
        if fault in ("lose before", "500 before"):
            return self._lost(fault)
        answer: httpx.Response = getattr(self, operation)(request, owner)
        return self._lost(fault) if fault in ("lose after", "500 after") else answer

    def _lost(self, fault: str) -> httpx.Response:
        if fault.startswith("lose"):
            raise httpx.ReadError("reset")
        return error_response(500)

    def create(self, request: httpx.Request, _: str) -> httpx.Response:
        """Open an upload."""
        body = json.loads(request.content)
        upload = {"id": f"upload_{len(self.uploads)}", "status": "pending", "parts": {}, **body}
        self.uploads[upload["id"]] = upload
        return httpx.Response(200, json=self._shown(upload))

    def parts(self, request: httpx.Request, owner: str) -> httpx.Response:
        """Take a part."""
        upload = self.uploads.get(owner)
        if upload is None or upload["status"] != "pending":
            return error_response(404, message="no such upload")
        boundary = request.headers["content-type"].partition("boundary=")[2].encode()
        part = request.content.split(b"--" + boundary)[1].partition(b"\r\n\r\n")[2][:-2]
        name = f"part_{len(upload['parts'])}"
        upload["parts"][name] = part
        fields = {"id": name, "object": "upload.part", "created_at": NOW, "upload_id": owner}
        return httpx.Response(200, json=fields)

    def complete(self, request: httpx.Request, owner: str) -> httpx.Response:
        """Join the parts that are named."""
        upload, body = self.uploads[owner], json.loads(request.content)
        if upload["status"] != "pending":
            return error_response(400, message="already completed")
        content = b"".join(upload["parts"][name] for name in body["part_ids"])
        if hashlib.md5(content).hexdigest() != body["md5"] or len(content) != upload["bytes"]:
            return error_response(400, message="not what was announced")
        name = f"file-{len(self.files)}"
        fields = {k: upload[k] for k in ("bytes", "filename", "purpose")}
        self.files.insert(0, file_json(id=name, created_at=NOW, **fields))
        upload.update(status="completed", content=content)
        return httpx.Response(200, json={**self._shown(upload), "file": self.files[0]})

    def cancel(self, _: httpx.Request, owner: str) -> httpx.Response:
        """Give an upload up."""
        if self.uploads[owner]["status"] != "pending":
            return error_response(400)
        self.uploads[owner]["status"] = "cancelled"
        return httpx.Response(200, json=self._shown(self.uploads[owner]))

    def list(self, _request: httpx.Request, _: str) -> httpx.Response:
        """The files, newest first."""
        return httpx.Response(200, json=list_json(*self.files))

    def delete(self, _request: httpx.Request, owner: str) -> httpx.Response:
        """Delete a file."""
        self.files = [file for file in self.files if file["id"] != owner]
        return httpx.Response(200, json={"id": owner, "object": "file", "deleted": True})

    @staticmethod
    def _shown(upload: dict[str, Any]) -> dict[str, Any]:
        fields = {k: upload[k] for k in ("id", "status", "bytes", "filename", "purpose")}
        return {**fields, "object": "upload", "created_at": NOW, "expires_at": NOW + 3600}

    @property
    def statuses(self) -> tuple[str, ...]:
        """Of each upload."""
        return tuple(upload["status"] for upload in self.uploads.values())


def test_a_large_file_arrives_whole(client: Any, server: Uploading, large: Path) -> None:
    """In as many parts as it needs, joined in their order, with the MD5 of the whole."""
    assert client.files.upload(large).id == "file-0"
    assert server.uploads["upload_0"]["content"] == CONTENT
    assert server.asked == ["create", *["parts"] * len(PARTS), "complete"]


def test_a_file_of_the_limit_goes_in_one_request(client: Any, wire: Wire, tmp_path: Path) -> None:
    """Only more than that needs parts."""
    path = tmp_path / "small.jsonl"
    path.write_bytes(b"x" * 40)
    wire.then(file_json())
    client.files.upload(path)
    assert wire.asked == ["POST /files"]


def test_name_purpose_and_expiry_go_with_the_upload(client: Any, server: Uploading, large: Path) -> None:
    """As they would with a small file."""
    client.files.upload(large, filename="other.jsonl", purpose="batch", expires_after=3600)
    upload = server.uploads["upload_0"]
    assert (upload["filename"], upload["purpose"]) == ("other.jsonl", "batch")
    assert upload["expires_after"] == {"anchor": "created_at", "seconds": 3600}


@pytest.mark.parametrize("form", ["bytes", "BytesIO", "open file"])
def test_a_large_source_need_not_be_a_path(client: Any, server: Uploading, large: Path, form: str) -> None:
    """Parts are read from any source, several at once."""
    with large.open("rb") as file:
        sources = {"bytes": CONTENT, "BytesIO": io.BytesIO(CONTENT), "open file": file}
        client.files.upload(sources[form])
    assert server.uploads["upload_0"]["content"] == CONTENT


def test_progress_is_told_to_the_last_byte(client: Any, server: Uploading, large: Path) -> None:
    """How much was sent, and of how much."""
    seen: list[tuple[int, int]] = []
    client.files.upload(large, on_progress=lambda sent, size: seen.append((sent, size)))
    assert max(seen) == (len(CONTENT), len(CONTENT))
    assert {size for _, size in seen} == {len(CONTENT)}


def test_progress_of_a_small_file_is_told_too(client: Any, wire: Wire, train: Path) -> None:
    """In one request as in parts."""
    wire.then(file_json())
    seen: list[tuple[int, int]] = []
    client.files.upload(train, on_progress=lambda sent, size: seen.append((sent, size)))
    assert seen[-1] == (train.stat().st_size, train.stat().st_size)


def test_what_on_progress_raises_reaches_the_caller(client: Any, server: Uploading, large: Path) -> None:
    """As it is, from whatever thread or task."""

    def stop(_sent: int, _size: int) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        client.files.upload(large, on_progress=stop)


@pytest.mark.parametrize("fault", ["refuse", "lose before", "lose after", "500 before", "500 after"])
def test_each_part_is_tried_again(client: Any, server: Uploading, large: Path, fault: str) -> None:
    """The file is whole all the same: only the parts that are named count."""
    server.faults["parts"] = [fault] * 3
    client.files.upload(large)
    assert server.uploads["upload_0"]["content"] == CONTENT


def test_every_order_of_faults_makes_at_most_one_file(make_client: Any, wire: Wire, large: Path) -> None:
    """At the joining as at the opening: one call makes at most one file, and returns it."""
    client = make_client(retry=RetryPolicy(max_attempts=3))
    faults = ("refuse", "lose before", "lose after", "500 after", "ok")
    for joining in itertools.product(faults, repeat=3):
        wire.server = server = Uploading()
        server.faults = {"create": [joining[1]], "complete": list(joining)}
        try:
            file = client.files.upload(large)
        except FineTuningError:
            assert len(server.files) <= 1, joining
        else:
            assert [file.id] == [f["id"] for f in server.files], joining


def test_a_lost_end_that_worked_is_no_failure(make_client: Any, server: Uploading, large: Path) -> None:
    """With no attempt left the file is there, and is returned."""
    client = make_client(retry=RetryPolicy(max_attempts=1))
    server.faults["complete"] = ["lose after"]
    assert client.files.upload(large).id == "file-0"


@pytest.mark.parametrize("operation", ["parts", "complete"])
def test_an_upload_that_is_refused_is_given_up(
    client: Any, server: Uploading, large: Path, operation: str, tmp_path: Path
) -> None:
    """It is cancelled, and no state is left."""
    server.faults[operation] = [error_response(400)]
    state = tmp_path / "state"
    with pytest.raises(BadRequest):
        client.files.upload(large, state=state)
    assert server.statuses == ("cancelled",)
    assert sorted(tmp_path.iterdir()) == [large]


def test_without_a_state_file_any_failure_gives_the_upload_up(
    make_client: Any, server: Uploading, large: Path
) -> None:
    """Nobody could go on with it."""
    server.faults["parts"] = ["500 before"] * 9
    with pytest.raises(ServerError):
        make_client(retry=RetryPolicy(max_attempts=1)).files.upload(large)
    assert server.statuses == ("cancelled",)


# --- going on after a crash ------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["refuse", "lose before", "500 before"])
def test_an_upload_goes_on_where_it_stopped(
    make_client: Any, server: Uploading, large: Path, tmp_path: Path, fault: str
) -> None:
    """What had arrived is not sent again, and the state file goes when all is done."""
    client = make_client(retry=RetryPolicy(max_attempts=1))
    state = tmp_path / "state.json"
    server.before = lambda operation: server.faults.update(
        parts=[fault] * 9 if server.asked.count("parts") > 4 else []
    )
    with pytest.raises((ConnectionFailed, ServerError)):
        client.files.upload(large, state=state)
    assert "sk-test" not in state.read_text("utf-8")
    server.before = lambda operation: None
    server.faults, server.asked = {}, []
    seen: list[int] = []
    client.files.upload(large, state=str(state), on_progress=lambda sent, _: seen.append(sent))
    assert server.asked == ["parts", "complete"]
    assert min(seen) >= 4 * PART
    assert server.uploads["upload_0"]["content"] == CONTENT
    assert sorted(tmp_path.iterdir()) == [large]


def interrupted(client: Any, server: Uploading, large: Path, state: Path) -> None:
    """Have an upload stop half way."""
    server.faults["complete"] = ["refuse"] * 9
    with pytest.raises(ConnectionFailed):
        client.files.upload(large, state=state)
    server.faults, server.asked = {}, []


def test_an_upload_that_had_worked_is_found(make_client: Any, server: Uploading, large: Path) -> None:
    """The process was gone before it heard: another call makes no second file."""
    client = make_client(retry=RetryPolicy(max_attempts=1))
    state = large.with_name("state")
    interrupted(client, server, large, state)
    server.before = lambda operation: None
    md5 = hashlib.md5(CONTENT).hexdigest()
    parts = json.loads(state.read_bytes())["parts"]
    body = {"part_ids": [parts[key] for key in sorted(parts)], "md5": md5}
    server.complete(httpx.Request("POST", "https://x", json=body), "upload_0")
    assert client.files.upload(large, state=state).id == "file-0"
    assert server.asked == ["complete", "list"]
    assert not state.exists()


@pytest.mark.parametrize("change", ["content", "purpose", "expiry", "expired", "gone", "garbage"])
def test_a_state_of_something_else_is_not_gone_on_with(
    make_client: Any, server: Uploading, large: Path, change: str, clock: Any
) -> None:
    """The file is sent from its beginning."""
    client = make_client(retry=RetryPolicy(max_attempts=1))
    state = large.with_name("state")
    options: dict[str, Any] = {}
    interrupted(client, server, large, state)
    match change:
        case "content":
            large.write_bytes(CONTENT[::-1])
        case "purpose":
            options = {"purpose": "batch"}
        case "expiry":
            options = {"expires_after": 3600}
        case "expired":
            clock.now += 3590
        case "gone":
            server.uploads["upload_0"]["status"] = "expired"
        case "garbage":
            state.write_bytes(b'{"file": [')
    client.files.upload(large, state=state, **options)
    assert server.asked[-7:] == ["create", *["parts"] * len(PARTS), "complete"]
    assert server.uploads["upload_1"]["content"] == large.read_bytes()
    assert not state.exists()


@pytest.mark.parametrize("name", ["", "missing/state", "large.jsonl/state", "a\0b", "x" * 260])
def test_a_state_file_that_cannot_be_written_is_named(
    client: Any, server: Uploading, large: Path, name: str
) -> None:
    """Before anything is sent, and with nothing left behind."""
    with pytest.raises(InvalidRequestError, match="cannot be written") as e:
        client.files.upload(large, state=f"{large.parent}/{name}")
    assert e.value.field == "state"
    assert server.asked == []
    assert list(large.parent.iterdir()) == [large]


# --- files that do not hold still ------------------------------------------------------------


def grow(path: Path) -> None:
    """Append a line."""
    with path.open("ab") as file:
        file.write(b"{}\n")


def shrink(path: Path) -> None:
    """Cut the file off."""
    os.truncate(path, 30)


def rewrite(path: Path) -> None:
    """The same size, other content, another time of change."""
    path.write_bytes(CONTENT[::-1])
    os.utime(path, (1, 1))


@pytest.mark.parametrize("change", [grow, shrink, rewrite, Path.unlink])
@pytest.mark.parametrize("form", ["path", "open file"])
def test_a_large_file_that_changes_on_its_way_is_named(
    client: Any, server: Uploading, large: Path, change: Callable[[Path], None], form: str
) -> None:
    """`DatasetError`, the upload cancelled, and no file made of two states."""
    if form == "open file" and change == Path.unlink:
        pytest.skip("an open file outlives its name")
    server.before = lambda operation: change(large) if operation == "create" else None
    with large.open("rb") as file, pytest.raises(DatasetError, match=r"large.jsonl"):
        client.files.upload(file if form == "open file" else large)
    assert server.statuses == ("cancelled",)
    assert server.files == []


@pytest.mark.parametrize("change", [grow, shrink, rewrite, Path.unlink])
def test_a_small_file_that_changes_on_its_way_is_named(
    client: Any, wire: Wire, large: Path, change: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was made of it is deleted again."""
    monkeypatch.setattr(file_upload, "LARGEST_FILE", 4000)

    def made(_: httpx.Request) -> httpx.Response:
        change(large)
        return httpx.Response(200, json=file_json())

    wire.then(made, {"id": "file-1", "object": "file", "deleted": True})
    with pytest.raises(DatasetError, match=r"large.jsonl"):
        client.files.upload(large)
    assert wire.asked == ["POST /files", "DELETE /files/file-1"]


def test_a_source_that_lost_its_end_is_not_sent_short(client: Any, wire: Wire) -> None:
    """Its size was announced: fewer bytes than that are no file."""
    source = io.BytesIO(CONTENT[:30])

    def cut(_: httpx.Request) -> httpx.Response:
        source.truncate(5)
        return error_response(429)

    wire.then(cut)
    with pytest.raises(DatasetError, match="changed while it was being sent"):
        client.files.upload(source)


def test_more_than_the_service_takes_is_refused_before_it_is_read(
    client: Any, server: Uploading, tmp_path: Path
) -> None:
    """The limit of the contract is named."""
    path = tmp_path / "huge.jsonl"
    with path.open("wb") as file:
        file.truncate(8 * 1024**3 + 1)
    with pytest.raises(InvalidRequestError, match=r"bytes: must be at most 8589934592"):
        client.files.upload(path)
    assert server.asked == []


# --- by hand ---------------------------------------------------------------------------------


def test_an_upload_can_be_made_by_hand(client: Any, server: Uploading) -> None:
    """Create, add, complete: parts in any order, joined in the order they are named."""
    upload = client.uploads.create(filename="x.jsonl", bytes=len(CONTENT))
    added = [client.uploads.add_part(upload.id, part) for part in PARTS[::-1]]
    md5 = hashlib.md5(CONTENT).hexdigest()
    done = client.uploads.complete(upload.id, [part.id for part in added[::-1]], md5=md5)
    assert done.file.id == "file-0"
    assert server.uploads[upload.id]["content"] == CONTENT


def test_an_upload_can_be_cancelled_by_hand(client: Any, server: Uploading) -> None:
    """The service says that it is."""
    upload = client.uploads.create(filename="x.jsonl", bytes=5, purpose="batch", expires_after=3600)
    assert client.uploads.cancel(upload.id).status == "cancelled"


def test_a_part_that_is_too_large_is_refused(client: Any, server: Uploading) -> None:
    """Before it is sent, with the limit."""
    with pytest.raises(InvalidRequestError, match=r"at most 20 bytes, and has 21") as e:
        client.uploads.add_part("upload_0", b"x" * (PART + 1))
    assert e.value.field == "data"
    assert server.asked == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"bytes": -1}, "bytes"),
        ({"bytes": "5"}, "bytes"),
        ({"bytes": 8 * 1024**3 + 1}, "bytes"),
        ({"purpose": "none"}, "purpose"),
        ({"filename": 5}, "filename"),
        ({"expires_after": 3599}, "expires_after.seconds"),
    ],
)
def test_the_contracts_limits_on_uploads_are_checked(
    client: Any, server: Uploading, changes: dict[str, Any], field: str
) -> None:
    """Named, before anything is sent."""
    with pytest.raises(InvalidRequestError) as e:
        client.uploads.create(**{"filename": "x", "bytes": 5, **changes})
    assert e.value.field == field
    assert server.asked == []
