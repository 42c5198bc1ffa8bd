"""The drivers: each does what a plan yields, and closes the plan before anything else is heard of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator, Iterator
from typing import Any

import httpx
import pytest

from finetuning_client import AsyncFineTuning, FineTuning
from finetuning_client.plans.effects import Draw, Emit, NoResponse, Now, Pause, Request, Response, Send
from finetuning_client.transport.connection import Connection
from finetuning_client.transport.credentials import Credentials
from finetuning_client.transport.drivers import AsyncDriver, Driver
from finetuning_client.transport.pool import AsyncPool, Pool

from .conftest import BASE_URL, AsyncManualClock, ManualClock, Wire, event_json, job_json, list_json

SEND = Send(Request({"method": "GET", "url": "/models"}))


class Running:
    """Runs plans on one of the drivers."""

    def __init__(self, runner: asyncio.Runner, kind: str, wire: Wire, clock: ManualClock) -> None:
        self.runner = runner
        target = Connection(BASE_URL, Credentials("sk-test"))
        transport = httpx.MockTransport(wire.handle if kind == "sync" else wire.handle_async)
        self.driver: Any
        if kind == "sync":
            self.driver = Driver(Pool(httpx.Client(transport=transport), BASE_URL), target, clock)
        else:
            pool = AsyncPool(httpx.AsyncClient(transport=transport), BASE_URL)
            self.driver = AsyncDriver(pool, target, clock)  # type: ignore[arg-type]

    def run(self, plan: Any) -> Any:
        """The result of a plan."""
        result = self.driver.run(plan)
        return self.runner.run(result) if asyncio.iscoroutine(result) else result

    def first(self, plan: Any, count: int) -> list[Any]:
        """The first items of a stream, which is closed then."""
        stream = self.driver.stream(plan)
        if isinstance(stream, AsyncGenerator):
            return self.runner.run(_first(stream, count))
        found = [next(stream) for _ in range(count)]
        stream.close()
        return found


async def _first(stream: AsyncGenerator[Any, None], count: int) -> list[Any]:
    found = [await anext(stream) for _ in range(count)]
    await stream.aclose()
    return found


@pytest.fixture
def running(kind: str, wire: Wire, clock: ManualClock) -> Iterator[Running]:
    """A driver on the wire and the clock."""
    with asyncio.Runner() as runner:
        yield Running(runner, kind, wire, clock)


def test_a_driver_does_what_a_plan_yields(running: Running, wire: Wire, clock: ManualClock) -> None:
    """And sends it the replies."""

    def plan() -> Generator[Any, Any, list[Any]]:
        before = yield Now()
        paused = yield Pause(7)
        after = yield Now()
        draw = yield Draw()
        answer = yield SEND
        return [after - before, paused, 0 <= draw < 1, answer]

    wire.then(httpx.Response(201, headers={"X-Request-ID": "req_1"}, content=b"made"))
    *replies, answer = running.run(plan())
    assert replies == [7, None, True]
    assert clock.slept == [7]
    assert isinstance(answer, Response)
    assert (answer.status, answer.ok, answer.request_id, answer.body) == (201, True, "req_1", b"made")


def test_a_broken_exchange_is_an_outcome(running: Running, wire: Wire) -> None:
    """The plan decides what it means."""

    def plan() -> Generator[Any, Any, Any]:
        return [(yield SEND), (yield SEND)]

    wire.then(httpx.ConnectTimeout("late"), httpx.ReadError("reset"))
    late, reset = running.run(plan())
    assert isinstance(late, NoResponse) and isinstance(reset, NoResponse)
    assert (late.delivered, late.timed_out, reset.delivered, reset.timed_out) == (False, True, True, False)


def watched(log: list[str]) -> Generator[Any, Any, None]:
    """A plan that says when it is over."""
    try:
        while True:
            yield Emit(len(log))
            yield SEND
    finally:
        log.append("finally")


def test_a_plan_is_closed_when_something_unforeseen_happens(running: Running, wire: Wire) -> None:
    """Its `finally` has run when the caller hears of it."""
    log: list[str] = []

    def plan() -> Generator[Any, Any, None]:
        try:
            yield SEND
        finally:
            log.append("finally")

    def interrupt(_: httpx.Request) -> httpx.Response:
        raise ZeroDivisionError

    wire.then(interrupt)
    with pytest.raises(ZeroDivisionError):
        running.run(plan())
    assert log == ["finally"]


def test_a_stream_that_is_left_early_closes_its_plan(running: Running, wire: Wire) -> None:
    """At once, not when the garbage collector comes by."""
    log: list[str] = []
    wire.then({"data": []})
    assert running.first(watched(log), 2) == [0, 0]
    assert log == ["finally"]


async def test_a_cancelled_task_has_closed_its_plan() -> None:
    """Before the cancellation reaches whoever awaits it."""
    log: list[str] = []
    arrived = asyncio.Event()

    async def silent(_: httpx.Request) -> httpx.Response:
        arrived.set()
        await asyncio.Event().wait()
        raise AssertionError

    def plan() -> Generator[Any, Any, None]:
        try:
            yield SEND
        finally:
            log.append("finally")

    async def caller() -> None:
        try:
            await driver.run(plan())
        except asyncio.CancelledError:
            log.append("cancelled")
            raise

    http = httpx.AsyncClient(transport=httpx.MockTransport(silent))
    driver = AsyncDriver(
        AsyncPool(http, BASE_URL), Connection(BASE_URL, Credentials("sk-test")), AsyncManualClock()
    )
    task = asyncio.create_task(caller())
    await arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert log == ["finally", "cancelled"]


async def test_a_cancelled_pause_has_closed_its_plan() -> None:
    """Waiting can be given up too."""
    log: list[str] = []
    begun = asyncio.Event()

    class Endless(AsyncManualClock):
        """Whoever sleeps by it sleeps until cancelled."""

        async def sleep(self, seconds: float) -> None:  # type: ignore[override]
            """Sleep on."""
            begun.set()
            await asyncio.Event().wait()

    def plan() -> Generator[Any, Any, None]:
        try:
            yield Pause(1)
        finally:
            log.append("finally")

    driver = AsyncDriver(AsyncPool(None, BASE_URL), Connection(BASE_URL, Credentials("sk-test")), Endless())
    task = asyncio.create_task(driver.run(plan()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert log == ["finally"]


class Body(httpx.AsyncByteStream, httpx.SyncByteStream):
    """A body that says when it is closed."""

    def __init__(self, content: bytes, log: list[str]) -> None:
        self.content, self.log = content, log

    def __iter__(self) -> Any:
        yield self.content

    async def __aiter__(self) -> Any:
        yield self.content

    def close(self) -> None:
        self.log.append("closed")

    async def aclose(self) -> None:
        self.log.append("closed")


@pytest.mark.parametrize("status", [200, 404, 500])
def test_every_answer_is_closed(running: Running, wire: Wire, status: int) -> None:
    """So that its connection goes back to the pool."""
    log: list[str] = []

    def plan() -> Generator[Any, Any, Any]:
        return (yield SEND)

    wire.then(lambda _: httpx.Response(status, stream=Body(b"x", log)))
    assert running.run(plan()).body == b"x"
    assert log == ["closed"]


def test_a_list_that_is_left_early_asks_for_nothing_more(client: Any, wire: Wire) -> None:
    """Breaking out of the loop is enough."""
    wire.then(list_json(job_json(), job_json(id="ftjob-2"), has_more=True))
    for job in client.jobs.list():
        assert job.id == "ftjob-1"
        break
    assert len(wire.requests) == 1


async def test_an_asynchronous_loop_that_ends_early_leaves_nothing_open(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`aclose` of the outermost iterator closes the plan beneath, for lists and for `follow`."""
    log: list[str] = []
    stream = AsyncDriver.stream

    async def watched_stream(self: AsyncDriver, plan: Any) -> AsyncGenerator[Any, None]:
        try:
            async for item in stream(self, plan):
                yield item
        finally:
            log.append("closed")

    monkeypatch.setattr(AsyncDriver, "stream", watched_stream)
    http = httpx.AsyncClient(transport=httpx.MockTransport(wire.handle_async))
    client = AsyncFineTuning(api_key="sk-test", base_url=BASE_URL, http_client=http, clock=AsyncManualClock())
    wire.then(list_json(job_json(), has_more=True), job_json(), list_json(event_json(1)))
    jobs: Any = aiter(client.jobs.list())
    job = await anext(jobs)
    await jobs.aclose()
    assert log == ["closed"]
    events = job.follow()
    await anext(events)
    await events.aclose()
    assert log == ["closed", "closed"]


def test_a_client_can_be_shared_by_threads(wire: Wire) -> None:
    """Calls of several threads do not get in each other's way."""
    from concurrent.futures import ThreadPoolExecutor

    wire.server = lambda request: httpx.Response(200, json=job_json(id=request.url.path.rpartition("/")[2]))
    http = httpx.Client(transport=httpx.MockTransport(wire.handle))
    client = FineTuning(api_key="sk-test", base_url=BASE_URL, http_client=http)
    names = [f"ftjob-{n}" for n in range(50)]
    with ThreadPoolExecutor(8) as threads:
        assert [job.id for job in threads.map(client.jobs.retrieve, names)] == names
