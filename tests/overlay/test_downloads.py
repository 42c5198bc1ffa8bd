"""A download is resumed or restarted if it is cut, and only a complete, correct file reaches its path."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finetuning_client import ConnectionFailed, FineTuningError, InvalidResponse, NotFound, RetryPolicy

from .conftest import FakeServer, ManualClock, error_response

CONTENT = bytes(range(256)) * 4
ETAG = '"v1"'
TABLE = b"step,train_loss\n1,0.5\n2,0.25\n"


class Pieces(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body in pieces of 100 bytes; with `cut`, the connection is lost after the last piece."""

    def __init__(self, content: bytes, *, cut: bool = False) -> None:
        self.content, self.cut = content, cut

    def __iter__(self) -> Iterator[bytes]:
        yield from (self.content[i : i + 100] for i in range(0, len(self.content), 100))
        if self.cut:
            raise httpx.ReadError("reset")

    async def __aiter__(self) -> Any:
        for piece in self:
            yield piece


class FileHandler:
    """Serves `content`; each response is cut after the number of bytes in the next of `cuts`."""

    def __init__(
        self, *cuts: int, supports_ranges: bool = True, etag: str = ETAG, content: bytes = CONTENT
    ) -> None:
        self.cuts, self.supports_ranges = list(cuts), supports_ranges
        self.etag, self.content = etag, content
        self.ranges: list[str | None] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Send the content, from the requested position if the request has a range."""
        requested = request.headers.get("range")
        self.ranges.append(requested)
        start, status, headers = 0, 200, {}
        if self.etag:
            headers["etag"] = self.etag
        if requested and self.supports_ranges and request.headers["if-range"] == self.etag:
            start, status = int(requested.removeprefix("bytes=").removesuffix("-")), 206
            headers["content-range"] = f"bytes {start}-{len(self.content) - 1}/{len(self.content)}"
        body = self.content[start:]
        headers["content-length"] = str(len(body))
        cut = self.cuts.pop(0) if self.cuts else len(body)
        return httpx.Response(status, headers=headers, stream=Pieces(body[:cut], cut=cut < len(body)))


def download(client: Any, path: Path) -> bytes:
    """Download the file, and return its content."""
    return bytes(client.files.download("file-1", path).read_bytes())


def content(client: Any, _path: Path) -> bytes:
    """Read the file into memory."""
    return bytes(client.files.content("file-1"))


@pytest.mark.parametrize("read", [download, content])
def test_cut_download_is_resumed(client: Any, server: FakeServer, tmp_path: Path, read: Any) -> None:
    """Only the missing bytes of the same content are requested."""
    server.handler = handler = FileHandler(300, 250)
    assert read(client, tmp_path / "x") == CONTENT
    assert handler.ranges == [None, "bytes=300-", "bytes=550-"]


@pytest.mark.parametrize("read", [download, content])
@pytest.mark.parametrize("options", [{"supports_ranges": False}, {"etag": ""}, {"etag": 'W/"v1"'}])
def test_download_restarts_if_it_cannot_be_resumed(
    client: Any, server: FakeServer, tmp_path: Path, options: dict[str, Any], read: Any
) -> None:
    """The server does not support ranges, or sends no strong ETag."""
    server.handler = FileHandler(300, 250, **options)
    assert read(client, tmp_path / "x") == CONTENT


def test_download_restarts_if_the_content_changed(client: Any, server: FakeServer, tmp_path: Path) -> None:
    """Bytes of the old and the new content are never mixed."""
    handler = FileHandler(300)

    def changing(request: httpx.Request) -> httpx.Response:
        response = handler(request)
        handler.etag, handler.content = '"v2"', CONTENT[::-1]
        return response

    server.handler = changing
    assert download(client, tmp_path / "x") == CONTENT[::-1]


def test_progress_resets_attempts_and_deadline(
    make_client: Any, server: FakeServer, tmp_path: Path, clock: ManualClock
) -> None:
    """A long download may be cut more often than `max_attempts`."""
    handler = FileHandler(*[100] * 9)

    def slow(request: httpx.Request) -> httpx.Response:
        clock.now += 500
        return handler(request)

    server.handler = slow
    client = make_client(retry=RetryPolicy(max_attempts=2, deadline=600))
    assert download(client, tmp_path / "x") == CONTENT


def test_download_without_progress_ends(make_client: Any, server: FakeServer, tmp_path: Path) -> None:
    """A server that always cuts the response at the same byte is not requested for ever."""
    server.handler = handler = FileHandler(*[300] * 50, supports_ranges=False)
    with pytest.raises(ConnectionFailed):
        download(make_client(retry=RetryPolicy(max_attempts=4)), tmp_path / "x")
    assert len(handler.ranges) == 4
    assert list(tmp_path.iterdir()) == []


def test_body_shorter_than_announced_is_incomplete(
    make_client: Any, server: FakeServer, tmp_path: Path
) -> None:
    """This holds even if the connection ends without an error."""

    def short(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-length": "1024"}, stream=Pieces(CONTENT[:500]))

    server.enqueue(*[short] * 2)
    with pytest.raises(ConnectionFailed, match="has 500 bytes instead of 1024"):
        download(make_client(retry=RetryPolicy(max_attempts=2)), tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content_range", ["bytes 10-1023/1024", "bytes 300-1023", "", "bytes */1024"])
def test_unexpected_range_restarts_the_download(
    client: Any, server: FakeServer, tmp_path: Path, content_range: str
) -> None:
    """The next request has no range."""
    handler = FileHandler(400)

    def wrong_range(_: httpx.Request) -> httpx.Response:
        headers = {"content-range": content_range, "content-length": "1014"}
        return httpx.Response(206, headers=headers, stream=Pieces(CONTENT[10:]))

    server.enqueue(handler, wrong_range, handler)
    assert download(client, tmp_path / "x") == CONTENT
    assert handler.ranges == [None, None]


def test_status_416_restarts_the_download(client: Any, server: FakeServer, tmp_path: Path) -> None:
    """The server cannot resume at the requested position."""
    handler = FileHandler(400)
    server.enqueue(handler, httpx.Response(416), handler)
    assert download(client, tmp_path / "x") == CONTENT


def test_partial_range_is_continued(client: Any, server: FakeServer, tmp_path: Path) -> None:
    """A server may send less than the requested range."""
    handler = FileHandler(400)

    def part(_: httpx.Request) -> httpx.Response:
        headers = {"content-range": "bytes 400-499/1024", "content-length": "100", "etag": ETAG}
        return httpx.Response(206, headers=headers, stream=Pieces(CONTENT[400:500]))

    server.enqueue(handler, part, handler)
    assert download(client, tmp_path / "x") == CONTENT
    assert handler.ranges == [None, "bytes=500-"]


def test_encoded_body_is_never_resumed(client: Any, server: FakeServer, tmp_path: Path) -> None:
    """Positions in an encoded body are not positions in the content."""

    def encoded(_: httpx.Request) -> httpx.Response:
        headers = {"content-encoding": "x-other", "etag": ETAG, "content-length": "400"}
        return httpx.Response(200, headers=headers, stream=Pieces(CONTENT[:400], cut=True))

    handler = FileHandler()
    server.enqueue(encoded, handler)
    assert download(client, tmp_path / "x") == CONTENT
    assert handler.ranges == [None]


def test_file_deleted_during_the_download_raises_not_found(
    client: Any, server: FakeServer, tmp_path: Path
) -> None:
    """No partial file is left."""
    server.enqueue(FileHandler(400), error_response(404))
    with pytest.raises(NotFound):
        download(client, tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


def test_any_sequence_of_faults_gives_the_content_or_an_error(
    make_client: Any, server: FakeServer, tmp_path: Path
) -> None:
    """The path never has partial or wrong content."""
    client, path = make_client(retry=RetryPolicy(max_attempts=3)), tmp_path / "x"
    faults: Any = (0, 100, 450, error_response(500), httpx.Response(416), httpx.ConnectError("refused"))
    for order in itertools.product(faults, repeat=3):
        path.unlink(missing_ok=True)
        handler = FileHandler(*[cut for cut in order if isinstance(cut, int)])
        server.queue = []
        server.enqueue(*[handler if isinstance(fault, int) else fault for fault in order], *[handler] * 9)
        try:
            assert download(client, path) == CONTENT, order
        except FineTuningError:
            assert list(tmp_path.iterdir()) == [], order


@pytest.mark.parametrize("width", [0, 76], ids=["one line", "lines"])
def test_base64_result_file_is_decoded(client: Any, server: FakeServer, tmp_path: Path, width: int) -> None:
    """Some servers encode result files; the decoded table is written."""
    table = TABLE * 60_000
    encoded_table = base64.encodebytes(table) if width else base64.b64encode(table)
    server.enqueue(httpx.Response(200, content=encoded_table))
    assert download(client, tmp_path / "x") == table


def test_plain_content_is_unchanged(client: Any, server: FakeServer, tmp_path: Path) -> None:
    """A plain result file and other content are not decoded."""
    server.enqueue(httpx.Response(200, content=TABLE), httpx.Response(200, content=b"c3Rlc"))
    assert download(client, tmp_path / "x") == TABLE
    assert download(client, tmp_path / "y") == b"c3Rlc"


def test_damaged_base64_is_an_invalid_response(client: Any, server: FakeServer, tmp_path: Path) -> None:
    """The error does not mention the disk."""
    server.enqueue(httpx.Response(200, content=base64.b64encode(TABLE)[:-3] + b"*"))
    with pytest.raises(InvalidResponse, match="starts like base64, but is not valid base64"):
        download(client, tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=st.binary(max_size=200), wraps=st.lists(st.integers(0, 300), max_size=4))
def test_base64_is_decoded_wherever_its_lines_break(
    client: Any, server: FakeServer, tmp_path: Path, table: bytes, wraps: list[int]
) -> None:
    """White space in base64 has no meaning."""
    table = b"step,train" + table
    encoded_table = bytearray(base64.b64encode(table))
    for place in wraps:
        encoded_table[max(place, 8) : max(place, 8)] = b"\r\n"
    server.enqueue(httpx.Response(200, content=bytes(encoded_table)))
    assert download(client, tmp_path / "x") == table


def test_concurrent_downloads_use_separate_partial_files(
    client: Any, server: FakeServer, tmp_path: Path
) -> None:
    """Each download writes to its own file until it is complete."""
    names: list[Any] = []

    def list_partial_files(_: httpx.Request) -> httpx.Response:
        names.extend(path.name for path in tmp_path.iterdir())
        return httpx.Response(200, content=CONTENT)

    server.enqueue(*[list_partial_files] * 2)
    download(client, tmp_path / "x")
    download(client, tmp_path / "y")
    assert len(set(names) - {"x"}) == 2
