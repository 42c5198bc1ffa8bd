"""Files at the service: described, listed, deleted, waited for, and fetched whole or not at all."""

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

from .conftest import JSONL, ManualClock, Wire, error_response, file_json, list_json

# --- reading and deleting --------------------------------------------------------------------


def test_a_file_is_described(client: Any, wire: Wire) -> None:
    """Its fields are typed."""
    wire.then(file_json())
    file = client.files.retrieve("file-1")
    assert (file.filename, file.bytes, file.status.is_known) == ("train.jsonl", len(JSONL), True)
    assert wire.asked == ["GET /files/file-1"]


def test_files_are_listed_by_purpose_and_order(client: Any, wire: Wire) -> None:
    """The filters go along on every page."""
    wire.then(list_json(file_json(id="file-2"), has_more=True), list_json(file_json()))
    found = client.files.list(purpose="fine-tune", order="asc")
    assert [file.id for file in found] == ["file-2", "file-1"]
    for request in wire.requests:
        assert (request.url.params["purpose"], request.url.params["order"]) == ("fine-tune", "asc")


def test_an_order_that_there_is_not_is_refused(client: Any, wire: Wire) -> None:
    """The error names the two that there are."""
    with pytest.raises(InvalidRequestError, match="'asc', 'desc'"):
        client.files.list(order="newest")


def test_a_file_is_deleted(client: Any, wire: Wire) -> None:
    """The answer says so."""
    wire.then({"id": "file-1", "object": "file", "deleted": True})
    assert client.files.delete("file-1").deleted is True
    assert wire.asked == ["DELETE /files/file-1"]


def test_a_file_that_is_gone_after_a_lost_answer_was_deleted(client: Any, wire: Wire) -> None:
    """The lost attempt worked."""
    wire.then(httpx.ReadError("reset"), error_response(404))
    deleted = client.files.delete("file-1")
    assert (deleted.id, deleted.deleted) == ("file-1", True)


@pytest.mark.parametrize("first", [[], [httpx.ConnectError("refused")], [error_response(429)]])
def test_a_file_that_was_never_there_is_not_found(client: Any, wire: Wire, first: list[Any]) -> None:
    """Without a lost answer, 404 means what it says."""
    wire.then(*first, error_response(404))
    with pytest.raises(NotFound):
        client.files.delete("file-1")


@pytest.mark.parametrize("call", ["retrieve", "delete", "content", "wait_processed"])
@pytest.mark.parametrize("bad", ["", "..", None], ids=repr)
def test_an_id_that_leads_elsewhere_is_refused(client: Any, wire: Wire, call: str, bad: Any) -> None:
    """An empty id would be that of the list; nothing is sent."""
    with pytest.raises(InvalidRequestError):
        getattr(client.files, call)(bad)
    assert wire.requests == []


# --- content ---------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"", b"a,b\n1,2\n", bytes(range(256)) * 100, b'"quoted"', b"null"])
def test_content_is_what_was_served(client: Any, wire: Wire, body: bytes) -> None:
    """Byte for byte, whatever it looks like."""
    wire.then(httpx.Response(200, content=body))
    assert client.files.content("file-1") == body
    assert wire.asked == ["GET /files/file-1/content"]


def test_a_download_is_written_to_its_path(client: Any, wire: Wire, tmp_path: Path) -> None:
    """The path comes back; nothing else is left in the directory."""
    wire.then(httpx.Response(200, content=JSONL))
    path = client.files.download("file-1", str(tmp_path / "result.csv"))
    assert path == tmp_path / "result.csv"
    assert path.read_bytes() == JSONL
    assert list(tmp_path.iterdir()) == [path]


def test_a_download_replaces_what_was_there(client: Any, wire: Wire, train: Path) -> None:
    """Only the new content is left."""
    wire.then(httpx.Response(200, content=b"new"))
    client.files.download("file-1", train)
    assert train.read_bytes() == b"new"


class Cut(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that breaks off."""

    def __iter__(self) -> Iterator[bytes]:
        yield b"half of "
        raise httpx.ReadError("reset")

    async def __aiter__(self) -> Any:
        yield b"half of "
        raise httpx.ReadError("reset")


def cut(_: httpx.Request) -> httpx.Response:
    """An answer that breaks off."""
    return httpx.Response(200, stream=Cut())


def test_a_download_that_breaks_off_begins_again(client: Any, wire: Wire, tmp_path: Path) -> None:
    """Nothing of the first half is left in the file."""
    wire.then(cut, error_response(503), httpx.Response(200, content=b"it"))
    assert client.files.download("file-1", tmp_path / "x").read_bytes() == b"it"


@pytest.mark.parametrize("failure", [cut, error_response(404), httpx.ConnectError("refused")])
def test_a_failed_download_leaves_what_was_there(
    make_client: Any, wire: Wire, train: Path, failure: Any
) -> None:
    """The old content stays, and no half of the new is left behind."""
    wire.then(failure)
    with pytest.raises((ApiError, ConnectionFailed)):
        make_client(retry=RetryPolicy(max_attempts=1)).files.download("file-1", train)
    assert train.read_bytes() == JSONL
    assert list(train.parent.iterdir()) == [train]


def test_a_full_disk_leaves_what_was_there(
    client: Any, wire: Wire, train: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One clear error, the old content, and nothing half-written."""
    wire.then(httpx.Response(200, content=b"new"))
    monkeypatch.setattr(Path, "open", on_full_disk)
    with pytest.raises(InvalidRequestError, match=r"train.jsonl: cannot be written: No space left"):
        client.files.download("file-1", train)
    monkeypatch.undo()
    assert train.read_bytes() == JSONL
    assert list(train.parent.iterdir()) == [train]
    assert len(wire.requests) == 1


class FullDisk(io.FileIO):
    """A file on a full disk."""

    def write(self, _: Any, /) -> int:
        """Fail."""
        raise OSError(28, "No space left on device")


def on_full_disk(path: Path, mode: str) -> FullDisk:
    """What `Path.open` gives there."""
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
def test_a_target_that_cannot_be_written_is_named(
    client: Any, wire: Wire, train: Path, target: str, reason: str
) -> None:
    """`InvalidRequestError`, before anything is asked of the service."""
    with pytest.raises(InvalidRequestError, match=reason) as e:
        client.files.download("file-1", f"{train.parent}/{target}")
    assert e.value.field == "path"
    assert wire.requests == []
    assert list(train.parent.iterdir()) == [train]


@pytest.mark.parametrize("target", ["/", ".", "", None, 5], ids=repr)
def test_a_target_that_is_no_file_is_refused(client: Any, wire: Wire, target: Any) -> None:
    """A directory has no content to replace, and a number is no path."""
    with pytest.raises(InvalidRequestError, match=r"not a path|is a directory"):
        client.files.download("file-1", target)
    assert wire.requests == []


# --- waiting ---------------------------------------------------------------------------------


def test_wait_processed_looks_until_the_service_is_done(client: Any, wire: Wire, clock: ManualClock) -> None:
    """Also through a status that this release does not know."""
    wire.then(*[file_json(status=s) for s in ("uploaded", "scanning", "processed")])
    assert client.files.wait_processed("file-1").status == "processed"
    assert clock.slept == [0.5, 0.6]


def test_a_server_without_file_statuses_is_taken_to_be_done(client: Any, wire: Wire) -> None:
    """The field is deprecated, and may be missing or null."""
    without = file_json()
    del without["status"]
    wire.then(without, file_json(status=None))
    assert client.files.wait_processed("file-1").id == "file-1"
    assert client.files.wait_processed("file-1").id == "file-1"


@pytest.mark.parametrize(
    ("details", "shown"), [("Line 3 is not JSON", "Line 3"), (None, "no details"), ({"a": 1}, "no details")]
)
def test_a_file_that_the_service_refuses_is_an_error(
    client: Any, wire: Wire, details: Any, shown: str
) -> None:
    """`DatasetError`, with what the service says about it."""
    wire.then(file_json(status="error", status_details=details))
    with pytest.raises(DatasetError, match=f"file-1: the service refuses the file: {shown}"):
        client.files.wait_processed("file-1")


def test_wait_processed_ends_at_its_timeout(client: Any, wire: Wire, clock: ManualClock) -> None:
    """By the clock, not by the next look."""
    wire.then(*[file_json(status="uploaded") for _ in range(3)])
    with pytest.raises(WaitTimeout, match="file-1 is still 'uploaded' after 15 s"):
        client.files.wait_processed("file-1", timeout=15, poll_interval=10)
    assert clock.slept == [10, 5]


@pytest.mark.parametrize("options", [{"timeout": -1}, {"poll_interval": 0}, {"timeout": "soon"}])
def test_times_that_make_no_sense_are_refused(client: Any, wire: Wire, options: dict[str, Any]) -> None:
    """Nothing is sent for them."""
    with pytest.raises(InvalidRequestError):
        client.files.wait_processed("file-1", **options)
    assert wire.requests == []
