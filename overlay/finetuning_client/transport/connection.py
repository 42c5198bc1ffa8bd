"""The connection of a client to a server: base URL, headers, timeout and keys, already checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from ..plans.effects import Response, Send
from ..record import Record, replace
from .credentials import Credentials
from .time_bounds import EXTENSION, Bound

ACCEPT = "application/json"
"""The media type of a response, where the request names no other."""

ACCEPT_ENCODING = {"accept-encoding": "gzip"}
"""The header with the only encoding of a response that is decoded here."""


class Connection(Record):
    """Destination of requests, and what is sent with each.

    Attributes:
        base_url: without a trailing slash; an operation's path follows it.
        credentials: sign the requests.
        headers: further headers.
        timeout: for one attempt, in seconds, or for each of its steps, as an `httpx.Timeout`; `None` for no
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
            # Not compressed, so that a position in the received data is a position in the file.
            options["headers"]["accept-encoding"] = "identity"
        options["extensions"] = {EXTENSION: bound}
        options["timeout"] = self.timeout
        is_enough = isinstance(self.timeout, int | float) and self.timeout <= bound.left()
        if send.deadline is not None and not is_enough:
            # For a pool of the user: this bounds each operation, although not their sum.
            of_each = httpx.Timeout(self.timeout).as_dict().items()
            options["timeout"] = httpx.Timeout(**{name: max(bound.left(t), 0.0) for name, t in of_each})
        return options

    def without(self, headers: Mapping[str, str]) -> Connection:
        """Return the connection without the headers that a pool sends anyway, as merging takes time."""
        wanted = {**self.headers, **ACCEPT_ENCODING}
        return replace(self, headers={n: v for n, v in wanted.items() if headers.get(n) != v})

    def annotated(self, response: Response) -> Response:
        """Return a response with a note where the base URL is the likely cause of an error."""
        if response.status == 404 and httpx.URL(self.base_url).path in ("", "/"):
            return replace(response, note="base_url has no path: most servers have the API under /v1")
        return response
