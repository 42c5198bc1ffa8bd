"""Fixtures: a fake server, a clock that the test moves, and a client that uses both.

Responses are queued on `server` one by one. `client` runs each test twice: with `FineTuning`, and with
`AsyncFineTuning` behind a blocking facade, so that one test covers both.
"""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from finetuning_client import AsyncFineTuning, AsyncJob, AsyncPager, FineTuning, RetryPolicy

BASE_URL = "https://api.test/v1"
JSONL = b'{"messages": []}\n'

Reply = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class FakeServer:
    """A server that sends queued responses in order, and records the requests.

    Attributes:
        requests: the requests received so far.
        queue: responses, exceptions of the HTTP library, and functions of the request, not sent yet. A
            request without a queued response fails the test.
        handler: if set, returns the response to every request; the queue is not used then.
    """

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.queue: list[Reply] = []
        self.handler: Callable[[httpx.Request], httpx.Response] | None = None

    def enqueue(self, *replies: Reply | dict[str, Any]) -> FakeServer:
        """Add to the queue; a dict is a 200 response with that JSON body."""
        self.queue += [httpx.Response(200, json=r) if isinstance(r, dict) else r for r in replies]
        return self

    @property
    def calls(self) -> list[str]:
        """The method and path of each request so far."""
        return [f"{r.method} {r.url.path.removeprefix('/v1')}" for r in self.requests]

    def body(self, index: int) -> Any:
        """Return the JSON body of a request."""
        return json.loads(self.requests[index].content)

    def respond(self, request: httpx.Request) -> httpx.Response:
        """Record the request and return its response."""
        self.requests.append(request)
        request.read()
        return self._reply_to(request)

    async def respond_async(self, request: httpx.Request) -> httpx.Response:
        """`respond` for an asynchronous client."""
        self.requests.append(request)
        await request.aread()
        return self._reply_to(request)

    def _reply_to(self, request: httpx.Request) -> httpx.Response:
        if self.handler is not None:
            return self.handler(request)
        assert self.queue, f"no response is queued for {request.method} {request.url}"
        reply = self.queue.pop(0)
        if isinstance(reply, Exception):
            raise reply
        if not isinstance(reply, httpx.Response):
            return reply(request)
        # A copy, since a response that a blocking client has read cannot be read by an async one.
        return httpx.Response(reply.status_code, headers=reply.headers, content=reply.content)


class ManualClock:
    """A clock that moves only when something sleeps, and never really waits."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self.now = now
        self.slept: list[float] = []

    def time(self) -> float:
        """Return the time in Unix seconds."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Move the clock."""
        self.slept.append(seconds)
        self.now += seconds


class AsyncManualClock(ManualClock):
    """`ManualClock` for asynchronous clients."""

    async def sleep(self, seconds: float) -> None:  # type: ignore[override]
        """Move the clock."""
        ManualClock.sleep(self, seconds)


class BlockingFacade:
    """Blocking interface of an object of the asynchronous client."""

    def __init__(self, runner: asyncio.Runner, target: Any) -> None:
        self._runner = runner
        self._target = target

    def __getattr__(self, name: str) -> Any:
        return self._wrap(getattr(self._target, name))

    def __iter__(self) -> Iterator[Any]:
        return self._iterate(self._target.__aiter__())

    def __repr__(self) -> str:
        return repr(self._target)

    def __eq__(self, other: object) -> bool:
        return bool(self._target == (other._target if isinstance(other, BlockingFacade) else other))

    def __hash__(self) -> int:
        return hash(self._target)

    def _wrap(self, value: Any) -> Any:
        if inspect.iscoroutine(value):
            value = self._runner.run(value)
        if isinstance(value, list | tuple):
            return type(value)(self._wrap(item) for item in value)
        if isinstance(value, AsyncJob | AsyncPager | AsyncFineTuning):
            return BlockingFacade(self._runner, value)
        if isinstance(value, AsyncIterator):
            return self._iterate(value)
        if inspect.ismethod(value):
            return lambda *args, **kwargs: self._wrap(value(*map(_unwrapped, args), **kwargs))
        if type(value).__module__.startswith("finetuning_client") and type(value).__name__ in _RESOURCES:
            return BlockingFacade(self._runner, value)
        return value

    def _iterate(self, items: Any) -> Iterator[Any]:
        async def next_item() -> Any:
            return await anext(items)

        try:
            while True:
                try:
                    item = self._runner.run(next_item())
                except StopAsyncIteration:
                    return
                yield self._wrap(item)
        finally:
            self._runner.run(items.aclose())


_RESOURCES = (
    "AsyncCheckpoints",
    "AsyncFiles",
    "AsyncGraders",
    "AsyncJobs",
    "AsyncModels",
    "AsyncPermissions",
    "AsyncUploads",
)


def _unwrapped(value: Any) -> Any:
    """Return an argument in the form that the asynchronous client needs."""
    if isinstance(value, list):
        return [_unwrapped(item) for item in value]
    return value._target if isinstance(value, BlockingFacade) else value


@pytest.fixture
def server() -> FakeServer:
    """A server without queued responses."""
    return FakeServer()


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of client: `sync` or `async`."""
    return str(request.param)


@pytest.fixture
def clock(kind: str) -> ManualClock:
    """The client's clock."""
    return ManualClock() if kind == "sync" else AsyncManualClock()


@contextmanager
def client_maker(
    kind: str, server: FakeServer, of_kind: Mapping[str, Callable[..., Any]], **defaults: Any
) -> Iterator[Callable[..., Any]]:
    """Yield a function that makes clients of `server`, with the given constructor for each kind."""
    with asyncio.Runner() as runner:

        def make(**options: Any) -> Any:
            options = {**defaults, **options}
            if kind == "sync":
                http = httpx.Client(transport=httpx.MockTransport(server.respond))
                return of_kind[kind](http_client=http, **options)
            async_http = httpx.AsyncClient(transport=httpx.MockTransport(server.respond_async))
            return BlockingFacade(runner, of_kind[kind](http_client=async_http, **options))

        yield make


@pytest.fixture
def make_client(kind: str, server: FakeServer, clock: ManualClock) -> Iterator[Callable[..., Any]]:
    """A function that makes a client of `server` and `clock`, with the keywords of `FineTuning`."""
    kinds: dict[str, Any] = {"sync": FineTuning, "async": AsyncFineTuning}
    with client_maker(kind, server, kinds, api_key="sk-test", base_url=BASE_URL, clock=clock) as make:
        yield make


@pytest.fixture
def make_azure(kind: str, server: FakeServer, clock: ManualClock) -> Iterator[Callable[..., Any]]:
    """A function that makes a client of Azure's API on the fake server, which makes one attempt."""
    endpoint, once = "https://mine.openai.azure.com", RetryPolicy(max_attempts=1)
    kinds: dict[str, Any] = {
        "sync": partial(FineTuning.azure, endpoint),
        "async": partial(AsyncFineTuning.azure, endpoint),
    }
    with client_maker(kind, server, kinds, api_key="k", clock=clock, retry=once) as make:
        yield make


@pytest.fixture
def client(make_client: Callable[..., Any]) -> Any:
    """A client with the default settings."""
    return make_client()


@pytest.fixture
def train(tmp_path: Path) -> Path:
    """The path of a file that contains `JSONL`."""
    path = tmp_path / "train.jsonl"
    path.write_bytes(JSONL)
    return path


@cache
def components() -> dict[str, Any]:
    """Return the schemas of `openapi.yaml` that requests and responses use, without those of data files."""
    root = Path(__file__).resolve().parents[2]
    text = (root / "openapi.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    used = json.loads((root / "generated/finetuning_api/schemas.json").read_bytes())
    return {name: schema for name, schema in found["components"]["schemas"].items() if name in used}


def job_json(**changes: Any) -> dict[str, Any]:
    """Return a job as the service sends it; keywords replace fields."""
    return {
        "id": "ftjob-1",
        "object": "fine_tuning.job",
        "created_at": 1_700_000_000,
        "model": "gpt-4o-mini-2024-07-18",
        "status": "running",
        "training_file": "file-train",
        "validation_file": None,
        "fine_tuned_model": None,
        "finished_at": None,
        "estimated_finish": None,
        "error": {},
        "hyperparameters": {"n_epochs": "auto", "batch_size": "auto"},
        "organization_id": "org-1",
        "result_files": [],
        "trained_tokens": None,
        "seed": 7,
        "metadata": None,
        **changes,
    }


def event_json(number: int, *, at: int | None = None, **changes: Any) -> dict[str, Any]:
    """Return event number `number` of a job; `at` is its time in seconds after the job was created."""
    return {
        "id": f"ftevent-{number}",
        "object": "fine_tuning.job.event",
        "created_at": 1_700_000_000 + (number if at is None else at),
        "level": "info",
        "message": f"event {number}",
        "type": "message",
        "data": {},
        **changes,
    }


def file_json(**changes: Any) -> dict[str, Any]:
    """Return a file object as the service sends it; keywords replace fields."""
    return {
        "id": "file-1",
        "object": "file",
        "bytes": len(JSONL),
        "created_at": 1_700_000_000,
        "filename": "train.jsonl",
        "purpose": "fine-tune",
        "status": "processed",
        **changes,
    }


def multipart_parts(request: httpx.Request) -> dict[str, tuple[str | None, bytes]]:
    """Return the parts of a multipart request by name: the file name, if there is one, and the content."""
    boundary = request.headers["content-type"].partition("boundary=")[2].encode()
    parts = {}
    for part in request.content.split(b"--" + boundary)[1:-1]:
        head, _, body = part.strip(b"\r\n").partition(b"\r\n\r\n")
        fields = dict(f.strip().split("=", 1) for f in head.decode().split("\r\n")[0].split(";")[1:])
        filename = fields.get("filename")
        body = part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")
        parts[fields["name"].strip('"')] = (filename and filename.strip('"'), body)
    return parts


def created_job(request: httpx.Request) -> httpx.Response:
    """Return the job that the service creates for a request."""
    sent = json.loads(request.content)
    echoed = {name: sent[name] for name in ("model", "training_file", "metadata") if name in sent}
    return httpx.Response(200, json=job_json(**echoed))


def created_file(request: httpx.Request, **changes: Any) -> httpx.Response:
    """Return the file that the service creates for a simple upload; keywords replace fields."""
    parts = multipart_parts(request)
    filename, content = parts["file"]
    sent = {"filename": filename, "bytes": len(content), "purpose": parts["purpose"][1].decode()}
    return httpx.Response(200, json=file_json(**{**sent, **changes}))


def list_json(*data: dict[str, Any], has_more: bool = False) -> dict[str, Any]:
    """Return a page of a list."""
    return {"object": "list", "data": list(data), "has_more": has_more}


def error_response(
    status: int, code: str | None = None, *, headers: dict[str, str] | None = None, **fields: Any
) -> httpx.Response:
    """Return an error response with the service's envelope."""
    envelope = {"message": "it went wrong", "type": "error", "param": None, "code": code, **fields}
    return httpx.Response(status, json={"error": envelope}, headers=headers)


DOUBTFUL = [error_response(409), error_response(425), error_response(429)]
"""Refusals that may follow a request that was carried out."""

each_doubtful = pytest.mark.parametrize("doubtful", DOUBTFUL, ids=lambda response: str(response.status_code))


def sent_request(client: Any, server: FakeServer) -> httpx.Request:
    """Make a request with the client, and return it as the server received it."""
    server.enqueue(job_json())
    client.jobs.retrieve("ftjob-1")
    return server.requests[-1]


def retrieve_job(client: Any, server: FakeServer, **changes: Any) -> Any:
    """Return a handle of a job that the server has just sent; keywords replace fields."""
    server.enqueue(job_json(**changes))
    return client.jobs.retrieve("ftjob-1")
