"""Response bodies are complete, in the requested encoding, and bounded in memory."""

from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finetuning_client import (
    ConnectionFailed,
    FineTuningError,
    InvalidRequestError,
    InvalidResponse,
    NotFound,
)

from .conftest import FakeServer, error_response, job_json
from .loopback import ONCE, Connection, connected, each_request, serving

JOB = json.dumps(job_json()).encode()
TABLE = b"step,train_loss\n" + b"".join(b"%d,0.5\n" % step for step in range(1, 2000))
PACKED = gzip.compress(TABLE)
CALLS: dict[str, Callable[[Any, Path], Any]] = {
    "retrieve": lambda client, _: client.jobs.retrieve("ftjob-1"),
    "content": lambda client, _: client.files.content("file-1"),
    "download": lambda client, path: client.files.download("file-1", path),
}


class Stream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A response body in pieces."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces

    def __iter__(self) -> Any:
        yield from self.pieces

    async def __aiter__(self) -> Any:
        for piece in self.pieces:
            yield piece


def raw(*pieces: bytes, status: int = 200, **headers: str) -> Callable[[httpx.Request], httpx.Response]:
    """Return a function that responds with these raw pieces."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: httpx.Response(status, headers=named, stream=Stream(*pieces))


@pytest.mark.parametrize("call", CALLS)
def test_each_request_accepts_one_encoding(
    client: Any, server: FakeServer, tmp_path: Path, call: str
) -> None:
    """It is gzip for JSON and none for files, each with the media type of the contract."""
    server.enqueue(raw(JOB))
    CALLS[call](client, tmp_path / "x")
    sent = server.requests[0].headers
    of_file = ("identity", "application/octet-stream")
    expected = ("gzip", "application/json") if call == "retrieve" else of_file
    assert (sent["accept-encoding"], sent["accept"]) == expected


@pytest.mark.parametrize("pieces", [1, 7, 1000])
def test_a_compressed_response_is_read(client: Any, server: FakeServer, pieces: int) -> None:
    """The pieces have any size, and the gzip stream has two members."""
    packed = gzip.compress(JOB[:100]) + gzip.compress(JOB[100:])
    parts = [packed[at : at + pieces] for at in range(0, len(packed), pieces)]
    server.enqueue(raw(*parts, content_encoding="gzip", content_length=str(len(packed))))
    assert client.jobs.retrieve("ftjob-1").id == "ftjob-1"


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "deflate", "zstd", "x-own", "gzip,identity"])
@pytest.mark.parametrize("call", CALLS)
def test_an_encoding_that_was_not_requested_is_refused(
    make_client: Any, server: FakeServer, tmp_path: Path, call: str, encoding: str
) -> None:
    """The request is retried, as after a broken response."""
    server.enqueue(raw(JOB, content_encoding=encoding), raw(JOB))
    CALLS[call](make_client(), tmp_path / "x")
    server.enqueue(raw(JOB, content_encoding=encoding))
    with pytest.raises(ConnectionFailed, match="not requested"):
        CALLS[call](make_client(retry=ONCE), tmp_path / "y")
    assert not (tmp_path / "y").exists()


@pytest.mark.parametrize("call", ["content", "download"])
def test_a_compressed_file_is_refused(
    make_client: Any, server: FakeServer, tmp_path: Path, call: str
) -> None:
    """Files are requested without an encoding, since a small compressed body could fill a disk."""
    server.enqueue(raw(PACKED, content_encoding="gzip"))
    with pytest.raises(ConnectionFailed, match="not requested"):
        CALLS[call](make_client(retry=ONCE), tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("kept", "end"), [(-1, b""), (60, b""), (-5, bytes(5))])
def test_an_incomplete_compressed_body_is_refused(
    make_client: Any, server: FakeServer, kept: int, end: bytes
) -> None:
    """The framing is correct; the request is retried."""
    bad = gzip.compress(JOB)[:kept] + end
    server.enqueue(raw(bad, content_encoding="gzip", content_length=str(len(bad))), raw(JOB))
    assert make_client().jobs.retrieve("ftjob-1").id == "ftjob-1"
    server.enqueue(raw(bad, content_encoding="gzip", content_length=str(len(bad))))
    with pytest.raises(ConnectionFailed, match=r"compressed body|gzip"):
        make_client(retry=ONCE).jobs.retrieve("ftjob-1")


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("announced", ["1", "9999999"])
def test_a_body_of_another_length_than_announced_is_refused(
    make_client: Any, server: FakeServer, tmp_path: Path, call: str, announced: str
) -> None:
    """The transport of this test does not check the length."""
    server.enqueue(raw(JOB, content_length=announced))
    with pytest.raises(ConnectionFailed, match=f"the body has {len(JOB)} bytes instead of {announced}"):
        CALLS[call](make_client(retry=ONCE), tmp_path / "x")


@pytest.mark.parametrize(
    "content_range", [f"bytes 0-{len(TABLE) - 1}/*", "bytes 0-99/100", "", "bytes 0-9/10"]
)
@pytest.mark.parametrize("call", ["content", "download"])
def test_a_range_that_was_not_requested_is_not_the_file(
    make_client: Any, server: FakeServer, tmp_path: Path, call: str, content_range: str
) -> None:
    """The complete file is requested again."""
    part = raw(TABLE, status=206, content_range=content_range, etag='"v1"')
    server.enqueue(part, raw(TABLE))
    CALLS[call](make_client(), tmp_path / "x")
    assert "range" not in server.requests[1].headers
    server.enqueue(part)
    with pytest.raises(ConnectionFailed):
        CALLS[call](make_client(retry=ONCE), tmp_path / "y")
    assert not (tmp_path / "y").exists()


@pytest.mark.parametrize("total", ["9" * 5000, "1e3", "-1", "٣", ""])
def test_a_range_without_a_valid_size_is_ignored(
    client: Any, server: FakeServer, tmp_path: Path, total: str
) -> None:
    """The download restarts, and no other exception is raised."""
    half = len(TABLE) // 2
    value = f"bytes {half}-{len(TABLE) - 1}/{total}".encode()
    headers: Any = [(b"content-range", value), (b"etag", b'"v1"')]
    server.enqueue(
        raw(TABLE[:half], content_length=str(len(TABLE)), etag='"v1"'),
        lambda _: httpx.Response(206, headers=headers, stream=Stream(TABLE[half:])),
        raw(TABLE),
    )
    assert client.files.download("file-1", tmp_path / "x").read_bytes() == TABLE
    assert "range" in server.requests[1].headers and "range" not in server.requests[2].headers


def test_content_is_limited_in_size(client: Any, server: FakeServer) -> None:
    """A larger file raises an error that names `max_bytes` and `files.download`."""
    server.enqueue(raw(TABLE), raw(TABLE))
    assert client.files.content("file-1", max_bytes=len(TABLE)) == TABLE
    with pytest.raises(InvalidResponse, match=r"max_bytes.*files\.download"):
        client.files.content("file-1", max_bytes=len(TABLE) - 1)


@pytest.mark.parametrize("bound", [0, -1, 1.5, True, "1", None])
def test_an_invalid_max_bytes_is_refused(client: Any, bound: Any) -> None:
    """It is refused before a request is sent."""
    with pytest.raises(InvalidRequestError, match="max_bytes"):
        client.files.content("file-1", max_bytes=bound)


def test_an_error_keeps_its_status_if_its_body_is_unreadable(client: Any, server: FakeServer) -> None:
    """An error with an unreadable body is not reported as a lost connection."""
    body = error_response(404).content
    server.enqueue(
        raw(b"?", status=404, content_encoding="gzip, gzip"),
        raw(gzip.compress(body)[:20], status=404, content_encoding="gzip"),
        raw(b"not gzip", status=404, content_encoding="gzip"),
        raw(body[:5], status=404, content_length="77"),
    )
    for _ in range(4):
        with pytest.raises(NotFound):
            client.jobs.retrieve("ftjob-1")


@cache
def bomb() -> bytes:
    """Return a gzip stream of 300 MB."""
    compressor = zlib.compressobj(1, wbits=31)
    block = bytes(2**20)
    return b"".join([compressor.compress(block) for _ in range(300)] + [compressor.flush()])


@pytest.mark.parametrize("status", [200, 404])
def test_a_body_that_expands_takes_little_memory(make_client: Any, server: FakeServer, status: int) -> None:
    """A response of some kilobytes expands to 300 MB."""
    server.enqueue(raw(bomb(), status=status, content_encoding="gzip"))
    tracemalloc.start()
    try:
        with pytest.raises((InvalidResponse, NotFound)):
            make_client(retry=ONCE).jobs.retrieve("ftjob-1")
        assert tracemalloc.get_traced_memory()[1] < 200 * 2**20
    finally:
        tracemalloc.stop()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=st.integers(0, 400), junk=st.binary(max_size=40), piece=st.integers(1, 300), encoded=st.booleans()
)
def test_a_damaged_body_is_an_error_of_this_package(
    make_client: Any, server: FakeServer, start: int, junk: bytes, piece: int, encoded: bool
) -> None:
    """If the damage does no harm, the call returns the job."""
    body = gzip.compress(JOB) if encoded else JOB
    body = body[:start] + junk + body[start + len(junk) :]
    headers: dict[str, Any] = {"content_encoding": "gzip"} if encoded else {}
    server.queue = [raw(*[body[at : at + piece] for at in range(0, len(body), piece)], **headers)]
    with suppress(FineTuningError):
        assert make_client(retry=ONCE).jobs.retrieve("ftjob-1").id == "ftjob-1"


# --- over a socket ---------------------------------------------------------------------------


def test_a_gzip_stream_that_is_cut_is_never_accepted(kind: str, tmp_path: Path) -> None:
    """An honest proxy in front of a broken server sends it with correct framing."""

    @each_request
    def handle(connection: Connection) -> None:
        cut = PACKED[: len(PACKED) // 2]
        connection.reply(cut, "content-encoding: gzip")

    with serving(handle) as server, connected(kind, server, retry=ONCE) as client:
        for call in CALLS.values():
            with pytest.raises(FineTuningError):
                call(client, tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


def test_a_cookie_changes_nothing(kind: str) -> None:
    """This holds for a cookie that cannot be sent back, and for thousands of cookies."""

    @each_request
    def handle(connection: Connection) -> None:
        cookies = [f"set-cookie: c{number}={'x' * 100}; path=/" for number in range(50)]
        connection.reply(JOB, "set-cookie: a=\xff\xfe; path=/", *cookies)

    with serving(handle) as server, connected(kind, server, retry=ONCE) as client:
        for _ in range(3):
            assert client.jobs.retrieve("ftjob-1").id == "ftjob-1"
        assert not any(b"\ncookie:" in request.lower() for request in server.requests)


def test_a_server_on_this_machine_is_not_reached_through_a_proxy(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy would receive the API key."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)

    with (
        serving(each_request(lambda connection: connection.reply(JOB))) as server,
        connected(kind, server, retry=ONCE) as client,
    ):
        assert client.jobs.retrieve("ftjob-1").id == "ftjob-1"


def test_an_unrequested_response_is_not_the_next_one(kind: str) -> None:
    """A second, unrequested response in the same packet closes the connection."""

    @each_request
    def handle(connection: Connection) -> None:
        replies = [b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n" + body for body in (b"mine", b"else")]
        connection.send(b"".join(replies))

    with serving(handle) as server, connected(kind, server, retry=ONCE) as client:
        assert [client.files.content(f"file-{number}") for number in range(3)] == [b"mine"] * 3
        assert len(server.requests) == 3


def test_file_in_pieces_of_a_byte_keeps_the_memory_limit(kind: str) -> None:
    """The pieces are counted as they arrive, and take no more memory than the file."""

    @each_request
    def handle(connection: Connection) -> None:
        connection.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        with suppress(OSError):
            while not connection.wait(0):
                connection.send(b"1\r\nx\r\n" * 100)

    with (
        serving(handle) as server,
        connected(kind, server, retry=ONCE) as client,
        pytest.raises(InvalidResponse, match="max_bytes"),
    ):
        client.files.content("file-1", max_bytes=2000)
