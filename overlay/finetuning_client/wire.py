"""What goes over the wire for one `Send`: its requests, its answer, and what becomes of a failure.

This is the one place that turns the HTTP library's exceptions into outcomes.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import httpx

from .credentials import Signer
from .errors import ConfigurationError, InvalidRequestError
from .plans.effects import Answer, Broken, Send
from .target import Target

__all__ = ["FAILURES", "Body", "broken", "hops"]

# Every exception that an exchange can end by, but for those of this package.
FAILURES = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, RuntimeError)
# JSON answers are far smaller; what is larger is not the service, and would fill the memory.
_LARGEST_BODY = 64 * 1024 * 1024
_LARGEST_ERROR_BODY = 1024 * 1024
_MOST_REDIRECTS = 5
_NOT_DELIVERED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


class Body:
    """Where the pieces of a body go: to the sink of the request, or into memory up to a bound."""

    def __init__(self, response: httpx.Response, send: Send, signer: Signer) -> None:
        self._response = response
        self._signer = signer
        self._sink = send.sink if response.is_success else None
        self._pieces: list[bytes] = []
        self._room = _LARGEST_BODY if response.is_success else _LARGEST_ERROR_BODY
        if self._sink is not None:
            self._sink.begin(self.answer())

    def add(self, piece: bytes) -> bool:
        """Take a piece; tell whether that was enough."""
        if self._sink is not None:
            self._sink.write(piece)
            return False
        self._pieces.append(piece[: max(self._room, 0)])
        self._room -= len(piece)
        return self._room < 0

    def answer(self) -> Answer:
        """The answer, with what was taken so far."""
        response, body = self._response, b"".join(self._pieces)
        if not response.is_success:
            body = self._signer.conceal(body, response.request)
        return Answer(response.status_code, response.headers, body, is_cut=self._room < 0)


def hops(
    http: httpx.Client | httpx.AsyncClient, target: Target, send: Send
) -> Generator[httpx.Request, Answer, Answer]:
    """The requests of one exchange: the first, and those that redirects within the origin lead to.

    A redirect to another origin is an answer like any other: the key and the body would go along.
    """
    options = target.options(send)
    seen = set()
    while True:
        seen.add(options["url"])
        answer = yield _built(http, send, options)
        following = target.redirect(options["url"], answer)
        if following is None or following in seen or len(seen) > _MOST_REDIRECTS:
            return answer
        # The address is whole: the parameters are in it, or are not wanted.
        options.pop("params", None)
        options["url"] = following


def _built(http: httpx.Client | httpx.AsyncClient, send: Send, options: dict[str, Any]) -> httpx.Request:
    try:
        return http.build_request(**options)
    except (TypeError, ValueError, httpx.InvalidURL) as error:
        raise InvalidRequestError(f"{send.request}: cannot be written as a request: {error}") from error


def _bare(error: Exception) -> None:
    """Take the traces off an exception of the HTTP library: the variables in their frames hold the key."""
    link: BaseException | None = error
    while link is not None:
        link.__traceback__ = None
        link = link.__cause__ or link.__context__


def broken(error: Exception, send: Send, is_closed: bool) -> Broken:
    """What an exception of the HTTP library means for the exchange of `send`.

    Raises `ConfigurationError` where no attempt of this client could do better, `InvalidRequestError` for a
    file that cannot be read.
    """
    _bare(error)
    if is_closed:
        raise ConfigurationError("the client is closed: make another, or use it inside its `with`") from error
    if isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError):
        raise ConfigurationError(f"the request cannot be sent: {error}") from error
    of_network = isinstance(error, httpx.HTTPError | ConnectionError | TimeoutError)
    if isinstance(error, OSError) and not of_network and "files" in send.request.options:
        raise InvalidRequestError(f"the file to be sent cannot be read: {error}", field="file") from error
    # An address that is none can only be that of a redirect by now.
    if not isinstance(error, httpx.HTTPError | httpx.InvalidURL | OSError):
        raise ConfigurationError(f"the HTTP client cannot be used here: {error}") from error
    timed_out = isinstance(error, httpx.TimeoutException | TimeoutError)
    what = "no answer in the time allowed" if timed_out else "no complete answer"
    if isinstance(error, _NOT_DELIVERED):
        what = "no connection in the time allowed" if timed_out else "the server cannot be reached"
    detail = f": {error}" if str(error) else ""
    return Broken(f"{what}{detail}", not isinstance(error, _NOT_DELIVERED), timed_out=timed_out, cause=error)
