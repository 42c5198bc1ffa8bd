"""One `Send` on the wire: its requests, the response, and the outcome of a failure.

This is the one place that turns the HTTP library's exceptions into outcomes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterable
from typing import Any

import httpx

from ..errors import ConfigurationError, InvalidRequestError
from ..plans.effects import NoResponse, Response, Send
from .connection import Connection
from .credentials import Signer

# Every exception that can end an exchange, apart from those of this package.
FAILURES = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, RuntimeError)
# JSON answers are far smaller; what is larger is not the service, and would fill the memory.
_LARGEST_BODY = 64 * 1024 * 1024
_LARGEST_ERROR_BODY = 1024 * 1024
_MOST_REDIRECTS = 5
_NOT_DELIVERED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


class Body:
    """Receiver of a response's body: the sink of the request, or memory up to a bound."""

    def __init__(self, response: httpx.Response, send: Send, signer: Signer) -> None:
        self._response = response
        self._signer = signer
        self._is_success = response.is_success
        self._sink = send.sink if self._is_success else None
        self._pieces: list[bytes] = []
        self._room = _LARGEST_BODY if self._is_success else _LARGEST_ERROR_BODY

    @property
    def has_sink(self) -> bool:
        """Whether the pieces go to a sink, which may write to the disk."""
        return self._sink is not None

    def start(self) -> None:
        """Show the sink the status and the headers."""
        if self._sink is not None:
            self._sink.begin(self.response())

    def add(self, piece: bytes) -> bool:
        """Take a piece; tell whether no more is wanted."""
        if self._sink is not None:
            if piece:
                self._sink.write(piece)
            return False
        self._pieces.append(piece[: max(self._room, 0)])
        self._room -= len(piece)
        return self._room < 0

    def response(self) -> Response:
        """Return the response, with the body as far as it was kept."""
        received, body = self._response, b"".join(self._pieces)
        if not self._is_success:
            body = self._signer.conceal(body, received.request)
        return Response(received.status_code, received.headers, body, is_cut=self._room < 0)


class _FileStream(httpx.AsyncByteStream):
    """The body of a request that is read from files, one piece after another in a thread."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        from anyio.to_thread import run_sync

        pieces = iter(self._pieces)
        while (piece := await run_sync(next, pieces, None)) is not None:
            yield piece


def read_files_in_threads(request: httpx.Request, send: Send) -> None:
    """Keep a slow disk from blocking the event loop while the files of a request are read."""
    if "files" in send.request.options and isinstance(request.stream, httpx.SyncByteStream):
        request.stream = _FileStream(request.stream)


def redirected(
    http: httpx.Client | httpx.AsyncClient, connection: Connection, send: Send
) -> Generator[httpx.Request, Response, Response]:
    """Yield the requests of one exchange: the first, and those of redirects within the origin.

    Receives the response to each. A redirect to another origin is not followed, to protect the API key.
    """
    options = connection.options(send)
    seen = set()
    while True:
        seen.add(options["url"])
        response = yield _built(http, send, options)
        following = connection.redirect(options["url"], response)
        if following is None or following in seen or len(seen) > _MOST_REDIRECTS:
            return response
        # The URL is complete: the parameters are in it, or are not wanted.
        options.pop("params", None)
        options["url"] = following


def _built(http: httpx.Client | httpx.AsyncClient, send: Send, options: dict[str, Any]) -> httpx.Request:
    try:
        return http.build_request(**options)
    except (TypeError, ValueError, httpx.InvalidURL) as error:
        raise InvalidRequestError(f"{send.request}: cannot be written as a request: {error}") from error


def _strip_traceback(error: Exception) -> None:
    """Remove the tracebacks of an exception of the HTTP library: variables in their frames hold the key."""
    link: BaseException | None = error
    while link is not None:
        link.__traceback__ = None
        link = link.__cause__ or link.__context__


def no_response(error: Exception, send: Send, is_closed: bool) -> NoResponse:
    """Return what an exception of the HTTP library means for the exchange of `send`.

    Raises `ConfigurationError` where no attempt of this client could do better, `InvalidRequestError` for a
    file that cannot be read.
    """
    _strip_traceback(error)
    if is_closed:
        raise ConfigurationError("the client is closed: make another, or use it inside its `with`") from error
    if isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError):
        raise ConfigurationError(f"the request cannot be sent: {error}") from error
    of_network = isinstance(error, httpx.HTTPError | ConnectionError | TimeoutError)
    if isinstance(error, OSError) and not of_network and "files" in send.request.options:
        raise InvalidRequestError(f"the file to be sent cannot be read: {error}", field="file") from error
    # A malformed URL can only be that of a redirect by now.
    if not isinstance(error, httpx.HTTPError | httpx.InvalidURL | OSError):
        raise ConfigurationError(f"the HTTP client cannot be used here: {error}") from error
    timed_out = isinstance(error, httpx.TimeoutException | TimeoutError)
    what = "no response in the time allowed" if timed_out else "no complete response"
    if isinstance(error, _NOT_DELIVERED):
        what = "no connection in the time allowed" if timed_out else "the server cannot be reached"
    detail = f": {error}" if str(error) else ""
    delivered = not isinstance(error, _NOT_DELIVERED)
    return NoResponse(f"{what}{detail}", delivered, timed_out=timed_out, cause=error)
