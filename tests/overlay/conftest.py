"""A server at the wire, a clock that the test moves, and a client of either kind on both.

`wire` is scripted answer by answer. `client` runs each test twice: on `FineTuning`, and on `AsyncFineTuning`
behind a facade that awaits what it returns, so that one suite says what both do.
"""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import AsyncIterator, Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from finetuning_client import AsyncFineTuning, AsyncJob, AsyncPager, FineTuning

BASE_URL = "https://api.test/v1"
JSONL = b'{"messages": []}\n'

Step = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class Wire:
    """Answers requests from a script, in order, and keeps what was asked.

    `then` adds a step: an answer, an exception of the HTTP library, or a function of the request. A request
    beyond the script fails the test. `server` takes the place of the script.
    """

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.steps: list[Step] = []
        self.server: Callable[[httpx.Request], httpx.Response] | None = None

    def then(self, *steps: Step | dict[str, Any]) -> Wire:
        """Add steps; a dict is a 200 with that JSON."""
        self.steps += [httpx.Response(200, json=s) if isinstance(s, dict) else s for s in steps]
        return self

    @property
    def asked(self) -> list[str]:
        """Method and path of each request so far."""
        return [f"{r.method} {r.url.path.removeprefix('/v1')}" for r in self.requests]

    def body(self, index: int) -> Any:
        """The JSON body of a request."""
        return json.loads(self.requests[index].content)

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Take the next step."""
        self.requests.append(request)
        request.read()
        return self._take(request)

    async def handle_async(self, request: httpx.Request) -> httpx.Response:
        """Take the next step, for an asynchronous client."""
        self.requests.append(request)
        await request.aread()
        return self._take(request)

    def _take(self, request: httpx.Request) -> httpx.Response:
        if self.server is not None:
            return self.server(request)
        assert self.steps, f"not in the script: {request.method} {request.url}"
        step = self.steps.pop(0)
        if isinstance(step, Exception):
            raise step
        if not isinstance(step, httpx.Response):
            return step(request)
        # A fresh one: a response that was read by one kind of client cannot be read by the other.
        return httpx.Response(step.status_code, headers=step.headers, content=step.content)


class ManualClock:
    """A clock whose time passes only by sleeping, at once."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self.now = now
        self.slept: list[float] = []

    def time(self) -> float:
        """The time in Unix seconds."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.now += seconds


class AsyncManualClock(ManualClock):
    """`ManualClock`, awaited."""

    async def sleep(self, seconds: float) -> None:  # type: ignore[override]
        """Let time pass."""
        ManualClock.sleep(self, seconds)


class Awaited:
    """An object of the asynchronous client that behaves like its synchronous twin."""

    def __init__(self, runner: asyncio.Runner, target: Any) -> None:
        self._runner = runner
        self._target = target

    def __getattr__(self, name: str) -> Any:
        return self._wrap(getattr(self._target, name))

    def __iter__(self) -> Iterator[Any]:
        return self._pull(self._target.__aiter__())

    def __repr__(self) -> str:
        return repr(self._target)

    def __eq__(self, other: object) -> bool:
        return bool(self._target == (other._target if isinstance(other, Awaited) else other))

    def __hash__(self) -> int:
        return hash(self._target)

    def _wrap(self, value: Any) -> Any:
        if inspect.iscoroutine(value):
            value = self._runner.run(value)
        if isinstance(value, list | tuple):
            return type(value)(self._wrap(item) for item in value)
        if isinstance(value, AsyncJob | AsyncPager | AsyncFineTuning):
            return Awaited(self._runner, value)
        if isinstance(value, AsyncIterator):
            return self._pull(value)
        if inspect.ismethod(value):
            return lambda *args, **kwargs: self._wrap(value(*map(_bare, args), **kwargs))
        if type(value).__module__.startswith("finetuning_client") and type(value).__name__ in _RESOURCES:
            return Awaited(self._runner, value)
        return value

    def _pull(self, items: Any) -> Iterator[Any]:
        async def following() -> Any:
            return await anext(items)

        try:
            while True:
                try:
                    item = self._runner.run(following())
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


def _bare(value: Any) -> Any:
    """An argument as the asynchronous client knows it."""
    if isinstance(value, list):
        return [_bare(item) for item in value]
    return value._target if isinstance(value, Awaited) else value


@pytest.fixture
def wire() -> Wire:
    """A server with an empty script."""
    return Wire()


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which client the test runs on."""
    return str(request.param)


@pytest.fixture
def clock(kind: str) -> ManualClock:
    """The client's clock."""
    return ManualClock() if kind == "sync" else AsyncManualClock()


@pytest.fixture
def make_client(kind: str, wire: Wire, clock: ManualClock) -> Iterator[Callable[..., Any]]:
    """Makes a client on the wire and the clock; keywords are those of `FineTuning`."""
    with asyncio.Runner() as runner:

        def make(**options: Any) -> Any:
            options = {"api_key": "sk-test", "base_url": BASE_URL, "clock": clock, **options}
            if kind == "sync":
                http = httpx.Client(transport=httpx.MockTransport(wire.handle))
                return FineTuning(http_client=http, **options)
            async_http = httpx.AsyncClient(transport=httpx.MockTransport(wire.handle_async))
            return Awaited(runner, AsyncFineTuning(http_client=async_http, **options))

        yield make


@pytest.fixture
def client(make_client: Callable[..., Any]) -> Any:
    """A client with the usual settings."""
    return make_client()


@pytest.fixture
def train(tmp_path: Path) -> Path:
    """A file on disk with `JSONL` in it."""
    path = tmp_path / "train.jsonl"
    path.write_bytes(JSONL)
    return path


@cache
def components() -> dict[str, Any]:
    """The schemas of `openapi.yaml`."""
    text = (Path(__file__).resolve().parents[2] / "openapi.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    schemas: dict[str, Any] = found["components"]["schemas"]
    return schemas


def job_json(**changes: Any) -> dict[str, Any]:
    """A job as the service sends it; keywords change fields."""
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
    """Event number `number` of a job; `at` is its time in seconds after the job's creation."""
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
    """A file as the service describes it."""
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


def list_json(*data: dict[str, Any], has_more: bool = False) -> dict[str, Any]:
    """A page of a list."""
    return {"object": "list", "data": list(data), "has_more": has_more}


def error_response(
    status: int, code: str | None = None, *, headers: dict[str, str] | None = None, **fields: Any
) -> httpx.Response:
    """An error answer with the service's envelope."""
    envelope = {"message": "it went wrong", "type": "error", "param": None, "code": code, **fields}
    return httpx.Response(status, json={"error": envelope}, headers=headers)
