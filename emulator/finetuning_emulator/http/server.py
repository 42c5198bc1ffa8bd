"""The HTTP server: serves an ASGI application from its own thread, and starts and stops quickly."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import socket
import threading
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from finetuning_emulator.http.connection import Connection
from finetuning_emulator.http.fault_middleware import RESET

__all__ = ["ServerThread", "open_listener"]

_STOP_TIMEOUT = 2
_KEEP_ALIVE_TIMEOUT = 75


class ServerThread:
    """A thread that serves an application until `stop`."""

    def __init__(self, app: ASGIApp, listening: socket.socket) -> None:
        self._server = _Server(app)
        self._thread = threading.Thread(
            target=self._server.run, args=([listening],), name="finetuning-emulator", daemon=True
        )
        self._thread.start()
        self._server.ready.wait()

    def stop(self) -> None:
        """Finish the current requests within a time limit, and end the thread."""
        self._server.stop()
        self._thread.join()

    def between_requests(self, action: Callable[[], None]) -> None:
        """Run an action in the server's thread, when no request is in the middle of a change."""
        if threading.current_thread() is self._thread:
            action()
            return

        async def run() -> None:
            action()

        asyncio.run_coroutine_threadsafe(run(), self._server.loop).result()


class _Server(uvicorn.Server):
    """A server that reports when it is ready, stops at once, and can reset a connection."""

    loop: asyncio.AbstractEventLoop

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        super().__init__(
            uvicorn.Config(
                self._respond,
                log_config=None,
                access_log=False,
                lifespan="off",
                interface="asgi3",
                http=Connection,
                ws="none",
                loop="asyncio",
                # A header could otherwise make a remote client look like a local one.
                proxy_headers=False,
                timeout_keep_alive=_KEEP_ALIVE_TIMEOUT,
            )
        )
        self.ready = threading.Event()
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Begin to stop; callable from any thread."""
        self.should_exit = True
        self.loop.call_soon_threadsafe(self._stopping.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self.loop = asyncio.get_running_loop()
        try:
            await super().startup(sockets)
        finally:
            self.ready.set()

    async def main_loop(self) -> None:
        # Wakes once a second, to update the date and close stalled connections, and at once to stop.
        seconds = 0
        while not await self.on_tick(seconds * 10):
            seconds += 1
            for connection in list(self.server_state.connections):
                if isinstance(connection, Connection):
                    connection.close_if_stalled()
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
            _, late = await asyncio.wait(tasks, timeout=_STOP_TIMEOUT)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["extensions"] = {RESET: functools.partial(self._reset, scope)}
        await self._app(scope, receive, send)

    def _reset(self, scope: Scope) -> None:
        """Reset the connection of a request."""
        for connection in list(self.server_state.connections):
            if isinstance(connection, Connection) and connection.client == scope["client"]:
                connection.reset()


def open_listener(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises `OSError` if the address cannot be used."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol given, asyncio recognizes TCP and disables Nagle's algorithm.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    with contextlib.ExitStack() as on_error:
        on_error.callback(listening.close)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(1024)
        on_error.pop_all()
    return listening
