"""Body of a response: decoded in bounded steps, stopped where it expands beyond a bound, checked to be whole.

The HTTP library would decode any number of encodings, each piece at once, and return a compressed stream
that was cut. So bodies are taken as they arrive on the wire, and decoded here.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Iterator

import httpx

from ..content_length import byte_count
from ..plans.effects import Response, Send
from .credentials import Credentials
from .time_bounds import Bound

# JSON responses are far smaller; a larger one is not the service's, and would fill the memory.
_LARGEST_BODY = 64 * 1024 * 1024
_LARGEST_ERROR_BODY = 1024 * 1024
_INFLATED_AT_ONCE = 256 * 1024
_GZIP = 16 + zlib.MAX_WBITS


class Body:
    """Receiver of a response's body: the sink of the request, or memory up to a limit.

    `feed` takes the pieces as they arrive, and `finish` handles the end. Both raise an `httpx.HTTPError` for
    a success that is incomplete or has an encoding that was not requested; for an error response, whatever
    can be read is kept.
    """

    def __init__(self, response: httpx.Response, send: Send, credentials: Credentials, bound: Bound) -> None:
        self._response = response
        self._credentials = credentials
        self._bound = bound
        self._is_success = response.is_success
        self._sink = send.sink if self._is_success else None
        # Not a list, in which pieces of a byte each would take many times their size.
        self._kept = bytearray()
        self._room = _LARGEST_BODY if self._is_success else _LARGEST_ERROR_BODY
        self._raw_size = 0
        # A transport or an event hook may have read, and decoded, the body already.
        self._is_read = response.is_stream_consumed
        self._inflater: _Inflater | None = None
        self._is_over = not self._choose_decoding()

    def _choose_decoding(self) -> bool:
        """Prepare for the encoding of the body; return whether the body can be read."""
        encoding = "" if self._is_read else self._response.headers.get("content-encoding", "").strip().lower()
        if encoding in ("", "identity"):
            return True
        asked = self._response.request.headers.get("accept-encoding", "")
        if encoding in ("gzip", "x-gzip") and "gzip" in asked:
            self._inflater = _Inflater()
        else:
            if self._is_success:
                raise httpx.DecodingError(
                    f"the body is encoded as {encoding[:80]!r}, which was not requested"
                )
            return False
        return True

    @property
    def has_sink(self) -> bool:
        """True if the pieces go to a sink, which may write to the disk."""
        return self._sink is not None

    def start(self) -> None:
        """Show the sink the status and the headers."""
        if self._sink is not None:
            self._sink.begin(self.response())

    def progress(self) -> None:
        """Note that a piece has arrived. Raises `httpx.ReadTimeout` when the time for the exchange is up."""
        if self._bound.operate(is_read=True) <= 0:
            raise httpx.ReadTimeout("the time allowed for the whole call has run out")
        self._bound.progress("download")

    def feed(self, piece: bytes) -> bool:
        """Take a piece from the wire; return whether no more is wanted."""
        self._raw_size += len(piece)
        self.progress()
        if self._is_over:
            return True
        try:
            for plain in (piece,) if self._inflater is None else self._inflater.feed(piece):
                self._keep(plain)
                if self._room < 0:
                    self._is_over = True
                    break
        except zlib.error as error:
            self._refuse(f"the body is not valid gzip: {error}")
        return self._is_over

    def finish(self) -> None:
        """Check that the body is whole."""
        if self._is_over or self._is_read:
            return
        headers = self._response.headers
        announced = None if "transfer-encoding" in headers else byte_count(headers.get("content-length"))
        if announced is not None and self._raw_size != announced:
            self._refuse(f"the body has {self._raw_size} bytes instead of {announced}")
        elif self._inflater is not None and not self._inflater.is_whole:
            self._refuse("the compressed body is incomplete")

    def response(self) -> Response:
        """Return the response, with what was kept of the body, without keys that the server echoes."""
        conceal = self._credentials.concealer(self._response.request)
        headers = self._response.headers
        values = b"\n".join([value for _, value in headers.raw])
        if conceal(values) != values:
            headers = httpx.Headers([(name, conceal(value)) for name, value in headers.raw])
        body = conceal(bytes(self._kept))
        return Response(self._response.status_code, headers, body, is_cut=self._room < 0)

    def _keep(self, piece: bytes) -> None:
        if self._sink is not None:
            if piece:
                self._sink.write(piece)
            return
        self._kept += piece[: max(self._room, 0)]
        self._room -= len(piece)

    def _refuse(self, reason: str) -> None:
        self._is_over = True
        if self._is_success:
            raise httpx.DecodingError(reason)


def raw_pieces(response: httpx.Response) -> Iterator[bytes]:
    """Return the pieces of a body as they arrived, or what a transport or a hook has already read of it."""
    return iter((response.content,)) if response.is_stream_consumed else response.iter_raw()


def raw_pieces_async(response: httpx.Response) -> AsyncIterator[bytes]:
    """Return the pieces of a body as they arrived, or what a transport or a hook has already read of it."""
    return response.aiter_bytes() if response.is_stream_consumed else response.aiter_raw()


class _Inflater:
    """Decoder of a gzip stream, which may have several members, in steps of bounded size."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP)
        self._has_begun = False

    @property
    def is_whole(self) -> bool:
        """True if the stream has ended where a member ends."""
        return self._member.eof or not self._has_begun

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Yield what the piece decodes to. Raises `zlib.error`."""
        self._has_begun = self._has_begun or bool(piece)
        while piece:
            if self._member.eof:
                self._member = zlib.decompressobj(_GZIP)
            yield self._member.decompress(piece, _INFLATED_AT_ONCE)
            piece = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
