"""One `Send` on the wire: its requests, the response, and the outcome of a failure.

This is the one place that turns the HTTP library's exceptions into outcomes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterable
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Any

import httpx

from ..errors import ConfigurationError, InvalidRequestError
from ..plans.effects import NoResponse, Response, Send
from ..record import replace
from .connection import Connection
from .credentials import Credentials
from .threads import in_thread
from .time_bounds import Bound

# Every exception that can end an exchange, apart from those of this package.
FAILURES = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, RuntimeError)
_REDIRECTS = frozenset({301, 302, 307, 308})
_MAX_REDIRECTS = 5
_BAD_CERTIFICATE = "CERTIFICATE_VERIFY_FAILED"
_CERTIFICATE_ADVICE = (
    "Check the host in base_url, and the clock of this machine. To trust your own certificate authority, "
    "set the environment variable SSL_CERT_FILE to its certificate, or pass an http_client with verify=..."
)
_NOT_DELIVERED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


class _NotFollowed(Exception):
    """Raised for a redirect that is not followed, with the reason."""


class _FileStream(httpx.AsyncByteStream):
    """The body of a request that is read from files, one piece after another in a thread."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pieces = iter(self._pieces)
        while (piece := await in_thread(partial(next, pieces, None))) is not None:
            yield piece


def read_files_in_threads(request: httpx.Request, send: Send) -> None:
    """Keep a slow disk from blocking the event loop while the files of a request are read."""
    if "files" in send.request.options and isinstance(request.stream, httpx.SyncByteStream):
        request.stream = _FileStream(request.stream)


def bound_of(send: Send, now: float, timeout: object) -> Bound:
    """Return the bound of an exchange; `now` is the time by the clock of its deadline.

    A `timeout` in seconds applies to the attempt as a whole; other forms only bound each of its steps.
    """
    seconds = None if send.deadline is None else send.deadline - now
    attempt = timeout if isinstance(timeout, int | float) else None
    if "files" in send.request.options:
        return Bound(seconds, transfer="upload", attempt=attempt)
    return Bound(seconds, transfer=None if send.sink is None else "download", attempt=attempt)


def redirected(
    http: httpx.Client | httpx.AsyncClient, connection: Connection, send: Send, bound: Bound
) -> Generator[httpx.Request, Response, Response]:
    """Yield the requests of one exchange: the first, and those of redirects within the origin.

    Receives the response to each. A redirect to another origin is not followed, to protect the API key.
    """
    options = connection.options(send, bound)
    seen = set()
    while True:
        request = _build_request(http, send, options)
        url = str(request.url)
        seen.add(url)
        response = yield request
        if not 300 <= response.status < 400:
            return connection.annotated(response)
        try:
            options["url"] = _target(url, response, seen)
        except _NotFollowed as reason:
            return replace(response, note=str(reason))
        # The URL is complete: it contains the parameters, or must not have any.
        options.pop("params", None)


def _target(url: str, response: Response, seen: AbstractSet[str]) -> str:
    """Return the URL that a response redirects to, from a `url`. Raises `_NotFollowed`."""
    location = response.headers.get("location")
    if response.status not in _REDIRECTS or not location:
        text = "redirect not followed: it has no Location, or would not repeat the same request"
        raise _NotFollowed(f"{text}: check base_url and any proxy")
    try:
        here = httpx.URL(url)
        there = here.join(location).copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError):
        raise _NotFollowed("redirect to a malformed URL not followed: check base_url and any proxy") from None
    same = (there.scheme, there.host, there.port) == (here.scheme, here.host, here.port)
    if not same or there.userinfo:
        raise _NotFollowed(
            "redirect to another origin not followed, to protect the API key: use its target as base_url"
        )
    if str(there) in seen:
        raise _NotFollowed("redirect to the same URL not followed: check base_url and any proxy")
    if len(seen) > _MAX_REDIRECTS:
        raise _NotFollowed(f"more than {_MAX_REDIRECTS} redirects: check base_url and any proxy in between")
    return str(there)


def _build_request(
    http: httpx.Client | httpx.AsyncClient, send: Send, options: dict[str, Any]
) -> httpx.Request:
    try:
        return http.build_request(**options)
    except (TypeError, ValueError, RecursionError, httpx.InvalidURL) as error:
        raise InvalidRequestError(f"{send.request}: cannot be encoded as an HTTP request: {error}") from error


def _remove_keys(error: BaseException | None) -> None:
    """Remove the key from a chain of exceptions: from tracebacks (their variables) and headers."""
    if error is None:
        return
    error.__traceback__ = None
    if isinstance(error, httpx.RequestError) and error._request is not None:  # noqa: SLF001  else it raises
        error.request = httpx.Request(error.request.method, error.request.url)
    _remove_keys(error.__cause__)
    _remove_keys(error.__context__)


def _raise_interrupt(error: BaseException | None) -> None:
    while error is not None:
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise error
        error = error.__context__


def no_response(error: Exception, send: Send, credentials: Credentials, is_closed: bool) -> NoResponse:
    """Return what an exception of the HTTP library means for the exchange of `send`.

    Raises `ConfigurationError` if no further attempt by this client could succeed, `InvalidRequestError` for
    a file that cannot be read, or the interrupt if the HTTP library raised its own exception in its place.
    """
    _raise_interrupt(error)
    _remove_keys(error)
    said = str(error)
    text = credentials.concealer()(said.encode("utf-8", "replace")).decode("utf-8", "replace")
    # A custom transport may have put the key into its message.
    cause = error if text == said else None
    # A client that was closed meanwhile may have sent the request.
    if is_closed and not isinstance(error, httpx.HTTPError | OSError):
        raise ConfigurationError(
            "the client is closed: create a new one, or use it inside its `with` block"
        ) from cause
    if isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError):
        raise ConfigurationError(f"the request cannot be sent: {text}") from cause
    of_network = isinstance(error, httpx.HTTPError | ConnectionError | TimeoutError)
    if isinstance(error, OSError) and not of_network and "files" in send.request.options:
        raise InvalidRequestError(f"the file to be sent cannot be read: {text}", field="file") from cause
    # At this point only the URL of a redirect can be malformed.
    if not isinstance(error, httpx.HTTPError | httpx.InvalidURL | OSError):
        raise ConfigurationError(f"the HTTP client cannot be used here: {text}") from cause
    timed_out = isinstance(error, httpx.TimeoutException | TimeoutError)
    what = "no response in the time allowed" if timed_out else "no complete response"
    if isinstance(error, _NOT_DELIVERED):
        what = "no connection in the time allowed" if timed_out else "the server cannot be reached"
    if is_closed:
        text = "the client was closed during the request"
    delivered = not isinstance(error, _NOT_DELIVERED) and _BAD_CERTIFICATE not in text
    if _BAD_CERTIFICATE in text:
        what, text = "the server's certificate is not trusted", f"{text}. {_CERTIFICATE_ADVICE}"
    detail = f": {text}" if text else ""
    return NoResponse(f"{what}{detail}", delivered, timed_out=timed_out, cause=cause)
