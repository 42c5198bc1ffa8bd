"""Uploads: a file is sent whole and at most once, and a bad source is named before anything is sent."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any, BinaryIO

import httpx
import pytest

from finetuning_client import (
    BadRequest,
    ConnectionFailed,
    DatasetError,
    InvalidRequestError,
    InvalidResponse,
    RetryPolicy,
    ServerError,
)

from .conftest import JSONL, Wire, error_response, file_json, job_json, list_json

UPLOAD = "POST /files"
LIST = "GET /files"
NOW = 1_700_000_000


def sent(request: httpx.Request) -> dict[str, tuple[str | None, bytes]]:
    """The parts of a multipart request by name: the filename, if there is one, and the content."""
    boundary = request.headers["content-type"].partition("boundary=")[2].encode()
    parts = {}
    for part in request.content.split(b"--" + boundary)[1:-1]:
        head, _, body = part.strip(b"\r\n").partition(b"\r\n\r\n")
        fields = dict(f.strip().split("=", 1) for f in head.decode().split("\r\n")[0].split(";")[1:])
        filename = fields.get("filename")
        body = part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")
        parts[fields["name"].strip('"')] = (filename and filename.strip('"'), body)
    return parts


# --- sources ---------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["Path", "str", "bytes", "bytearray", "open file", "BytesIO"])
def test_a_file_comes_from_a_path_or_bytes_or_an_open_file(
    client: Any, wire: Wire, train: Path, form: str
) -> None:
    """Each is sent whole, with its purpose."""
    sources: dict[str, Any] = {
        "Path": train,
        "str": str(train),
        "bytes": JSONL,
        "bytearray": bytearray(JSONL),
        "BytesIO": io.BytesIO(JSONL),
    }
    wire.then(file_json())
    if form == "open file":
        with train.open("rb") as file:
            assert client.files.upload(file).id == "file-1"
            assert not file.closed
    else:
        assert client.files.upload(sources[form]).id == "file-1"
    parts = sent(wire.requests[0])
    assert parts["purpose"] == (None, b"fine-tune")
    assert parts["file"][1] == JSONL
    named = form in ("Path", "str", "open file")
    assert parts["file"][0] == ("train.jsonl" if named else "upload.jsonl")


def test_the_name_the_purpose_and_the_expiry_can_be_given(client: Any, wire: Wire, train: Path) -> None:
    """Nested fields have bracketed names."""
    wire.then(file_json())
    client.files.upload(train, filename="other.jsonl", purpose="user_data", expires_after=3600)
    parts = sent(wire.requests[0])
    assert parts["file"][0] == "other.jsonl"
    assert parts["purpose"][1] == b"user_data"
    assert parts["expires_after[anchor]"][1] == b"created_at"
    assert parts["expires_after[seconds]"][1] == b"3600"


def test_an_open_file_is_sent_from_its_beginning(client: Any, wire: Wire, train: Path) -> None:
    """Wherever it was read to."""
    wire.then(file_json())
    with train.open("rb") as file:
        file.read()
        client.files.upload(file)
    assert sent(wire.requests[0])["file"][1] == JSONL


def test_a_file_without_a_name_gets_one(client: Any, wire: Wire) -> None:
    """Temporary files are named by numbers, which the service refuses."""
    wire.then(file_json())
    with tempfile.TemporaryFile() as file:
        file.write(JSONL)
        client.files.upload(file)
    assert sent(wire.requests[0])["file"] == ("upload.jsonl", JSONL)


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_name_that_is_no_text_is_sent_as_near_as_can_be(client: Any, wire: Wire, tmp_path: Path) -> None:
    """A file named in another encoding can be uploaded all the same."""
    path = tmp_path / os.fsdecode(b"caf\xe9.jsonl")
    try:
        path.write_bytes(JSONL)
    except OSError:
        pytest.skip("the file system takes no such names")
    wire.then(file_json())
    client.files.upload(path)
    assert sent(wire.requests[0])["file"] == ("caf?.jsonl", JSONL)


def test_no_content_can_end_its_own_part(client: Any, wire: Wire) -> None:
    """The boundary is drawn anew for each request."""
    wire.then(file_json(), file_json())
    client.files.upload(JSONL)
    client.files.upload(JSONL)
    first, second = (request.headers["content-type"] for request in wire.requests)
    assert first != second


BAD_SOURCES: dict[str, tuple[Callable[[Path], Any], str]] = {
    "missing": (lambda d: d / "missing.jsonl", "there is no such file"),
    "directory": (lambda d: d, "is a directory"),
    "under a file": (lambda d: d / "empty.jsonl" / "x", "empty.jsonl"),
    "with a NUL": (lambda _: "a\0b.jsonl", "cannot be read"),
    "empty": (lambda d: d / "empty.jsonl", "is empty"),
    "empty bytes": (lambda _: b"", "is empty"),
    "pipe": (lambda d: d / "pipe", "pipe, not a file"),
}


@pytest.fixture
def bad_directory(tmp_path: Path) -> Path:
    """A directory with files that cannot be used."""
    (tmp_path / "empty.jsonl").touch()
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
    return tmp_path


@pytest.mark.parametrize("case", BAD_SOURCES)
def test_a_file_that_cannot_be_used_is_named(client: Any, wire: Wire, bad_directory: Path, case: str) -> None:
    """`DatasetError` says which and why; nothing is sent."""
    if case == "pipe" and not hasattr(os, "mkfifo"):
        pytest.skip("there are no named pipes here")
    make, reason = BAD_SOURCES[case]
    source = make(bad_directory)
    with pytest.raises(DatasetError, match=reason) as e:
        client.files.upload(source)
    assert e.value.path == ("the content" if isinstance(source, bytes) else str(source))
    assert wire.requests == []


def test_a_file_that_may_not_be_read_is_named(
    client: Any, wire: Wire, train: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the operating system says is passed on."""

    def refuse(self: Path, *_: Any) -> BinaryIO:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DatasetError, match="cannot be read: Permission denied"):
        client.files.upload(train)


def test_a_text_file_is_refused(client: Any, wire: Wire, train: Path) -> None:
    """Its bytes could differ from what is on disk; the error says how to open it."""
    with (
        train.open(encoding="utf-8") as file,
        pytest.raises(InvalidRequestError, match=r"open\(path, 'rb'\)"),
    ):
        client.files.upload(file)
    with pytest.raises(InvalidRequestError, match="binary mode"):
        client.files.upload(io.StringIO("{}"))


def test_an_open_file_that_cannot_be_read_is_refused(client: Any, wire: Wire, train: Path) -> None:
    """A closed file, one open for writing, and one that cannot be sought."""
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
    assert wire.requests == []


@pytest.mark.parametrize("source", [None, 5, ["train.jsonl"], object()], ids=repr)
def test_what_is_no_file_is_refused(client: Any, wire: Wire, source: Any) -> None:
    """The error says what can be given."""
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
def test_the_contracts_limits_on_uploads_are_checked(
    client: Any, wire: Wire, options: dict[str, Any], field: str
) -> None:
    """Before anything is sent, naming the field."""
    with pytest.raises(InvalidRequestError) as e:
        client.files.upload(JSONL, **options)
    assert e.value.field == field
    assert wire.requests == []


def test_a_file_too_large_for_one_request_goes_in_parts(
    client: Any, wire: Wire, train: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By itself, from 512 MB on; here from a few bytes on."""
    monkeypatch.setattr("finetuning_client.plans.file_upload.LARGEST_FILE", len(JSONL))
    wire.then(file_json(), error_response(400))
    client.files.upload(train)
    train.write_bytes(JSONL + b"\n")
    with pytest.raises(BadRequest):
        client.files.upload(train)
    assert wire.asked == [UPLOAD, "POST /uploads"]


class Failing(io.BytesIO):
    """A file whose disk goes away while it is sent."""

    name = "train.jsonl"

    def read(self, size: int | None = -1, /) -> bytes:
        """Give out nothing, or fail."""
        if size == 0:
            return b""
        raise OSError(5, "Input/output error")


def test_a_file_that_vanishes_while_it_is_sent_is_an_error_of_ours(client: Any, wire: Wire) -> None:
    """And is not sent again: nothing came to the server as a whole."""
    with pytest.raises(InvalidRequestError, match=r"cannot be read.*Input/output error"):
        client.files.upload(Failing(JSONL))
    assert wire.requests == []


# --- lost answers ----------------------------------------------------------------------------

LOST = {
    "reset": httpx.ReadError("reset"),
    "timed out": httpx.ReadTimeout("late"),
    "502": httpx.Response(502, html="<p>"),
    "408": error_response(408),
    "unreadable": httpx.Response(200, html="<p>"),
}

LOOKS = 3
"""How often a file is looked for before it is taken to be absent."""

each_loss = pytest.mark.parametrize("lost", LOST.values(), ids=LOST)


def listing(*files: dict[str, Any], clock: float | None = NOW) -> httpx.Response:
    """A list of files by a server that tells its time, unless that is `None`."""
    headers = {} if clock is None else {"Date": formatdate(clock, usegmt=True)}
    return httpx.Response(200, json=list_json(*files), headers=headers)


@each_loss
def test_a_file_whose_answer_was_lost_is_adopted(client: Any, wire: Wire, train: Path, lost: Any) -> None:
    """The file is there: same name, size and purpose, and new. It is not sent again."""
    wire.then(lost, listing(file_json(id="file-other", bytes=3), file_json(id="file-mine")))
    assert client.files.upload(train).id == "file-mine"
    assert wire.asked == [UPLOAD, LIST]


def test_a_file_that_appears_late_is_adopted(client: Any, wire: Wire, train: Path) -> None:
    """The search goes on for a while: a slow server may still be at work."""
    wire.then(httpx.ReadError("reset"), *[listing()] * (LOOKS - 1), listing(file_json(id="file-mine")))
    assert client.files.upload(train).id == "file-mine"
    assert wire.asked.count(UPLOAD) == 1


@pytest.mark.parametrize("lost", [loss for name, loss in LOST.items() if name != "unreadable"])
def test_a_file_that_is_not_there_is_sent_again(client: Any, wire: Wire, train: Path, lost: Any) -> None:
    """Whole, from the beginning."""
    wire.then(lost, *[listing()] * LOOKS, file_json())
    assert client.files.upload(train).id == "file-1"
    assert wire.asked == [UPLOAD, *[LIST] * LOOKS, UPLOAD]
    assert sent(wire.requests[-1])["file"][1] == JSONL


def test_an_unreadable_success_without_a_file_is_raised(client: Any, wire: Wire, train: Path) -> None:
    """Something in between answers for the service."""
    wire.then(httpx.Response(200, html="<p>"), *[listing()] * LOOKS)
    with pytest.raises(InvalidResponse):
        client.files.upload(train)
    assert wire.asked == [UPLOAD, *[LIST] * LOOKS]


@pytest.mark.parametrize(
    "other",
    [
        {"filename": "valid.jsonl"},
        {"bytes": 1},
        {"purpose": "batch"},
        {"created_at": NOW - 3600},
        {"created_at": NOW - 60},
    ],
    ids=str,
)
def test_another_file_is_not_taken_for_it(client: Any, wire: Wire, train: Path, other: Any) -> None:
    """A file of another name, size or purpose, or an earlier one, even if a minute ago."""
    wire.then(httpx.ReadError("reset"), *[listing(file_json(**other))] * LOOKS, file_json(id="file-new"))
    assert client.files.upload(train).id == "file-new"


@pytest.mark.parametrize("skew", [-86_400, -10, 10, 86_400])
def test_the_servers_clock_tells_what_is_new(client: Any, wire: Wire, train: Path, skew: int) -> None:
    """Clocks may differ by a day: the server's own time, on its answers, is what counts."""
    older = file_json(id="file-older", created_at=NOW + skew - 60)
    mine = file_json(id="file-mine", created_at=NOW + skew)
    wire.then(httpx.ReadError("reset"), listing(older, mine, clock=NOW + skew))
    assert client.files.upload(train).id == "file-mine"
    looks = [listing(older, clock=NOW + skew)] * LOOKS
    wire.then(httpx.ReadError("reset"), *looks, file_json(id="file-new"))
    assert client.files.upload(train).id == "file-new"


def test_a_server_that_tells_no_time_is_given_five_minutes(client: Any, wire: Wire, train: Path) -> None:
    """Clocks that differ by more would have it sent twice."""
    wire.then(httpx.ReadError("reset"), listing(file_json(created_at=NOW - 200), clock=None))
    assert client.files.upload(train).id == "file-1"


def test_a_failed_look_raises_instead_of_sending_again(make_client: Any, wire: Wire, train: Path) -> None:
    """The error says what is not known."""
    client = make_client(retry=RetryPolicy(max_attempts=2))
    wire.then(httpx.ReadError("reset"), error_response(500), error_response(500))
    with pytest.raises(ConnectionFailed, match="The file may exist: the search for it failed"):
        client.files.upload(train)
    assert wire.asked.count(UPLOAD) == 1


def test_attempts_at_an_upload_are_counted(make_client: Any, wire: Wire, train: Path) -> None:
    """The last failure is raised, once it is known that no file was made."""
    client = make_client(retry=RetryPolicy(max_attempts=2))
    looks = [listing()] * LOOKS
    wire.then(error_response(500), *looks, error_response(503), *looks)
    with pytest.raises(ServerError, match=r"503.*2 attempts"):
        client.files.upload(train)


def test_a_refused_upload_is_not_looked_for(client: Any, wire: Wire, train: Path) -> None:
    """An answer that says no means that there is no file."""
    wire.then(error_response(400, message="Invalid file format"))
    with pytest.raises(BadRequest, match="Invalid file format"):
        client.files.upload(train)
    assert wire.asked == [UPLOAD]


# --- from a path to a job --------------------------------------------------------------------


def create(client: Any, **files: Any) -> Any:
    """Create a job from files."""
    return client.jobs.create(model="gpt-4o-mini-2024-07-18", **files)


def test_a_job_can_be_created_from_paths(client: Any, wire: Wire, train: Path) -> None:
    """Each file is uploaded and waited for, then the job is created with their ids."""
    valid = train.with_name("valid.jsonl")
    valid.write_bytes(JSONL)
    wire.then(
        file_json(id="file-a", status="uploaded"), file_json(id="file-a"),
        file_json(id="file-b", status="uploaded"), file_json(id="file-b"),
        job_json(),
    )  # fmt: skip
    create(client, training_file=train, validation_file=valid)
    assert wire.asked == [UPLOAD, "GET /files/file-a", UPLOAD, "GET /files/file-b", "POST /fine_tuning/jobs"]
    body = wire.body(4)
    assert (body["training_file"], body["validation_file"]) == ("file-a", "file-b")


def test_both_files_are_looked_at_before_one_is_sent(client: Any, wire: Wire, train: Path) -> None:
    """A missing validation file does not leave a training file behind at the service."""
    with pytest.raises(DatasetError, match=r"missing\.jsonl"):
        create(client, training_file=train, validation_file=train.with_name("missing.jsonl"))
    assert wire.requests == []


def test_nothing_is_uploaded_for_a_job_that_breaks_a_limit(client: Any, wire: Wire, train: Path) -> None:
    """The whole request is checked first."""
    with pytest.raises(InvalidRequestError, match="suffix"):
        create(client, training_file=train, suffix="x" * 65)
    assert wire.requests == []


def test_no_job_is_created_from_a_file_that_the_service_refuses(client: Any, wire: Wire, train: Path) -> None:
    """Waiting for the file has found it out."""
    wire.then(file_json(), file_json(status="error", status_details="bad"))
    with pytest.raises(DatasetError, match="bad"):
        create(client, training_file=train)
    assert "POST /fine_tuning/jobs" not in wire.asked


@pytest.mark.parametrize("reference", ["train.jsonl", "data/train", "", 5, None, b"file-1"], ids=repr)
def test_a_file_id_that_cannot_be_one_is_refused(client: Any, wire: Wire, reference: Any) -> None:
    """A forgotten `Path(...)` is the usual reason, and the error says so."""
    with pytest.raises(InvalidRequestError, match="training_file") as e:
        create(client, training_file=reference)
    assert wire.requests == []
    if reference == "train.jsonl":
        assert "write Path('train.jsonl')" in str(e.value)
