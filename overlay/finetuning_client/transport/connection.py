"""The connection of a client to a server: base URL, headers, timeout and keys, each checked once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import httpx

from ..errors import ConfigurationError
from ..plans.effects import Response, Send
from ..record import Record, replace
from ..retry import is_number
from ..version import __version__
from .bounds import EXTENSION, Bound
from .credentials import Credentials
from .hosts import is_loopback

ACCEPT = "application/json"
"""The media type of a response, where the request names no other."""

ACCEPT_ENCODING = {"accept-encoding": "gzip"}
"""The header with the only encoding of a response that is decoded here."""

_AZURE_HOSTS = (".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com")
_HOSTED = "https://api.openai.com/v1"
_REDIRECTS = frozenset({301, 302, 307, 308})


class NotFollowed(Exception):
    """Raised for a redirect that is not followed, with the reason."""


class Connection(Record):
    """Destination of requests, and what is sent with each.

    Attributes:
        base_url: without a slash at the end; an operation's path follows it.
        credentials: sign the requests.
        headers: further headers.
        timeout: of one attempt, in seconds, or of each of its steps, as an `httpx.Timeout`; `None` for no
            limit.
    """

    base_url: str
    credentials: Credentials
    headers: Mapping[str, str] = {}
    timeout: Any = 60.0

    def __repr__(self) -> str:
        return f"Connection({self.base_url!r})"

    def options(self, send: Send, bound: Bound) -> dict[str, Any]:
        """Return the arguments of `httpx.Client.build_request` for an effect."""
        options = dict(send.request.options)
        options["url"] = self.base_url + options["url"]
        options["headers"] = {**self.headers, **options.get("headers", {})}
        if send.sink is not None:
            # A file is taken as it is: a position in a compressed one would not be a position in the file.
            options["headers"]["accept-encoding"] = "identity"
        options["extensions"] = {EXTENSION: bound}
        options["timeout"] = self.timeout
        if send.deadline is not None:
            # For a pool from outside, whose single operations this bounds, if not their sum.
            of_each = httpx.Timeout(self.timeout).as_dict().items()
            options["timeout"] = httpx.Timeout(**{name: max(bound.left(t), 0.0) for name, t in of_each})
        return options

    def without(self, headers: Mapping[str, str]) -> Connection:
        """Return the connection without the headers that a pool sends by itself: merging them takes time."""
        wanted = {**self.headers, **ACCEPT_ENCODING}
        return replace(self, headers={n: v for n, v in wanted.items() if headers.get(n) != v})

    def annotated(self, response: Response) -> Response:
        """Return a response with a note where the base URL is the likely cause of an error."""
        if response.status == 404 and httpx.URL(self.base_url).path in ("", "/"):
            return replace(response, note="base_url has no path: most servers have the API under /v1")
        return response

    def redirect(self, url: str, response: Response) -> str:
        """Return the target of a redirect from `url`. Raises `NotFollowed` where it is not to be followed."""
        location = response.headers.get("location")
        if response.status not in _REDIRECTS or not location:
            raise NotFollowed("a redirect that names no other address for the same request")
        try:
            here = httpx.URL(url)
            there = here.join(location).copy_with(fragment=None)
        except (httpx.InvalidURL, ValueError):
            raise NotFollowed("a redirect to a malformed URL") from None
        same = (there.scheme, there.host, there.port) == (here.scheme, here.host, here.port)
        if not same or there.userinfo:
            raise NotFollowed(
                "redirect to another origin not followed, to protect the API key: use its target as base_url"
            )
        return str(there)


def checked_base_url(text: str | None, *, allow_http: bool) -> str:
    """Return a base URL without a slash at its end; the hosted service for `None`.

    Raises `ConfigurationError`.
    """
    if text is None:
        return _HOSTED
    if not isinstance(text, str):
        raise ConfigurationError(f"base_url must be a string such as {_HOSTED}, not {text!r}")
    try:
        url = httpx.URL(text.strip())
    except (httpx.InvalidURL, ValueError) as error:
        raise ConfigurationError(f"base_url {text!r} is not a URL: {error}") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise ConfigurationError(
            f"base_url {text!r} must begin with https:// and name a host, such as {_HOSTED}"
        )
    if url.query or url.fragment or url.userinfo:
        raise ConfigurationError("base_url must have no user, no '?' and no '#' in it")
    if url.scheme == "http" and not allow_http and not is_loopback(url.host):
        raise ConfigurationError(
            f"base_url {text!r} would send the key unencrypted to another machine: use https, "
            "or set allow_http=True"
        )
    return str(url).rstrip("/")


def refuses_bad_data(base_url: str) -> bool:
    """Return whether the server is known to fail jobs for errors in their data.

    It is for the hosted service and Azure, and for loopback addresses, where the emulator is expected.
    """
    host = httpx.URL(base_url).host
    return is_loopback(host) or host.endswith((".openai.com", *_AZURE_HOSTS))


def azure_base_url(endpoint: str) -> str:
    """Return the base URL of an Azure resource's `/openai/v1` API."""
    address = str(endpoint).strip().rstrip("/")
    return address if address.endswith("/openai/v1") else f"{address}/openai/v1"


def checked_header_name(name: str) -> str:
    """Return the name, if a header can have it. Raises `ConfigurationError`."""
    good = isinstance(name, str) and name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    if not good:
        raise ConfigurationError(f"{name!r} cannot be the name of a header")
    return name


def standard_headers(
    organization: str | None, project: str | None, more: Mapping[str, str] | None
) -> dict[str, str]:
    """Return the headers of every request."""
    headers = {"User-Agent": f"finetuning-client/{__version__}", "Accept": ACCEPT}
    if organization:
        headers["OpenAI-Organization"] = organization
    if project:
        headers["OpenAI-Project"] = project
    return {**checked_headers(headers), **checked_headers({} if more is None else more)}


def checked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers by lower-case name, if each can be sent. Raises `ConfigurationError`."""
    if not isinstance(headers, Mapping):
        raise ConfigurationError(f"headers must be a mapping, not {type(headers).__name__}")
    for name, value in headers.items():
        checked_header_name(name)
        if name.lower() == "authorization":
            raise ConfigurationError("Authorization is set by api_key, not by headers")
        if (
            not isinstance(value, str)
            or not value.isascii()
            or not value.isprintable()
            or value != value.strip()
        ):
            raise ConfigurationError(
                f"header {name}: its value must be printable ASCII text without line breaks"
            )
    return {name.lower(): value for name, value in headers.items()}


def checked_timeout(value: float | httpx.Timeout | None) -> float | httpx.Timeout | None:
    """Return the timeout, if it can be one. Raises `ConfigurationError`."""
    if value is None or isinstance(value, httpx.Timeout):
        return value
    if not is_number(value) or not value > 0:
        raise ConfigurationError(f"timeout must be more than 0 seconds, or None, not {value!r}")
    return None if math.isinf(value) else value
