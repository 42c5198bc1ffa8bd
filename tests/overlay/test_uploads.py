"""Uploads in one request are sent complete and at most once; unusable sources are refused before sending."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from finetuning_client import (
    BadRequest,
    DatasetError,
    InvalidRequestError,
)

from .conftest import (
    JSONL,
    FakeServer,
    created_file,
    error_response,
    multipart_parts,
)

UPLOAD = "POST /files"


@pytest.mark.parametrize("form", ["Path", "str", "bytes", "bytearray", "open file", "BytesIO"])
def test_every_kind_of_source_is_uploaded(client: Any, server: FakeServer, train: Path, form: str) -> None:
    """Each is sent completely, with its purpose; an open file stays open."""
    sources: dict[str, Any] = {
        "Path": train,
        "str": str(train),
        "bytes": JSONL,
        "bytearray": bytearray(JSONL),
        "BytesIO": io.BytesIO(JSONL),
    }
    server.enqueue(created_file)
    if form == "open file":
        with train.open("rb") as file:
            assert client.files.upload(file).id == "file-1"
            assert not file.closed
    else:
        assert client.files.upload(sources[form]).id == "file-1"
    parts = multipart_parts(server.requests[0])
    assert parts["purpose"] == (None, b"fine-tune")
    assert parts["file"][1] == JSONL
    named = form in ("Path", "str", "open file")
    assert parts["file"][0] == ("train.jsonl" if named else "upload.jsonl")


def test_filename_purpose_and_expiry_are_sent(client: Any, server: FakeServer, train: Path) -> None:
    """Nested fields have bracketed names."""
    server.enqueue(created_file)
    client.files.upload(train, filename="other.jsonl", purpose="user_data", expires_after=3600)
    parts = multipart_parts(server.requests[0])
    assert parts["file"][0] == "other.jsonl"
    assert parts["purpose"][1] == b"user_data"
    assert parts["expires_after[anchor]"][1] == b"created_at"
    assert parts["expires_after[seconds]"][1] == b"3600"


def test_open_file_is_sent_from_its_beginning(client: Any, server: FakeServer, train: Path) -> None:
    """Its position does not matter."""
    server.enqueue(created_file)
    with train.open("rb") as file:
        file.read()
        client.files.upload(file)
    assert multipart_parts(server.requests[0])["file"][1] == JSONL


def test_file_without_a_name_gets_a_default_name(client: Any, server: FakeServer) -> None:
    """Temporary files have numbers as names, which the service refuses."""
    server.enqueue(created_file)
    with tempfile.TemporaryFile() as file:
        file.write(JSONL)
        client.files.upload(file)
    assert multipart_parts(server.requests[0])["file"] == ("upload.jsonl", JSONL)


@pytest.mark.skipif(os.name == "nt", reason="filenames on Windows are text")
def test_undecodable_filename_is_sent_with_replacement_characters(
    client: Any, server: FakeServer, tmp_path: Path
) -> None:
    """A file whose name is in another encoding can be uploaded."""
    path = tmp_path / os.fsdecode(b"caf\xe9.jsonl")
    try:
        path.write_bytes(JSONL)
    except OSError:
        pytest.skip("the file system does not allow such names")
    server.enqueue(created_file)
    client.files.upload(path)
    assert multipart_parts(server.requests[0])["file"] == ("caf?.jsonl", JSONL)


def test_each_request_has_a_random_boundary(client: Any, server: FakeServer) -> None:
    """Content cannot be made to contain the boundary."""
    server.enqueue(created_file, created_file)
    client.files.upload(JSONL)
    client.files.upload(JSONL)
    first, second = (request.headers["content-type"] for request in server.requests)
    assert first != second


BAD_SOURCES: dict[str, tuple[Callable[[Path], Any], str]] = {
    "missing": (lambda d: d / "missing.jsonl", "missing.jsonl: no such file"),
    "directory": (lambda d: d, "is a directory"),
    "under a file": (lambda d: d / "empty.jsonl" / "x", "empty.jsonl"),
    "with a NUL": (lambda _: "a\0b.jsonl", "cannot be read"),
    "empty": (lambda d: d / "empty.jsonl", "is empty"),
    "empty bytes": (lambda _: b"", "is empty"),
    "pipe": (lambda d: d / "pipe", "pipe, not a file"),
}


@pytest.fixture
def directory_of_bad_sources(tmp_path: Path) -> Path:
    """A directory with files that cannot be uploaded."""
    (tmp_path / "empty.jsonl").touch()
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
    return tmp_path


@pytest.mark.parametrize("case", BAD_SOURCES)
def test_unusable_source_raises_dataset_error(
    client: Any, server: FakeServer, directory_of_bad_sources: Path, case: str
) -> None:
    """The error names the file and the reason, and nothing is sent."""
    if case == "pipe" and not hasattr(os, "mkfifo"):
        pytest.skip("the operating system has no named pipes")
    make, reason = BAD_SOURCES[case]
    source = make(directory_of_bad_sources)
    with pytest.raises(DatasetError, match=reason) as e:
        client.files.upload(source)
    assert e.value.path == ("the content" if isinstance(source, bytes) else str(source))
    assert server.requests == []


def test_error_of_the_operating_system_is_shown(
    client: Any, server: FakeServer, train: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file without read permission is named with the reason."""

    def refuse(self: Path, *_: Any) -> BinaryIO:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DatasetError, match="cannot be read: Permission denied"):
        client.files.upload(train)


def test_file_open_in_text_mode_is_refused(client: Any, server: FakeServer, train: Path) -> None:
    """Its content could differ from the bytes on disk; the error says how to open it."""
    with (
        train.open(encoding="utf-8") as file,
        pytest.raises(InvalidRequestError, match=r"open\(path, 'rb'\)"),
    ):
        client.files.upload(file)
    with pytest.raises(InvalidRequestError, match="binary mode"):
        client.files.upload(io.StringIO("{}"))


def test_unreadable_open_file_is_refused(client: Any, server: FakeServer, train: Path) -> None:
    """Closed files, files open for writing, and pipes are refused."""
    with train.open("rb") as closed:
        pass
    reading, writing = os.pipe()
    with (
        (train.parent / "new").open("wb") as write_only,
        os.fdopen(reading, "rb") as pipe,
        os.fdopen(writing, "wb"),
    ):
        for file in (closed, write_only, pipe):
            with pytest.raises(DatasetError, match="cannot be read"):
                client.files.upload(file)
    assert server.requests == []


@pytest.mark.parametrize("source", [None, 5, ["train.jsonl"], len], ids=repr)
def test_value_that_is_not_a_source_is_refused(client: Any, server: FakeServer, source: Any) -> None:
    """The error says what is accepted."""
    with pytest.raises(InvalidRequestError, match="a path, bytes, or an open binary file"):
        client.files.upload(source)


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"purpose": "fine-tuning"}, "purpose"),
        ({"purpose": None}, "purpose"),
        ({"expires_after": 3599}, "expires_after.seconds"),
        ({"expires_after": 2_592_001}, "expires_after.seconds"),
        ({"expires_after": "1h"}, "expires_after.seconds"),
    ],
)
def test_limits_of_the_contract_are_checked_before_sending(
    client: Any, server: FakeServer, options: dict[str, Any], field: str
) -> None:
    """The error names the field."""
    with pytest.raises(InvalidRequestError) as e:
        client.files.upload(JSONL, **options)
    assert e.value.field == field
    assert server.requests == []


def test_file_over_the_limit_is_uploaded_in_parts(
    client: Any, server: FakeServer, train: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit is 512 MB, lowered here to a few bytes."""
    monkeypatch.setattr("finetuning_client.plans.file_upload.LARGEST_FILE", len(JSONL))
    server.enqueue(created_file, error_response(400))
    client.files.upload(train)
    train.write_bytes(JSONL + b"\n")
    with pytest.raises(BadRequest):
        client.files.upload(train)
    assert server.calls == [UPLOAD, "POST /uploads"]


class FailingFile(io.BytesIO):
    """A file that can no longer be read while it is sent."""

    name = "train.jsonl"

    def read(self, size: int | None = -1, /) -> bytes:
        """Fail on the first real read."""
        if size == 0:
            return b""
        raise OSError(5, "Input/output error")


def test_read_error_during_the_upload_is_raised(client: Any, server: FakeServer) -> None:
    """It is not retried, since the server has not received the complete file."""
    with pytest.raises(InvalidRequestError, match=r"cannot be read.*Input/output error"):
        client.files.upload(FailingFile(JSONL))
    assert server.requests == []
