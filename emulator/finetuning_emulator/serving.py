"""Serving an application over HTTP from a thread of its own, quick to start and to stop."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import socket
import struct
import threading
from collections.abc import Callable
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from finetuning_emulator.interference import RESET

__all__ = ["ServerThread", "listener"]

_STOP_WITHIN = 2
_IDLE = 75
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class ServerThread:
    """An application that is served from a thread until `stop`."""

    def __init__(self, app: ASGIApp, listening: socket.socket) -> None:
        self._server = _Server(app)
        self._thread = threading.Thread(
            target=self._server.run, args=([listening],), name="finetuning-emulator", daemon=True
        )
        self._thread.start()
        self._server.ready.wait()

    def stop(self) -> None:
        """Answer what is being answered, within limits, and end the thread."""
        self._server.stop()
        self._thread.join()

    def between_requests(self, what: Callable[[], None]) -> None:
        """Do something in the server's thread, where it meets no request half-way in its changes."""
        if threading.current_thread() is self._thread:
            what()
            return

        async def done() -> None:
            what()

        asyncio.run_coroutine_threadsafe(done(), self._server.loop).result()


class _Server(uvicorn.Server):
    """A server that says when it is ready, stops at once, and can reset a connection."""

    loop: asyncio.AbstractEventLoop

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        super().__init__(
            uvicorn.Config(
                self._answer,
                log_config=None,
                access_log=False,
                lifespan="off",
                interface="asgi3",
                # The one that is always there, and so the one that is tested.
                http="h11",
                ws="none",
                loop="asyncio",
                # A header could otherwise pass a stranger off as a program of this machine.
                proxy_headers=False,
                timeout_keep_alive=_IDLE,
            )
        )
        self.ready = threading.Event()
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Begin to stop, from any thread."""
        self.should_exit = True
        self.loop.call_soon_threadsafe(self._stopping.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self.loop = asyncio.get_running_loop()
        try:
            await super().startup(sockets)
        finally:
            self.ready.set()

    async def main_loop(self) -> None:
        # Waking only to renew the date, once a second, and to stop without delay.
        seconds = 0
        while not await self.on_tick(seconds * 10):
            seconds += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), 1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for listening in sockets or ():
            listening.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if tasks := list(self.server_state.tasks):
            _, late = await asyncio.wait(tasks, timeout=_STOP_WITHIN)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["extensions"] = {RESET: functools.partial(self._reset, scope)}
        await self._app(scope, receive, send)

    def _reset(self, scope: Scope) -> None:
        """Close the connection of a request so that its client reads "connection reset"."""
        connections: list[Any] = list(self.server_state.connections)
        for connection in connections:
            if connection.client == scope["client"]:
                transport = connection.transport
                transport.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE
                )
                transport.abort()


def listener(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises `OSError` when it cannot."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio turns Nagle's delays off only where it sees TCP.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    with contextlib.ExitStack() as on_error:
        on_error.callback(listening.close)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(1024)
        on_error.pop_all()
    return listening
