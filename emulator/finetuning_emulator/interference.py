"""Does to answers what faults ask for, as an ASGI application around the emulator's.

A connection is reset through `scope["extensions"][RESET]`, which the server provides; in-process,
where there is no connection, the caller gets a `ConnectionResetError`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from finetuning_emulator.answers import json_answer, stamp
from finetuning_emulator.faults import Fault, Faults

__all__ = ["RESET", "Interference"]

RESET = "finetuning_emulator.reset"
_PIECES = 64
_PAGE = (
    "<html>\n<head><title>{0}</title></head>\n<body>\n<center><h1>{0}</h1></center>\n"
    "<hr><center>proxy (simulated)</center>\n</body>\n</html>\n"
)


class Interference:
    """Passes requests on to an application, but for those that meet a fault."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, well or not."""
        fault = None
        if scope["type"] == "http":
            fault = self._faults.striking(scope["method"], scope["path"])
        if fault is None:
            await self._app(scope, receive, send)
        elif fault.kind in ("error", "rate_limit", "html"):
            await self._replace(fault, scope, receive, send)
        elif fault.kind == "reset_before":
            await _drain(receive)
            await _reset(scope, receive)
        else:
            answer = _Answer()
            await self._app(scope, receive, answer)
            if answer.start:
                await _SPOILED[fault.kind](fault, answer, scope, receive, send)

    async def _replace(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        if fault.carried_out:
            await self._app(scope, receive, _Answer())
        else:
            await _drain(receive)
        status, headers = fault.answer_status, fault.headers()
        answer: Response
        if fault.kind == "html":
            answer = HTMLResponse(_PAGE.format(f"{status} (simulated)"), status, headers)
        else:
            answer = json_answer(fault.refusal().envelope(), status, headers)
        answer.raw_headers.extend(stamp())
        await answer(scope, receive, send)


class _Answer:
    """An answer that is kept back, whole; without a `start` when the client went away before."""

    def __init__(self) -> None:
        self.start: Message = {}
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
        else:
            self.body += message.get("body", b"")

    async def begin(self, send: Send) -> None:
        """Send the head of the answer as it was."""
        await send(self.start)

    def cut(self) -> None:
        """Lose the second half, and announce no more than the first."""
        self.body = self.body[: len(self.body) // 2]
        headers = [pair for pair in self.start["headers"] if pair[0] != b"content-length"]
        length = str(len(self.body)).encode()
        self.start = {**self.start, "headers": [*headers, (b"content-length", length)]}


async def _truncated(_: Fault, answer: _Answer, __: Scope, ___: Receive, send: Send) -> None:
    answer.cut()
    await answer.begin(send)
    await send({"type": "http.response.body", "body": answer.body})


async def _reset_within(_: Fault, answer: _Answer, scope: Scope, receive: Receive, send: Send) -> None:
    await answer.begin(send)
    half = answer.body[: len(answer.body) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})
    await _reset(scope, receive)


async def _reset_after(_: Fault, __: _Answer, scope: Scope, receive: Receive, ___: Send) -> None:
    await _reset(scope, receive)


async def _slow(fault: Fault, answer: _Answer, _: Scope, __: Receive, send: Send) -> None:
    await answer.begin(send)
    size = max(1, -(-len(answer.body) // _PIECES))
    pieces = [answer.body[at : at + size] for at in range(0, len(answer.body), size)]
    for piece in pieces:
        await anyio.sleep(fault.seconds / len(pieces))
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body"})


async def _drain(receive: Receive) -> None:
    """Read a request to its end: a client that is still sending would not read what comes back."""
    while (await receive()).get("more_body", False):
        pass


async def _reset(scope: Scope, receive: Receive) -> None:
    reset: Callable[[], None] | None = scope.get("extensions", {}).get(RESET)
    if reset is None:
        raise ConnectionResetError("the connection was reset, as a fault asked for")
    reset()
    # The server takes an application that ends before its connection does for a broken one.
    while (await receive())["type"] != "http.disconnect":
        pass


_Spoil = Callable[[Fault, _Answer, Scope, Receive, Send], Awaitable[None]]
_SPOILED: dict[str, _Spoil] = {
    "truncated": _truncated,
    "reset_within": _reset_within,
    "reset_after": _reset_after,
    "slow": _slow,
}
