"""Downloads: what is cut goes on or begins again, and only what is whole, and right, reaches its path."""

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

from .conftest import ManualClock, Wire, error_response

CONTENT = bytes(range(256)) * 4
MARK = '"v1"'
TABLE = b"step,train_loss\n1,0.5\n2,0.25\n"


class Pieces(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body in pieces, which may break off."""

    def __init__(self, content: bytes, *, cut: bool = False) -> None:
        self.content, self.cut = content, cut

    def __iter__(self) -> Iterator[bytes]:
        yield from (self.content[i : i + 100] for i in range(0, len(self.content), 100))
        if self.cut:
            raise httpx.ReadError("reset")

    async def __aiter__(self) -> Any:
        for piece in self:
            yield piece


class Serving:
    """Serves `content`. Each request takes the next of `cuts`: after how many bytes its answer breaks off."""

    def __init__(self, *cuts: int, ranges: bool = True, mark: str = MARK, content: bytes = CONTENT) -> None:
        self.cuts, self.ranges, self.mark, self.content = list(cuts), ranges, mark, content
        self.asked: list[str | None] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer in full, or from where the client asks for."""
        wish = request.headers.get("range")
        self.asked.append(wish)
        start, status, headers = 0, 200, {}
        if self.mark:
            headers["etag"] = self.mark
        if wish and self.ranges and request.headers["if-range"] == self.mark:
            start, status = int(wish.removeprefix("bytes=").removesuffix("-")), 206
            headers["content-range"] = f"bytes {start}-{len(self.content) - 1}/{len(self.content)}"
        body = self.content[start:]
        headers["content-length"] = str(len(body))
        cut = self.cuts.pop(0) if self.cuts else len(body)
        return httpx.Response(status, headers=headers, stream=Pieces(body[:cut], cut=cut < len(body)))


def fetched(client: Any, path: Path) -> bytes:
    """What a download has written."""
    return bytes(client.files.download("file-1", path).read_bytes())


def test_a_download_goes_on_where_it_was_cut(client: Any, wire: Wire, tmp_path: Path) -> None:
    """Only what is missing is asked for, and only of the same content."""
    wire.server = server = Serving(300, 250)
    assert fetched(client, tmp_path / "x") == CONTENT
    assert server.asked == [None, "bytes=300-", "bytes=550-"]


@pytest.mark.parametrize("options", [{"ranges": False}, {"mark": ""}, {"mark": 'W/"v1"'}])
def test_a_download_that_cannot_go_on_begins_again(
    client: Any, wire: Wire, tmp_path: Path, options: dict[str, Any]
) -> None:
    """Where the server knows no ranges, or gives no mark that its bytes are the same."""
    wire.server = Serving(300, 250, **options)
    assert fetched(client, tmp_path / "x") == CONTENT


def test_content_that_changed_meanwhile_is_not_mixed(client: Any, wire: Wire, tmp_path: Path) -> None:
    """The new content comes from its beginning."""
    server = Serving(300)

    def changing(request: httpx.Request) -> httpx.Response:
        answer = server(request)
        server.mark, server.content = '"v2"', CONTENT[::-1]
        return answer

    wire.server = changing
    assert fetched(client, tmp_path / "x") == CONTENT[::-1]


def test_a_long_download_may_be_cut_many_times(
    make_client: Any, wire: Wire, tmp_path: Path, clock: ManualClock
) -> None:
    """Attempts and their deadline count anew whenever more has come than ever before."""
    server = Serving(*[100] * 9)

    def slow(request: httpx.Request) -> httpx.Response:
        clock.now += 500
        return server(request)

    wire.server = slow
    client = make_client(retry=RetryPolicy(max_attempts=2, deadline=600))
    assert fetched(client, tmp_path / "x") == CONTENT


def test_a_download_that_gets_no_further_ends(make_client: Any, wire: Wire, tmp_path: Path) -> None:
    """A server that always breaks off at the same place is not asked for ever."""
    wire.server = server = Serving(*[300] * 50, ranges=False)
    with pytest.raises(ConnectionFailed):
        fetched(make_client(retry=RetryPolicy(max_attempts=4)), tmp_path / "x")
    assert len(server.asked) == 4
    assert list(tmp_path.iterdir()) == []


def test_a_body_shorter_than_announced_is_not_whole(make_client: Any, wire: Wire, tmp_path: Path) -> None:
    """Even where the connection ends without an error."""

    def short(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-length": "1024"}, stream=Pieces(CONTENT[:500]))

    wire.then(*[short] * 2)
    with pytest.raises(ConnectionFailed, match="500 bytes came instead of 1024"):
        fetched(make_client(retry=RetryPolicy(max_attempts=2)), tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("given", ["bytes 10-1023/1024", "bytes 300-1023", "", "bytes */1024"])
def test_another_piece_than_asked_for_is_not_believed(
    client: Any, wire: Wire, tmp_path: Path, given: str
) -> None:
    """The download begins again, without a range."""
    server = Serving(400)

    def odd(_: httpx.Request) -> httpx.Response:
        headers = {"content-range": given, "content-length": "1014"}
        return httpx.Response(206, headers=headers, stream=Pieces(CONTENT[10:]))

    wire.then(server, odd, server)
    assert fetched(client, tmp_path / "x") == CONTENT
    assert server.asked == [None, None]


def test_a_range_that_the_server_refuses_begins_again(client: Any, wire: Wire, tmp_path: Path) -> None:
    """416 means that what is there does not fit."""
    server = Serving(400)
    wire.then(server, httpx.Response(416), server)
    assert fetched(client, tmp_path / "x") == CONTENT


def test_a_piece_shorter_than_the_rest_is_followed_by_the_next(
    client: Any, wire: Wire, tmp_path: Path
) -> None:
    """A server may answer a range in part."""
    server = Serving(400)

    def part(_: httpx.Request) -> httpx.Response:
        headers = {"content-range": "bytes 400-499/1024", "content-length": "100", "etag": MARK}
        return httpx.Response(206, headers=headers, stream=Pieces(CONTENT[400:500]))

    wire.then(server, part, server)
    assert fetched(client, tmp_path / "x") == CONTENT
    assert server.asked == [None, "bytes=500-"]


def test_a_body_packed_on_its_way_is_never_gone_on_with(client: Any, wire: Wire, tmp_path: Path) -> None:
    """A position in it is none in the content."""

    def packed(_: httpx.Request) -> httpx.Response:
        headers = {"content-encoding": "x-other", "etag": MARK, "content-length": "400"}
        return httpx.Response(200, headers=headers, stream=Pieces(CONTENT[:400], cut=True))

    server = Serving()
    wire.then(packed, server)
    assert fetched(client, tmp_path / "x") == CONTENT
    assert server.asked == [None]


def test_a_file_that_went_away_meanwhile_is_not_found(client: Any, wire: Wire, tmp_path: Path) -> None:
    """And leaves nothing behind."""
    wire.then(Serving(400), error_response(404))
    with pytest.raises(NotFound):
        fetched(client, tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


def test_every_order_of_faults_gives_the_content_or_an_error(
    make_client: Any, wire: Wire, tmp_path: Path
) -> None:
    """Never half of it, and never anything else."""
    client, path = make_client(retry=RetryPolicy(max_attempts=3)), tmp_path / "x"
    faults: Any = (0, 100, 450, error_response(500), httpx.Response(416), httpx.ConnectError("refused"))
    for order in itertools.product(faults, repeat=3):
        path.unlink(missing_ok=True)
        server = Serving(*[cut for cut in order if isinstance(cut, int)])
        wire.steps = []
        wire.then(*[server if isinstance(fault, int) else fault for fault in order], *[server] * 9)
        try:
            assert fetched(client, path) == CONTENT, order
        except FineTuningError:
            assert list(tmp_path.iterdir()) == [], order


@pytest.mark.parametrize("width", [0, 76], ids=["one line", "lines"])
def test_an_encoded_result_file_is_decoded(client: Any, wire: Wire, tmp_path: Path, width: int) -> None:
    """Some are served as base64; their table is what is wanted."""
    table = TABLE * 60_000
    code = base64.encodebytes(table) if width else base64.b64encode(table)
    wire.then(httpx.Response(200, content=code))
    assert fetched(client, tmp_path / "x") == table


def test_a_plain_result_file_is_left_as_it_is(client: Any, wire: Wire, tmp_path: Path) -> None:
    """And so is anything else."""
    wire.then(httpx.Response(200, content=TABLE), httpx.Response(200, content=b"c3Rlc"))
    assert fetched(client, tmp_path / "x") == TABLE
    assert fetched(client, tmp_path / "y") == b"c3Rlc"


def test_a_code_that_is_damaged_is_an_invalid_response(client: Any, wire: Wire, tmp_path: Path) -> None:
    """Not a problem of the disk."""
    wire.then(httpx.Response(200, content=base64.b64encode(TABLE)[:-3] + b"*"))
    with pytest.raises(InvalidResponse, match="begins as base64, and is not"):
        fetched(client, tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=st.binary(max_size=200), wraps=st.lists(st.integers(0, 300), max_size=4))
def test_any_table_is_decoded_wherever_its_code_is_wrapped(
    client: Any, wire: Wire, tmp_path: Path, table: bytes, wraps: list[int]
) -> None:
    """White space means nothing in base64."""
    table = b"step,train" + table
    code = bytearray(base64.b64encode(table))
    for place in wraps:
        code[max(place, 8) : max(place, 8)] = b"\r\n"
    wire.then(httpx.Response(200, content=bytes(code)))
    assert fetched(client, tmp_path / "x") == table


def test_downloads_to_one_path_do_not_get_in_each_others_way(client: Any, wire: Wire, tmp_path: Path) -> None:
    """Each writes to a file of its own until it is whole."""
    inner: list[Any] = []

    def while_the_first_is_under_way(_: httpx.Request) -> httpx.Response:
        inner.extend(path.name for path in tmp_path.iterdir())
        return httpx.Response(200, content=CONTENT)

    wire.then(*[while_the_first_is_under_way] * 2)
    fetched(client, tmp_path / "x")
    fetched(client, tmp_path / "y")
    assert len(set(inner) - {"x"}) == 2
