"""Drivers perform a plan's effects, and close the plan before the caller gets its outcome."""

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

from .conftest import BASE_URL, AsyncManualClock, FakeServer, ManualClock, event_json, job_json, list_json

SEND = Send(Request({"method": "GET", "url": "/models"}))


class DriverRunner:
    """Runs plans with one of the drivers."""

    def __init__(self, loop: asyncio.Runner, kind: str, server: FakeServer, clock: ManualClock) -> None:
        self.loop = loop
        connection = Connection(BASE_URL, Credentials("sk-test"))
        transport = httpx.MockTransport(server.respond if kind == "sync" else server.respond_async)
        self.driver: Any
        if kind == "sync":
            self.driver = Driver(Pool(httpx.Client(transport=transport), connection), connection, clock)
        else:
            pool = AsyncPool(httpx.AsyncClient(transport=transport), connection)
            self.driver = AsyncDriver(pool, connection, clock)  # type: ignore[arg-type]

    def run(self, plan: Any) -> Any:
        """Run a plan and return its result."""
        result = self.driver.run(plan)
        return self.loop.run(result) if asyncio.iscoroutine(result) else result

    def first_items(self, plan: Any, count: int) -> list[Any]:
        """Return the first items of a stream, and close it."""
        stream = self.driver.stream(plan)
        if isinstance(stream, AsyncGenerator):
            return self.loop.run(_first_items_async(stream, count))
        found = [next(stream) for _ in range(count)]
        stream.close()
        return found


async def _first_items_async(stream: AsyncGenerator[Any, None], count: int) -> list[Any]:
    found = [await anext(stream) for _ in range(count)]
    await stream.aclose()
    return found


@pytest.fixture
def runner(kind: str, server: FakeServer, clock: ManualClock) -> Iterator[DriverRunner]:
    """A driver that uses the fake server and the clock."""
    with asyncio.Runner() as loop:
        yield DriverRunner(loop, kind, server, clock)


def test_driver_performs_effects_and_replies(
    runner: DriverRunner, server: FakeServer, clock: ManualClock
) -> None:
    """The plan receives the result of each effect."""

    def plan() -> Generator[Any, Any, list[Any]]:
        before = yield Now()
        paused = yield Pause(7)
        after = yield Now()
        draw = yield Draw()
        response = yield SEND
        return [after - before, paused, 0 <= draw < 1, response]

    server.enqueue(httpx.Response(201, headers={"X-Request-ID": "req_1"}, content=b"made"))
    *replies, response = runner.run(plan())
    assert replies == [7, None, True]
    assert clock.slept == [7]
    assert isinstance(response, Response)
    assert (response.status, response.ok, response.request_id, response.body) == (201, True, "req_1", b"made")


def test_failed_exchange_is_an_outcome(runner: DriverRunner, server: FakeServer) -> None:
    """The plan receives a `NoResponse`, and decides how to continue."""

    def plan() -> Generator[Any, Any, Any]:
        return [(yield SEND), (yield SEND)]

    server.enqueue(httpx.ConnectTimeout("timed out"), httpx.ReadError("reset"))
    timeout, reset = runner.run(plan())
    assert isinstance(timeout, NoResponse) and isinstance(reset, NoResponse)
    assert (timeout.delivered, timeout.timed_out, reset.delivered, reset.timed_out) == (
        False,
        True,
        True,
        False,
    )


def stream_with_log(log: list[str]) -> Generator[Any, Any, None]:
    """Plan of an endless stream that logs its `finally`."""
    try:
        while True:
            yield Emit(len(log))
            yield SEND
    finally:
        log.append("finally")


def test_unexpected_exception_closes_the_plan(runner: DriverRunner, server: FakeServer) -> None:
    """The plan's `finally` runs before the exception reaches the caller."""
    log: list[str] = []

    def plan() -> Generator[Any, Any, None]:
        try:
            yield SEND
        finally:
            log.append("finally")

    def interrupt(_: httpx.Request) -> httpx.Response:
        raise ZeroDivisionError

    server.enqueue(interrupt)
    with pytest.raises(ZeroDivisionError):
        runner.run(plan())
    assert log == ["finally"]


def test_stream_that_is_closed_early_closes_its_plan(runner: DriverRunner, server: FakeServer) -> None:
    """The plan is closed at once, not by the garbage collector."""
    log: list[str] = []
    server.enqueue({"data": []})
    assert runner.first_items(stream_with_log(log), 2) == [0, 0]
    assert log == ["finally"]


async def test_cancellation_closes_the_plan() -> None:
    """The plan's `finally` runs before the cancellation reaches the caller."""
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
    connection = Connection(BASE_URL, Credentials("sk-test"))
    driver = AsyncDriver(AsyncPool(http, connection), connection, AsyncManualClock())
    task = asyncio.create_task(caller())
    await arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert log == ["finally", "cancelled"]


async def test_cancellation_of_a_pause_closes_the_plan() -> None:
    """A task can be cancelled while it waits."""
    log: list[str] = []
    started = asyncio.Event()

    class NeverWakes(AsyncManualClock):
        """A clock whose `sleep` lasts until it is cancelled."""

        async def sleep(self, seconds: float) -> None:  # type: ignore[override]
            """Sleep until cancelled."""
            started.set()
            await asyncio.Event().wait()

    def plan() -> Generator[Any, Any, None]:
        try:
            yield Pause(1)
        finally:
            log.append("finally")

    connection = Connection(BASE_URL, Credentials("sk-test"))
    driver = AsyncDriver(AsyncPool(None, connection), connection, NeverWakes())
    task = asyncio.create_task(driver.run(plan()))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert log == ["finally"]


class LoggedBody(httpx.AsyncByteStream, httpx.SyncByteStream):
    """A body that logs when it is closed."""

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
def test_every_response_is_closed(runner: DriverRunner, server: FakeServer, status: int) -> None:
    """Its connection returns to the pool."""
    log: list[str] = []

    def plan() -> Generator[Any, Any, Any]:
        return (yield SEND)

    server.enqueue(lambda _: httpx.Response(status, stream=LoggedBody(b"x", log)))
    assert runner.run(plan()).body == b"x"
    assert log == ["closed"]


def test_list_that_is_abandoned_sends_no_further_request(client: Any, server: FakeServer) -> None:
    """Leaving the loop with `break` is enough."""
    server.enqueue(list_json(job_json(), job_json(id="ftjob-2"), has_more=True))
    for job in client.jobs.list():
        assert job.id == "ftjob-1"
        break
    assert len(server.requests) == 1


async def test_aclose_of_lists_and_follow_closes_the_plan(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`aclose` of the outer iterator closes the driver's stream."""
    log: list[str] = []
    stream = AsyncDriver.stream

    async def logged_stream(self: AsyncDriver, plan: Any) -> AsyncGenerator[Any, None]:
        try:
            async for item in stream(self, plan):
                yield item
        finally:
            log.append("closed")

    monkeypatch.setattr(AsyncDriver, "stream", logged_stream)
    http = httpx.AsyncClient(transport=httpx.MockTransport(server.respond_async))
    client = AsyncFineTuning(api_key="sk-test", base_url=BASE_URL, http_client=http, clock=AsyncManualClock())
    server.enqueue(list_json(job_json(), has_more=True), job_json(), list_json(event_json(1)))
    jobs: Any = aiter(client.jobs.list())
    job = await anext(jobs)
    await jobs.aclose()
    assert log == ["closed"]
    events = job.follow()
    await anext(events)
    await events.aclose()
    assert log == ["closed", "closed"]


def test_client_is_thread_safe(server: FakeServer) -> None:
    """Concurrent calls from several threads get their own responses."""
    from concurrent.futures import ThreadPoolExecutor

    server.handler = lambda request: httpx.Response(
        200, json=job_json(id=request.url.path.rpartition("/")[2])
    )
    http = httpx.Client(transport=httpx.MockTransport(server.respond))
    client = FineTuning(api_key="sk-test", base_url=BASE_URL, http_client=http)
    names = [f"ftjob-{n}" for n in range(50)]
    with ThreadPoolExecutor(8) as threads:
        assert [job.id for job in threads.map(client.jobs.retrieve, names)] == names
