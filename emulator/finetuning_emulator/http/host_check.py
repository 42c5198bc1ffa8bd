"""ASGI middleware that refuses requests for other hosts, as a defence against DNS rebinding.

A web page can make a browser send requests to this machine under the page's own host name. Such a
request names that host in its `Host` header. The port is not compared, since it may be forwarded.
"""

from __future__ import annotations

from collections.abc import Iterable

from starlette.types import ASGIApp, Receive, Scope, Send

from finetuning_emulator.errors import ApiError
from finetuning_emulator.http.addresses import is_loopback
from finetuning_emulator.http.responses import json_response, standard_headers

__all__ = ["HostCheck"]


class HostCheck:
    """Middleware that passes requests for `localhost`, the address of arrival, and the allowed hosts."""

    def __init__(self, app: ASGIApp, allowed: Iterable[str]) -> None:
        self._app = app
        self._allowed = {name.lower().strip("[]") for name in allowed}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to a request."""
        if scope["type"] != "http" or self._is_allowed(scope):
            await self._app(scope, receive, send)
            return
        shown = _host_header(scope)[:100]
        error = ApiError(
            421,
            f"The Host header '{shown}' is not an address of this emulator. Use its base URL, or start"
            " it with --allow-host NAME to accept another name.",
            code="host_not_allowed",
        )
        response = json_response(error.envelope(), error.status, {"connection": "close"})
        response.raw_headers.extend(standard_headers())
        await response(scope, receive, send)

    def _is_allowed(self, scope: Scope) -> bool:
        name = _without_port(_host_header(scope))
        server = scope.get("server") or ("", 0)
        return is_loopback(name) or name in self._allowed or name == server[0]


def _host_header(scope: Scope) -> str:
    values: list[bytes] = [value for name, value in scope["headers"] if name == b"host"]
    return values[0].decode("latin-1") if values else ""


def _without_port(host: str) -> str:
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].removesuffix(".")
