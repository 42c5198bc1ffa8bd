"""A loopback server that fails as a fault describes, and records the objects and requests.

Each run of an operation has its own service under its own path. The fault of the run applies to the requests
for its operation; a working service (see `service`) responds to all other requests.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from itertools import count
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from .service import CHECKPOINT, JOBS, Quirk, Service

__all__ = ["NO_FAULT", "Behaviour", "Exchange", "Fault", "Run", "Server", "body_of", "encode"]

_PATHS = {
    "create": ("POST", "/fine_tuning/jobs"),
    "retrieve": ("GET", "/fine_tuning/jobs/ftjob-7"),
    "list": ("GET", "/fine_tuning/jobs"),
    "upload": ("POST", "/files"),
    "cancel": ("POST", "/fine_tuning/jobs/ftjob-7/cancel"),
    "share": ("POST", f"/fine_tuning/checkpoints/{CHECKPOINT}/permissions"),
}

_PHRASES = {known.value: known.phrase for known in HTTPStatus}


@dataclass(frozen=True)
class Fault:
    """A way in which the server fails.

    Attributes:
        name: a short description, as shown on the page.
        behaviour: reads the request and writes the faulty response.
        times: the number of requests that fail; later ones succeed.
        operations: the operations it applies to; empty for all.
        items: for lists, the number of existing jobs that the server shows in total.
        also_others: whether all other requests of the run fail too, after the first one of the operation.
        refused: whether the port does not listen at all.
        places: the numbers of the requests that fail, from 1, among all requests of the run; `times` is then
            ignored.
        quirk: the unusual property of the lists of the service.
        is_late: whether the request is processed some time after its connection is lost, so that the pauses
            of the client must be real.
    """

    name: str
    behaviour: Behaviour
    times: float = 1
    operations: tuple[str, ...] = ()
    items: int = len(JOBS)
    also_others: bool = False
    refused: bool = False
    places: Collection[int] = ()
    quirk: Quirk = ""
    is_late: bool = False


@dataclass
class Run(Service):
    """The service of one run, and its counters.

    Attributes:
        fault: the fault that is tested.
        operation: the operation to which the fault applies.
        base_url: the base URL of this service.
        elsewhere: the base URL of the same service at another origin.
        requests: the number of requests for the operation.
        all_requests: the number of all requests.
        leaked: the number of requests with a key or a body that came to another origin.
        second_page_failed: for faults of the second page, whether it has already failed.
        pending: the number of requests that the server has yet to process.
    """

    fault: Fault
    operation: str
    base_url: str
    elsewhere: str
    requests: int = 0
    all_requests: int = 0
    leaked: int = 0
    second_page_failed: bool = False
    pending: int = 0


class Exchange:
    """One request, and the connection for its response."""

    def __init__(
        self,
        run: Run,
        method: str,
        target: str,
        headers: Mapping[str, str],
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        url = urlsplit(target)
        self.run = run
        self.method = method
        self.target = target
        # The first two segments are the run and the version, which may have any value.
        self.path = "/" + url.path.split("/", 3)[3]
        self.query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        self.headers = headers
        self._reader, self._writer = streams
        self._body: bytes | None = None

    async def body(self) -> bytes:
        """Return the body of the request; the first call reads it from the connection."""
        if self._body is None:
            if self.headers.get("transfer-encoding", "").lower() == "chunked":
                self._body = await self._chunks()
            else:
                self._body = await self._reader.readexactly(int(self.headers.get("content-length", "0")))
        return self._body

    async def _chunks(self) -> bytes:
        pieces = []
        while size := int(await self._reader.readline(), 16):
            pieces.append((await self._reader.readexactly(size + 2))[:-2])
        await self._reader.readline()
        return b"".join(pieces)

    async def part_of_body(self) -> None:
        """Read only the first bytes of the body."""
        await self._reader.read(16)

    async def process(self) -> tuple[int, Any]:
        """Process the request; see `Run.process`."""
        return self.run.process(self.method, self.path, self.query, await self.body())

    async def write(self, data: bytes) -> None:
        """Send bytes unchanged, unless the connection is lost."""
        if not self.is_open:
            return
        self._writer.write(data)
        with suppress(ConnectionError):
            await self._writer.drain()

    async def silence(self) -> None:
        """Send nothing until the client disconnects."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while await self._reader.read(65536):
                pass

    def close(self) -> None:
        """Close the connection normally."""
        self._writer.close()

    def reset(self) -> None:
        """Reset the connection."""
        sock = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    @property
    def is_open(self) -> bool:
        """True if the connection can carry another request."""
        return not self._writer.is_closing()


Behaviour = Callable[[Exchange], Awaitable[None]]


async def _respond_well(exchange: Exchange) -> None:
    status, value = await exchange.process()
    await exchange.write(encode(status, body_of(value)))


NO_FAULT = Fault("none", _respond_well, times=0)
"""The fault of a run without one."""


def encode(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
    """Return the bytes of a complete response; a header with an empty value is left out."""
    named = {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Date": formatdate(usegmt=True),
        **(headers or {}),
    }
    lines = [f"HTTP/1.1 {status} {_PHRASES.get(status, 'Something')}"]
    lines += [f"{name}: {value}" for name, value in named.items() if value]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def body_of(value: Any) -> bytes:
    """Return the body of a response: bytes unchanged, anything else as JSON."""
    return value if isinstance(value, bytes) else json.dumps(value).encode()


class Server:
    """The server, which runs in a thread inside a `with` block; `open` gives each run its service."""

    def __init__(self) -> None:
        self._runs: dict[str, Run] = {}
        self._numbers = count()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._loop: asyncio.AbstractEventLoop
        self._stopped: asyncio.Event
        self._ports: list[int] = []

    def open(self, fault: Fault, operation: str) -> Run:
        """Return a new service at which `operation` meets `fault`."""
        name = str(next(self._numbers))
        here, elsewhere = (f"http://127.0.0.1:{port}/{name}/v1" for port in self._ports[:2])
        if fault.refused:
            here = f"http://127.0.0.1:{self._ports[2]}/{name}/v1"
        run = Run(fault, operation, here, elsewhere, quirk=fault.quirk, ends=operation == "wait")
        self._runs[name] = run
        return run

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopped = asyncio.Event()
        servers = [await asyncio.start_server(self._connected, "127.0.0.1", 0) for _ in range(2)]
        self._ports = [server.sockets[0].getsockname()[1] for server in servers]
        # Bound but not listening: connections are refused, and no other program gets the port.
        with socket.socket() as refusing:
            refusing.bind(("127.0.0.1", 0))
            self._ports.append(refusing.getsockname()[1])
            self._ready.set()
            await self._stopped.wait()
        for server in servers:
            server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                exchange = await self._read_request(reader, writer)
                await self._respond(exchange, writer.get_extra_info("sockname")[1])
                if not exchange.is_open:
                    break
                await exchange.body()
        writer.close()

    async def _read_request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Exchange:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        return Exchange(self._runs[target.split("/")[1]], method, target, headers, (reader, writer))

    async def _respond(self, exchange: Exchange, port: int) -> None:
        run = exchange.run
        if port == self._ports[1] or exchange.headers.get("host", "").startswith("localhost"):
            run.leaked += bool("authorization" in exchange.headers or await exchange.body())
        elif self._is_faulty(exchange):
            await run.fault.behaviour(exchange)
            return
        await _respond_well(exchange)

    def _is_faulty(self, exchange: Exchange) -> bool:
        run = exchange.run
        run.all_requests += 1
        if run.fault.places:
            return run.all_requests in run.fault.places
        path = exchange.path.replace("%3A", ":")
        if (exchange.method, path) == _PATHS.get(run.operation):
            run.requests += 1
            return run.requests <= run.fault.times
        return run.fault.also_others and run.requests > 0
