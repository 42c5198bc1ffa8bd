"""ASGI middleware that applies faults to responses.

It resets a connection through `scope["extensions"][RESET]`, which the server provides. In-process
there is no connection, and the caller gets a `ConnectionResetError`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from finetuning_emulator.controls.faults import Fault, FaultSet
from finetuning_emulator.http.responses import json_response, standard_headers

__all__ = ["RESET", "FaultMiddleware"]

RESET = "finetuning_emulator.reset"
_PIECES = 64
_PAGE = (
    "<html>\n<head><title>{0}</title></head>\n<body>\n<center><h1>{0}</h1></center>\n"
    "<hr><center>proxy (simulated)</center>\n</body>\n</html>\n"
)


class FaultMiddleware:
    """Middleware that changes the responses of requests that have a fault."""

    def __init__(self, app: ASGIApp, faults: FaultSet) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to a request, with its fault if it has one."""
        fault = None
        if scope["type"] == "http":
            fault = self._faults.take(scope["method"], scope["path"])
        if fault is None:
            await self._app(scope, receive, send)
        elif fault.kind in ("error", "rate_limit", "html"):
            await self._replace(fault, scope, receive, send)
        elif fault.kind == "reset_before":
            await _drain(receive)
            await _reset(scope, receive)
        else:
            held = _HeldResponse()
            await self._app(scope, receive, held)
            if held.start:
                await _APPLY[fault.kind](fault, held, scope, receive, send)

    async def _replace(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        if fault.carried_out:
            await self._app(scope, receive, _HeldResponse())
        else:
            await _drain(receive)
        status, headers = fault.response_status, fault.retry_headers()
        response: Response
        if fault.kind == "html":
            response = HTMLResponse(_PAGE.format(f"{status} (simulated)"), status, headers)
        else:
            response = json_response(fault.error().envelope(), status, headers)
        response.raw_headers.extend(standard_headers())
        await response(scope, receive, send)


class _HeldResponse:
    """A whole response that has not been sent yet; `start` is empty if the client disconnected first."""

    def __init__(self) -> None:
        self.start: Message = {}
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
        else:
            self.body += message.get("body", b"")

    async def begin(self, send: Send) -> None:
        """Send the status and headers unchanged."""
        await send(self.start)

    def cut(self) -> None:
        """Drop the second half of the body, and adjust the Content-Length."""
        self.body = self.body[: len(self.body) // 2]
        headers = [pair for pair in self.start["headers"] if pair[0] != b"content-length"]
        length = str(len(self.body)).encode()
        self.start = {**self.start, "headers": [*headers, (b"content-length", length)]}


async def _truncated(_: Fault, held: _HeldResponse, __: Scope, ___: Receive, send: Send) -> None:
    held.cut()
    await held.begin(send)
    await send({"type": "http.response.body", "body": held.body})


async def _reset_within(_: Fault, held: _HeldResponse, scope: Scope, receive: Receive, send: Send) -> None:
    await held.begin(send)
    half = held.body[: len(held.body) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})
    await _reset(scope, receive)


async def _reset_after(_: Fault, __: _HeldResponse, scope: Scope, receive: Receive, ___: Send) -> None:
    await _reset(scope, receive)


async def _slow(fault: Fault, held: _HeldResponse, _: Scope, __: Receive, send: Send) -> None:
    await held.begin(send)
    size = max(1, -(-len(held.body) // _PIECES))
    pieces = [held.body[at : at + size] for at in range(0, len(held.body), size)]
    for piece in pieces:
        await anyio.sleep(fault.seconds / len(pieces))
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body"})


async def _drain(receive: Receive) -> None:
    """Read a request to its end, since a client that is still sending does not read the response."""
    while (await receive()).get("more_body", False):
        pass


async def _reset(scope: Scope, receive: Receive) -> None:
    reset: Callable[[], None] | None = scope.get("extensions", {}).get(RESET)
    if reset is None:
        raise ConnectionResetError("connection reset (simulated by a fault)")
    reset()
    # The server logs an error for an application that returns before it has responded.
    while (await receive())["type"] != "http.disconnect":
        pass


_Apply = Callable[[Fault, _HeldResponse, Scope, Receive, Send], Awaitable[None]]
_APPLY: dict[str, _Apply] = {
    "truncated": _truncated,
    "reset_within": _reset_within,
    "reset_after": _reset_after,
    "slow": _slow,
}
