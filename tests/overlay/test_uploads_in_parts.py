"""Uploads in parts: each part is retried separately, and the upload makes one file and can be resumed."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import os
from collections.abc import Callable
from pathlib import Path
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

from .conftest import (
    FakeServer,
    created_file,
    error_response,
    file_json,
    list_json,
)
from .upload_handler import CONTENT, PART, PARTS, UploadHandler


@pytest.fixture(autouse=True)
def _small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lower the limits of the contract to a few bytes."""
    monkeypatch.setattr(file_upload, "LARGEST_FILE", 40)
    monkeypatch.setattr(upload_in_parts, "PART_SIZE", PART)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A file too large for one request, of five parts of 20 bytes."""
    path = tmp_path / "large.jsonl"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def handler(server: FakeServer) -> UploadHandler:
    """An `UploadHandler` that responds to all requests."""
    server.handler = found = UploadHandler()
    return found


def test_large_file_is_uploaded_in_parts(client: Any, handler: UploadHandler, large: Path) -> None:
    """The parts are joined in order, and the MD5 of the whole file is sent."""
    assert client.files.upload(large).id == "file-0"
    assert handler.uploads["upload_0"]["content"] == CONTENT
    assert handler.operations == ["create", *["parts"] * len(PARTS), "complete"]


def test_file_at_the_limit_is_one_request(client: Any, server: FakeServer, tmp_path: Path) -> None:
    """Only larger files are sent in parts."""
    path = tmp_path / "small.jsonl"
    path.write_bytes(b"x" * 40)
    server.enqueue(created_file)
    client.files.upload(path)
    assert server.calls == ["POST /files"]


def test_filename_purpose_and_expiry_are_sent(client: Any, handler: UploadHandler, large: Path) -> None:
    """They have the same meaning as for a small file."""
    client.files.upload(large, filename="other.jsonl", purpose="batch", expires_after=3600)
    upload = handler.uploads["upload_0"]
    assert (upload["filename"], upload["purpose"]) == ("other.jsonl", "batch")
    assert upload["expires_after"] == {"anchor": "created_at", "seconds": 3600}


@pytest.mark.parametrize("form", ["bytes", "BytesIO", "open file"])
def test_every_kind_of_large_source_is_uploaded(
    client: Any, handler: UploadHandler, large: Path, form: str
) -> None:
    """Several parts are read concurrently from any source."""
    with large.open("rb") as file:
        sources = {"bytes": CONTENT, "BytesIO": io.BytesIO(CONTENT), "open file": file}
        client.files.upload(sources[form])
    assert handler.uploads["upload_0"]["content"] == CONTENT


def test_on_progress_reaches_the_size(client: Any, handler: UploadHandler, large: Path) -> None:
    """It is called with the bytes sent and the total."""
    seen: list[tuple[int, int]] = []
    client.files.upload(large, on_progress=lambda sent, size: seen.append((sent, size)))
    assert max(seen) == (len(CONTENT), len(CONTENT))
    assert {size for _, size in seen} == {len(CONTENT)}


def test_on_progress_is_called_for_a_small_file(client: Any, server: FakeServer, train: Path) -> None:
    """An upload in one request reports its progress too."""
    server.enqueue(file_json())
    seen: list[tuple[int, int]] = []
    client.files.upload(train, on_progress=lambda sent, size: seen.append((sent, size)))
    assert seen[-1] == (train.stat().st_size, train.stat().st_size)


def test_exception_of_on_progress_reaches_the_caller(
    client: Any, handler: UploadHandler, large: Path
) -> None:
    """It is raised unchanged, from any thread or task."""

    def stop(_sent: int, _size: int) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        client.files.upload(large, on_progress=stop)


@pytest.mark.parametrize("fault", ["refuse", "lose before", "lose after", "500 before", "500 after"])
def test_each_part_is_retried(client: Any, handler: UploadHandler, large: Path, fault: str) -> None:
    """Only the named parts are joined, so the file is correct."""
    handler.faults["parts"] = [fault] * 3
    client.files.upload(large)
    assert handler.uploads["upload_0"]["content"] == CONTENT


def test_any_sequence_of_faults_makes_at_most_one_file(
    make_client: Any, server: FakeServer, large: Path
) -> None:
    """Creation and completion fail in any combination; the one file is returned."""
    client = make_client(retry=RetryPolicy(max_attempts=3))
    faults = ("refuse", "lose before", "lose after", "500 after", "ok")
    for faults_of_complete in itertools.product(faults, repeat=3):
        server.handler = handler = UploadHandler()
        handler.faults = {"create": [faults_of_complete[1]], "complete": list(faults_of_complete)}
        try:
            file = client.files.upload(large)
        except FineTuningError:
            assert len(handler.files) <= 1, faults_of_complete
        else:
            assert [file.id] == [f["id"] for f in handler.files], faults_of_complete


def test_lost_completion_on_the_last_attempt_is_found(
    make_client: Any, handler: UploadHandler, large: Path
) -> None:
    """The file exists, and is returned."""
    client = make_client(retry=RetryPolicy(max_attempts=1))
    handler.faults["complete"] = ["lose after"]
    assert client.files.upload(large).id == "file-0"


@pytest.mark.parametrize("operation", ["parts", "complete"])
def test_refused_upload_is_cancelled(
    client: Any, handler: UploadHandler, large: Path, operation: str, tmp_path: Path
) -> None:
    """No state file is left."""
    handler.faults[operation] = [error_response(400)]
    state = tmp_path / "state"
    with pytest.raises(BadRequest):
        client.files.upload(large, state=state)
    assert handler.statuses == ("cancelled",)
    assert sorted(tmp_path.iterdir()) == [large]


def test_failure_without_a_state_file_cancels_the_upload(
    make_client: Any, handler: UploadHandler, large: Path
) -> None:
    """The upload could not be resumed."""
    handler.faults["parts"] = ["500 before"] * 9
    with pytest.raises(ServerError):
        make_client(retry=RetryPolicy(max_attempts=1)).files.upload(large)
    assert handler.statuses == ("cancelled",)


# --- resuming --------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["refuse", "lose before", "500 before"])
def test_interrupted_upload_is_resumed(
    make_client: Any, handler: UploadHandler, large: Path, tmp_path: Path, fault: str
) -> None:
    """Parts that arrived are not sent again, and the state file is deleted at the end."""
    client = make_client(retry=RetryPolicy(max_attempts=1))
    state = tmp_path / "state.json"
    handler.before = lambda operation: handler.faults.update(
        parts=[fault] * 9 if handler.operations.count("parts") > 4 else []
    )
    with pytest.raises((ConnectionFailed, ServerError)):
        client.files.upload(large, state=state)
    assert "sk-test" not in state.read_text("utf-8")
    handler.before = lambda operation: None
    handler.faults, handler.operations = {}, []
    seen: list[int] = []
    client.files.upload(large, state=str(state), on_progress=lambda sent, _: seen.append(sent))
    assert handler.operations == ["parts", "complete"]
    assert min(seen) >= 4 * PART
    assert handler.uploads["upload_0"]["content"] == CONTENT
    assert sorted(tmp_path.iterdir()) == [large]


def interrupt_upload(client: Any, handler: UploadHandler, large: Path, state: Path) -> None:
    """Make an upload fail before its completion."""
    handler.faults["complete"] = ["refuse"] * 9
    with pytest.raises(ConnectionFailed):
        client.files.upload(large, state=state)
    handler.faults, handler.operations = {}, []


def test_completed_upload_is_found_after_a_crash(
    make_client: Any, handler: UploadHandler, large: Path
) -> None:
    """The process ended before it received the response; the next call creates no second file."""
    client = make_client(retry=RetryPolicy(max_attempts=1))
    state = large.with_name("state")
    interrupt_upload(client, handler, large, state)
    handler.before = lambda operation: None
    md5 = hashlib.md5(CONTENT).hexdigest()
    parts = json.loads(state.read_bytes())["parts"]
    body = {"part_ids": [parts[key] for key in sorted(parts)], "md5": md5}
    handler.complete(httpx.Request("POST", "https://x", json=body), "upload_0")
    assert client.files.upload(large, state=state).id == "file-0"
    assert handler.operations == ["complete", "list"]
    assert not state.exists()


@pytest.mark.parametrize("change", ["content", "purpose", "expiry", "expired", "gone", "garbage"])
def test_state_that_does_not_apply_is_ignored(
    make_client: Any, handler: UploadHandler, large: Path, change: str, clock: Any
) -> None:
    """The file is sent from its beginning."""
    client = make_client(retry=RetryPolicy(max_attempts=1))
    state = large.with_name("state")
    options: dict[str, Any] = {}
    interrupt_upload(client, handler, large, state)
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
            handler.uploads["upload_0"]["status"] = "expired"
        case "garbage":
            state.write_bytes(b'{"file": [')
    client.files.upload(large, state=state, **options)
    assert handler.operations[-7:] == ["create", *["parts"] * len(PARTS), "complete"]
    assert handler.uploads["upload_1"]["content"] == large.read_bytes()
    assert not state.exists()


@pytest.mark.parametrize("name", ["", "missing/state", "large.jsonl/state", "a\0b", "x" * 260])
def test_unwritable_state_file_is_refused_before_sending(
    client: Any, handler: UploadHandler, large: Path, name: str
) -> None:
    """No file is left behind."""
    with pytest.raises(InvalidRequestError, match=r"state file .*cannot be written") as e:
        client.files.upload(large, state=f"{large.parent}/{name}")
    assert e.value.field == "state"
    assert handler.operations == []
    assert list(large.parent.iterdir()) == [large]


# --- files that change ----------------------------------------------------------------------


def grow(path: Path) -> None:
    """Append a line."""
    with path.open("ab") as file:
        file.write(b"{}\n")


def shrink(path: Path) -> None:
    """Truncate the file."""
    os.truncate(path, 30)


def rewrite(path: Path) -> None:
    """Change the content and the modification time, but not the size."""
    path.write_bytes(CONTENT[::-1])
    os.utime(path, (1, 1))


@pytest.mark.parametrize("change", [grow, shrink, rewrite, Path.unlink])
@pytest.mark.parametrize("form", ["path", "open file"])
def test_large_file_that_changes_during_the_upload_is_refused(
    client: Any, handler: UploadHandler, large: Path, change: Callable[[Path], None], form: str
) -> None:
    """The upload is cancelled, and no file is created from mixed content."""
    if form == "open file" and change == Path.unlink:
        pytest.skip("a deleted file can still be read while it is open")
    handler.before = lambda operation: change(large) if operation == "create" else None
    with large.open("rb") as file, pytest.raises(DatasetError, match=r"large.jsonl"):
        client.files.upload(file if form == "open file" else large)
    assert handler.statuses == ("cancelled",)
    assert handler.files == []


@pytest.mark.parametrize("change", [grow, shrink, rewrite, Path.unlink])
def test_small_file_that_changes_during_the_upload_is_deleted(
    client: Any,
    server: FakeServer,
    large: Path,
    change: Callable[[Path], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The file that was created from mixed content is deleted."""
    monkeypatch.setattr(file_upload, "LARGEST_FILE", 4000)

    def made(request: httpx.Request) -> httpx.Response:
        change(large)
        return created_file(request)

    server.enqueue(made, {"id": "file-1", "object": "file", "deleted": True})
    with pytest.raises(DatasetError, match=r"large.jsonl"):
        client.files.upload(large)
    assert server.calls == ["POST /files", "DELETE /files/file-1"]


def test_truncated_source_is_not_sent_short(client: Any, server: FakeServer) -> None:
    """The request announces a size, and fewer bytes than that are an error."""
    source = io.BytesIO(CONTENT[:30])

    def cut(_: httpx.Request) -> httpx.Response:
        source.truncate(5)
        return error_response(429)

    server.enqueue(cut, *[list_json()] * 3)
    with pytest.raises(DatasetError, match="changed during the upload"):
        client.files.upload(source)


def test_file_over_8_gb_is_refused_before_it_is_read(
    client: Any, handler: UploadHandler, tmp_path: Path
) -> None:
    """The error names the limit of the contract."""
    path = tmp_path / "huge.jsonl"
    with path.open("wb") as file:
        file.truncate(8 * 1024**3 + 1)
    with pytest.raises(InvalidRequestError, match=r"bytes: must be at most 8589934592"):
        client.files.upload(path)
    assert handler.operations == []


# --- step by step ----------------------------------------------------------------------------


def test_an_upload_can_be_made_step_by_step(client: Any, handler: UploadHandler) -> None:
    """Parts are sent in any order, and joined in the order in which they are named."""
    upload = client.uploads.create(filename="x.jsonl", bytes=len(CONTENT))
    added = [client.uploads.add_part(upload.id, part) for part in PARTS[::-1]]
    md5 = hashlib.md5(CONTENT).hexdigest()
    done = client.uploads.complete(upload.id, [part.id for part in added[::-1]], md5=md5)
    assert done.file.id == "file-0"
    assert handler.uploads[upload.id]["content"] == CONTENT


def test_cancel_returns_the_cancelled_upload(client: Any, handler: UploadHandler) -> None:
    """The result has the new status."""
    upload = client.uploads.create(filename="x.jsonl", bytes=5, purpose="batch", expires_after=3600)
    assert client.uploads.cancel(upload.id).status == "cancelled"


def test_part_over_the_limit_is_refused(client: Any, handler: UploadHandler) -> None:
    """The error names the limit, and nothing is sent."""
    with pytest.raises(InvalidRequestError, match=r"at most 20 bytes, not 21: split it") as e:
        client.uploads.add_part("upload_0", b"x" * (PART + 1))
    assert e.value.field == "data"
    assert handler.operations == []


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
def test_limits_of_the_contract_are_checked_before_sending(
    client: Any, handler: UploadHandler, changes: dict[str, Any], field: str
) -> None:
    """The error names the field."""
    with pytest.raises(InvalidRequestError) as e:
        client.uploads.create(**{"filename": "x", "bytes": 5, **changes})
    assert e.value.field == field
    assert handler.operations == []
