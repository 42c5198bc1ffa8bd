"""A loopback server that fails on the wire as a fault describes, and records what it created and received.

Each run of an operation has its own service under its own path. The fault of the run applies to the requests
for its operation; a working service responds to all other requests.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from itertools import count
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

__all__ = [
    "CHECKPOINT",
    "CONTENT",
    "FILE",
    "JOBS",
    "Behaviour",
    "Exchange",
    "Fault",
    "Run",
    "Server",
    "encode",
]

CHECKPOINT = "ft:gpt-4o-mini-2024-07-18:lab::abcdefgh:ckpt-step-100"
CONTENT = b'{"messages": [{"role": "user", "content": "Hello?"}, {"role": "assistant", "content": "Yes."}]}\n'
FILE = "file-train"
JOBS = [f"ftjob-{number}" for number in range(7, 0, -1)]
"""The ids of the jobs that exist from the start, newest first."""

_AGE_OF_JOBS = 7200
_PATHS = {
    "create": ("POST", "/fine_tuning/jobs"),
    "retrieve": ("GET", "/fine_tuning/jobs/ftjob-7"),
    "list": ("GET", "/fine_tuning/jobs"),
    "upload": ("POST", "/files"),
    "cancel": ("POST", "/fine_tuning/jobs/ftjob-7/cancel"),
    "share": ("POST", f"/fine_tuning/checkpoints/{CHECKPOINT}/permissions"),
}


@dataclass(frozen=True)
class Fault:
    """One way for a server to fail.

    Attributes:
        name: a short description, as the page shows it.
        behaviour: reads the request and writes the faulty response.
        times: the number of requests that fail; later ones succeed.
        operations: the operations it applies to; empty for all.
        items: for lists, how many of the existing jobs the server ever shows.
        also_others: whether all other requests of the run fail too, after the first one of the operation.
        refused: whether the port does not listen at all.
    """

    name: str
    behaviour: Behaviour
    times: float = 1
    operations: tuple[str, ...] = ()
    items: int = len(JOBS)
    also_others: bool = False
    refused: bool = False


@dataclass
class Run:
    """The service of one run, and what happened at it.

    Attributes:
        fault: the fault that is tested.
        operation: the operation that meets it.
        base_url: the base URL of this service.
        elsewhere: the base URL of the same service at another origin.
        jobs, files, permissions: the existing objects, newest first.
        created: the ids of the objects that were created during the run.
        requests: the number of requests for the operation.
        leaked: the number of requests with a key or a body that came to another origin.
        second_page_failed: for faults of the second page: whether it has happened.
        pending: the number of requests that the server has yet to process.
    """

    fault: Fault
    operation: str
    base_url: str
    elsewhere: str
    jobs: list[dict[str, Any]]
    files: list[dict[str, Any]]
    permissions: list[dict[str, Any]] = field(default_factory=list)
    created: list[str] = field(default_factory=list)
    requests: int = 0
    leaked: int = 0
    second_page_failed: bool = False
    pending: int = 0

    def process(self, method: str, path: str, query: Mapping[str, str], body: bytes) -> tuple[int, Any]:
        """Process a request as a working service does; return the status and the JSON of the response."""
        parts = path.strip("/").split("/")
        match method, parts:
            case "POST", ["fine_tuning", "jobs"]:
                return 200, self._create_job(json.loads(body))
            case "GET", ["fine_tuning", "jobs"]:
                return 200, _page(self.jobs, query)
            case "POST", ["fine_tuning", "jobs", job_id, "cancel"]:
                return self._cancel(job_id)
            case "GET", ["fine_tuning", "jobs", job_id]:
                return next(((200, job) for job in self.jobs if job["id"] == job_id), _NOT_FOUND)
            case "POST", ["files"]:
                return 200, self._create_file(body)
            case "GET", ["files"]:
                return 200, _page(self.files, query)
            case "POST", ["fine_tuning", "checkpoints", _, "permissions"]:
                new = [self._create_permission(project) for project in json.loads(body)["project_ids"]]
                return 200, {"object": "list", "data": new, "has_more": False}
            case "GET", ["fine_tuning", "checkpoints", _, "permissions"]:
                return 200, _page(self.permissions, query)
        return _NOT_FOUND

    def _create_job(self, body: dict[str, Any]) -> dict[str, Any]:
        return self._add(self.jobs, _job(f"ftjob-new-{len(self.created)}", time.time(), body))

    def _create_file(self, body: bytes) -> dict[str, Any]:
        return self._add(self.files, _file(f"file-new-{len(self.created)}", time.time(), body.count(CONTENT)))

    def _create_permission(self, project: str) -> dict[str, Any]:
        new = {"id": f"cp_{len(self.created)}", "object": "checkpoint.permission", "project_id": project}
        return self._add(self.permissions, {**new, "created_at": int(time.time())})

    def _add(self, objects: list[dict[str, Any]], new: dict[str, Any]) -> dict[str, Any]:
        objects.insert(0, new)
        self.created.append(new["id"])
        return new

    def _cancel(self, job_id: str) -> tuple[int, Any]:
        job = next(job for job in self.jobs if job["id"] == job_id)
        if job["status"] == "cancelled":
            return 400, {"error": {"message": "the job has ended", "type": "invalid_request_error"}}
        job["status"] = "cancelled"
        return 200, job


_NOT_FOUND = 404, {"error": {"message": "object not found", "type": "invalid_request_error"}}


def _page(objects: list[dict[str, Any]], query: Mapping[str, str]) -> dict[str, Any]:
    ids = [item["id"] for item in objects]
    start = ids.index(query["after"]) + 1 if query.get("after") in ids else 0
    end = start + int(query.get("limit", "20"))
    return {"object": "list", "data": objects[start:end], "has_more": end < len(objects)}


def _job(job_id: str, created_at: float, request: Mapping[str, Any]) -> dict[str, Any]:
    settings = {"n_epochs": 3, "batch_size": "auto", "learning_rate_multiplier": "auto"}
    return {
        "id": job_id,
        "object": "fine_tuning.job",
        "created_at": int(created_at),
        "model": request["model"],
        "status": "running",
        "training_file": request["training_file"],
        "validation_file": None,
        "fine_tuned_model": None,
        "finished_at": None,
        "error": None,
        "hyperparameters": settings,
        "method": {"type": "supervised", "supervised": {"hyperparameters": settings}},
        "organization_id": "org-lab",
        "result_files": [],
        "seed": 7,
        "trained_tokens": None,
        "metadata": request.get("metadata"),
    }


def _file(file_id: str, created_at: float, copies: int) -> dict[str, Any]:
    return {
        "id": file_id,
        "object": "file",
        "bytes": len(CONTENT) * copies,
        "created_at": int(created_at),
        "filename": "train.jsonl",
        "purpose": "fine-tune",
        "status": "processed",
    }


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
        # The first two segments are the run and the version, which can be any.
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
        """Send bytes unchanged."""
        self._writer.write(data)
        with suppress(ConnectionError):
            await self._writer.drain()

    async def silence(self) -> None:
        """Send nothing until the client disconnects."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while await self._reader.read(65536):
                pass

    def close(self) -> None:
        """Close the connection in the regular way."""
        self._writer.close()

    def reset(self) -> None:
        """Reset the connection."""
        sock = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    @property
    def is_open(self) -> bool:
        """Whether the connection can carry another request."""
        return not self._writer.is_closing()


Behaviour = Callable[[Exchange], Awaitable[None]]


def encode(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
    """Return the bytes of a complete response; a header with an empty value is left out."""
    named = {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Date": formatdate(usegmt=True),
        **(headers or {}),
    }
    known = {known.value: known.phrase for known in HTTPStatus}
    lines = [f"HTTP/1.1 {status} {known.get(status, 'Something')}"]
    lines += [f"{name}: {value}" for name, value in named.items() if value]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


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
        then = time.time() - _AGE_OF_JOBS
        request = {"model": "gpt-4o-mini-2024-07-18", "training_file": FILE}
        here, elsewhere = (f"http://127.0.0.1:{port}/{name}/v1" for port in self._ports[:2])
        if fault.refused:
            here = f"http://127.0.0.1:{self._ports[2]}/{name}/v1"
        jobs = [_job(job_id, then - number, request) for number, job_id in enumerate(JOBS)]
        run = Run(fault, operation, here, elsewhere, jobs, [_file("file-old", then, 1)])
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
        status, value = await exchange.process()
        await exchange.write(encode(status, json.dumps(value).encode()))

    def _is_faulty(self, exchange: Exchange) -> bool:
        run = exchange.run
        path = exchange.path.replace("%3A", ":")
        if (exchange.method, path) == _PATHS[run.operation]:
            run.requests += 1
            return run.requests <= run.fault.times
        return run.fault.also_others and run.requests > 0
