"""An emulator to hold: its state and its clock, served over HTTP on loopback from a thread."""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp

from finetuning_emulator.app import create_app
from finetuning_emulator.clock import Clock
from finetuning_emulator.service import Service
from finetuning_emulator.store import Store

__all__ = ["Emulator"]

_STOP_WITHIN = 2
_IDLE = 75


class Emulator:
    """A fine-tuning API that trains nothing: its metrics are simulated.

    `speed` is how many seconds of the emulator's time pass in one real second: 60 makes minutes
    of seconds, 0 stands still until `advance`, `inf` has every job finished as soon as it is asked
    about. `state` is `":memory:"` or a path that survives restarts. `port` 0 takes a free one.

    As a context manager it serves on `base_url`. Without, `app` answers in-process over ASGI, and
    `close` puts the state away.

    Raises `StateUnavailable` when the state cannot be opened, `OSError` when the port is taken.
    """

    def __init__(
        self,
        speed: float = 1.0,
        state: str | Path = ":memory:",
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        clock: Clock | None = None,
    ) -> None:
        self._service = Service(Store(state), clock or Clock(speed))
        self._app = create_app(self._service)
        self._host = host
        self._port = port
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def app(self) -> ASGIApp:
        """The emulator as an ASGI application, its paths beginning with `/v1`."""
        return self._app

    @property
    def base_url(self) -> str:
        """Where the emulator is served, for a client's `base_url`; needs `start`."""
        if self._server is None:
            raise RuntimeError("the emulator is not serving: use it as a context manager")
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}/v1"

    def advance(self, *, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Move the emulator's clock forward; it does not go back."""
        self._service.advance(round((hours * 3600 + minutes * 60 + seconds) * 1000))

    def start(self) -> Self:
        """Serve over HTTP; returns once it answers."""
        if self._server is not None:
            return self
        listener = _listener(self._host, self._port)
        self._port = listener.getsockname()[1]
        self._server = _Server(self._app)
        self._thread = threading.Thread(
            target=self._server.run, args=([listener],), name="finetuning-emulator", daemon=True
        )
        self._thread.start()
        self._server.ready.wait()
        return self

    def stop(self) -> None:
        """Stop serving; the state stays open."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join()
        self._server = self._thread = None

    def close(self) -> None:
        """Stop serving and put the state away."""
        self.stop()
        self._service.close()

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class _Server(uvicorn.Server):
    """A server that says when it is ready."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",
                loop="asyncio",
                timeout_graceful_shutdown=_STOP_WITHIN,
                timeout_keep_alive=_IDLE,
            )
        )
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        finally:
            self.ready.set()


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio turns Nagle's delays off only where it sees TCP.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    with contextlib.ExitStack() as on_error:
        on_error.callback(listener.close)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(1024)
        on_error.pop_all()
    return listener
