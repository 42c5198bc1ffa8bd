"""Files are read, listed, deleted, downloaded, and waited for."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from finetuning_client import (
    ApiError,
    ConnectionFailed,
    DatasetError,
    InvalidRequestError,
    NotFound,
    RetryPolicy,
    WaitTimeout,
)

from .conftest import JSONL, FakeServer, ManualClock, error_response, file_json, list_json

# --- reading and deleting --------------------------------------------------------------------


def test_retrieve_returns_typed_fields(client: Any, server: FakeServer) -> None:
    """A file's fields have the types of `File`."""
    server.enqueue(file_json())
    file = client.files.retrieve("file-1")
    assert (file.filename, file.bytes, file.status.is_known) == ("train.jsonl", len(JSONL), True)
    assert server.calls == ["GET /files/file-1"]


def test_list_sends_filters_with_every_page(client: Any, server: FakeServer) -> None:
    """Purpose and order are sent with each request."""
    server.enqueue(list_json(file_json(id="file-2"), has_more=True), list_json(file_json()))
    found = client.files.list(purpose="fine-tune", order="asc")
    assert [file.id for file in found] == ["file-2", "file-1"]
    for request in server.requests:
        assert (request.url.params["purpose"], request.url.params["order"]) == ("fine-tune", "asc")


def test_unknown_order_is_refused(client: Any, server: FakeServer) -> None:
    """The error names the known values."""
    with pytest.raises(InvalidRequestError, match="'asc', 'desc'"):
        client.files.list(order="newest")


def test_delete_returns_the_result(client: Any, server: FakeServer) -> None:
    """The result says that the file is deleted."""
    server.enqueue({"id": "file-1", "object": "file", "deleted": True})
    assert client.files.delete("file-1").deleted is True
    assert server.calls == ["DELETE /files/file-1"]


def test_404_after_a_lost_response_counts_as_deleted(client: Any, server: FakeServer) -> None:
    """The lost attempt deleted the file."""
    server.enqueue(httpx.ReadError("reset"), error_response(404))
    deleted = client.files.delete("file-1")
    assert (deleted.id, deleted.deleted) == ("file-1", True)


@pytest.mark.parametrize("first", [[], [httpx.ConnectError("refused")], [error_response(429)]])
def test_404_without_a_lost_response_raises_not_found(
    client: Any, server: FakeServer, first: list[Any]
) -> None:
    """Refused attempts do not count as lost."""
    server.enqueue(*first, error_response(404))
    with pytest.raises(NotFound):
        client.files.delete("file-1")


@pytest.mark.parametrize("call", ["retrieve", "delete", "content", "wait_processed"])
@pytest.mark.parametrize("bad", ["", "..", None], ids=repr)
def test_id_that_would_change_the_endpoint_is_refused(
    client: Any, server: FakeServer, call: str, bad: Any
) -> None:
    """An empty id would address the list: nothing is sent."""
    with pytest.raises(InvalidRequestError):
        getattr(client.files, call)(bad)
    assert server.requests == []


# --- content ---------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"a,b\n1,2\n", bytes(range(256)) * 100, b'"quoted"', b"null"])
def test_content_is_returned_unchanged(client: Any, server: FakeServer, body: bytes) -> None:
    """The bytes are those of the response."""
    server.enqueue(httpx.Response(200, content=body))
    assert client.files.content("file-1") == body
    assert server.calls == ["GET /files/file-1/content"]


@pytest.mark.parametrize("call", ["content", "download"])
def test_empty_content_is_requested_once_more(
    client: Any, make_client: Any, server: FakeServer, tmp_path: Path, call: str
) -> None:
    """An empty body is usually a fault, not an empty file; a second empty body is accepted."""

    def read(reader: Any) -> bytes:
        if call == "content":
            return bytes(reader.files.content("file-1"))
        return Path(reader.files.download("file-1", tmp_path / "x")).read_bytes()

    empty, full = httpx.Response(200, content=b""), httpx.Response(200, content=JSONL)
    server.enqueue(empty, full)
    assert read(client) == JSONL
    server.enqueue(empty, empty)
    assert read(client) == b""
    server.enqueue(empty)
    assert read(make_client(retry=RetryPolicy(max_attempts=1))) == b""
    server.enqueue(httpx.Response(200, content=b"<html>", headers={"content-type": "text/html"}), full)
    assert read(client) == JSONL
    assert server.queue == []


def test_download_writes_the_file_and_returns_its_path(
    client: Any, server: FakeServer, tmp_path: Path
) -> None:
    """Nothing else is left in the directory."""
    server.enqueue(httpx.Response(200, content=JSONL))
    path = client.files.download("file-1", str(tmp_path / "result.csv"))
    assert path == tmp_path / "result.csv"
    assert path.read_bytes() == JSONL
    assert list(tmp_path.iterdir()) == [path]


def test_download_replaces_an_existing_file(client: Any, server: FakeServer, train: Path) -> None:
    """Only the new content is left."""
    server.enqueue(httpx.Response(200, content=b"new"))
    client.files.download("file-1", train)
    assert train.read_bytes() == b"new"


class CutBody(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that is cut in the middle."""

    def __iter__(self) -> Iterator[bytes]:
        yield b"half of "
        raise httpx.ReadError("reset")

    async def __aiter__(self) -> Any:
        yield b"half of "
        raise httpx.ReadError("reset")


def cut_response(_: httpx.Request) -> httpx.Response:
    """Return a response whose body is cut."""
    return httpx.Response(200, stream=CutBody())


@pytest.mark.parametrize("failure", [cut_response, error_response(404), httpx.ConnectError("refused")])
def test_failed_download_keeps_the_existing_file(
    make_client: Any, server: FakeServer, train: Path, failure: Any
) -> None:
    """The old content stays, and no partial file is left."""
    server.enqueue(failure)
    with pytest.raises((ApiError, ConnectionFailed)):
        make_client(retry=RetryPolicy(max_attempts=1)).files.download("file-1", train)
    assert train.read_bytes() == JSONL
    assert list(train.parent.iterdir()) == [train]


def test_full_disk_keeps_the_existing_file(
    client: Any, server: FakeServer, train: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error is an `InvalidRequestError`, and no partial file is left."""
    server.enqueue(httpx.Response(200, content=b"new"))
    monkeypatch.setattr(Path, "open", open_on_full_disk)
    with pytest.raises(InvalidRequestError, match=r"train.jsonl: cannot be written: No space left"):
        client.files.download("file-1", train)
    monkeypatch.undo()
    assert train.read_bytes() == JSONL
    assert list(train.parent.iterdir()) == [train]
    assert len(server.requests) == 1


class FullDisk(io.FileIO):
    """A file on a full disk."""

    def write(self, _: Any, /) -> int:
        """Fail."""
        raise OSError(28, "No space left on device")


def open_on_full_disk(path: Path, mode: str) -> FullDisk:
    """Replacement for `Path.open` on a full disk."""
    return FullDisk(path, mode)


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("", "is a directory"),
        ("missing/result.csv", "No such file or directory"),
        ("train.jsonl/result.csv", "Not a directory"),
        ("a\0b", "null (byte|character)"),
        ("x" * 300, "name too long"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_unwritable_path_is_refused_before_sending(
    client: Any, server: FakeServer, train: Path, target: str, reason: str
) -> None:
    """The error is an `InvalidRequestError` with the reason."""
    with pytest.raises(InvalidRequestError, match=reason) as e:
        client.files.download("file-1", f"{train.parent}/{target}")
    assert e.value.field == "path"
    assert server.requests == []
    assert list(train.parent.iterdir()) == [train]


@pytest.mark.parametrize("target", ["/", ".", "", None, 5], ids=repr)
def test_path_that_is_not_a_file_is_refused(client: Any, server: FakeServer, target: Any) -> None:
    """Directories and values that are not paths are refused."""
    with pytest.raises(InvalidRequestError, match=r"not a path|is a directory"):
        client.files.download("file-1", target)
    assert server.requests == []


# --- waiting ---------------------------------------------------------------------------------


def test_wait_processed_reads_until_the_file_is_processed(
    client: Any, server: FakeServer, clock: ManualClock
) -> None:
    """It continues at a status that this release does not know."""
    server.enqueue(*[file_json(status=s) for s in ("uploaded", "scanning", "processed")])
    assert client.files.wait_processed("file-1").status == "processed"
    assert clock.slept == [0.5, 0.6]


def test_file_without_a_status_counts_as_processed(client: Any, server: FakeServer) -> None:
    """The field is deprecated, and may be missing or null."""
    without = file_json()
    del without["status"]
    server.enqueue(without, file_json(status=None))
    assert client.files.wait_processed("file-1").id == "file-1"
    assert client.files.wait_processed("file-1").id == "file-1"


@pytest.mark.parametrize(
    ("details", "shown"), [("Line 3 is not JSON", "Line 3"), (None, "no reason"), ({"a": 1}, "no reason")]
)
def test_file_that_the_service_rejects_raises_dataset_error(
    client: Any, server: FakeServer, details: Any, shown: str
) -> None:
    """The error has the service's reason."""
    server.enqueue(file_json(status="error", status_details=details))
    with pytest.raises(DatasetError, match=f"file-1: the service rejected the file: {shown}"):
        client.files.wait_processed("file-1")


def test_wait_processed_ends_at_its_timeout(client: Any, server: FakeServer, clock: ManualClock) -> None:
    """It ends at the timeout, not at the next read after it."""
    server.enqueue(*[file_json(status="uploaded") for _ in range(3)])
    with pytest.raises(WaitTimeout, match="file-1 is still 'uploaded' after 15 s"):
        client.files.wait_processed("file-1", timeout=15, poll_interval=10)
    assert clock.slept == [10, 5]


@pytest.mark.parametrize("options", [{"timeout": -1}, {"poll_interval": 0}, {"timeout": "soon"}])
def test_invalid_times_are_refused(client: Any, server: FakeServer, options: dict[str, Any]) -> None:
    """No request is sent."""
    with pytest.raises(InvalidRequestError):
        client.files.wait_processed("file-1", **options)
    assert server.requests == []
