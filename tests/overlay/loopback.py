"""A loopback server that sends the bytes that a test gives it."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Self

from finetuning_client import AsyncFineTuning, FineTuning, RetryPolicy

from .conftest import BlockingFacade

ONCE = RetryPolicy(max_attempts=1)
FAST = RetryPolicy(initial_delay=0.01, max_delay=0.01)

Handler = Callable[["Connection"], None]


class Connection:
    """One connection: `request` is the last request, `send` writes raw bytes."""

    def __init__(self, sock: socket.socket, server: Server) -> None:
        self.sock, self.server, self.request = sock, server, b""

    def receive(self) -> bool:
        """Read one request with its body; return `False` at the end of the connection."""
        data = b""
        while b"\r\n\r\n" not in data:
            piece = self.sock.recv(65_536)
            if not piece:
                return False
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
        while length and len(body) < int(length[1]):
            piece = self.sock.recv(65_536)
            if not piece:
                return False
            body += piece
        self.request = head + b"\r\n\r\n" + body
        self.server.requests.append(self.request)
        return True

    def send(self, *pieces: bytes) -> None:
        """Write bytes."""
        for piece in pieces:
            self.sock.sendall(piece)

    def reply(self, body: bytes, *headers: str, status: str = "200 OK", length: bool = True) -> None:
        """Write a response, with a Content-Length unless `length` is false."""
        lines = [f"HTTP/1.1 {status}", *headers, *([f"content-length: {len(body)}"] if length else [])]
        self.send("\r\n".join([*lines, "", ""]).encode("latin-1"), body)

    def wait(self, seconds: float) -> bool:
        """Wait until the server stops or the time has passed; return whether it stopped."""
        return self.server.stopped.wait(seconds)


class Server:
    """Calls `handler` for each connection in a thread, until the block ends."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.requests: list[bytes] = []
        self.stopped = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.base_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"
        self._threads = [threading.Thread(target=self._accept)]
        self._open: list[socket.socket] = []

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._threads[0].join()
        for sock in self._open:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads[1:]:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(sock)
            thread = threading.Thread(target=self._serve, args=(sock,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        with sock, suppress(OSError):
            self.handler(Connection(sock, self))


def each_request(handler: Handler) -> Handler:
    """Return a handler of connections that calls `handler` for each request of a persistent connection."""

    def handle(connection: Connection) -> None:
        while connection.receive():
            handler(connection)

    return handle


@contextmanager
def serving(handler: Handler) -> Iterator[Server]:
    """Yield a server that calls `handler` for each connection."""
    with Server(handler) as server:
        yield server


@contextmanager
def connected(kind: str, server: Server, **options: Any) -> Iterator[Any]:
    """Yield a client of this kind with its own pool, for a server."""
    options = {"api_key": "sk-test", "base_url": server.base_url, "retry": FAST, **options}
    if kind == "sync":
        with FineTuning(**options) as blocking:
            yield blocking
        return
    with asyncio.Runner() as runner:
        facade = BlockingFacade(runner, AsyncFineTuning(**options))
        try:
            yield facade
        finally:
            facade.close()
