"""Options of waiting: patience, estimated end, wake events, cursors, and copies of handles."""

from __future__ import annotations

import asyncio
import copy
import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finetuning_client import (
    AsyncFineTuning,
    ConnectionFailed,
    EventCursor,
    FineTuning,
    InvalidRequestError,
    RateLimited,
    RetryPolicy,
    ServerError,
)

from .conftest import (
    BASE_URL,
    FakeServer,
    ManualClock,
    error_response,
    event_json,
    job_json,
    list_json,
    retrieve_job,
)

ONCE = RetryPolicy(max_attempts=1)
TEMPORARY_FAILURES: list[httpx.Response | Exception] = [
    httpx.ConnectError("refused"),
    error_response(503),
    error_response(429),
    httpx.ReadTimeout("timed out"),
]


# --- patience --------------------------------------------------------------------------------


def test_wait_continues_through_failures(make_client: Any, server: FakeServer) -> None:
    """A service that is unavailable for a moment does not end a wait of hours."""
    job = retrieve_job(make_client(retry=ONCE), server)
    server.enqueue(*TEMPORARY_FAILURES, job_json(), *TEMPORARY_FAILURES, job_json(status="succeeded"))
    assert job.wait(poll_interval=5).status == "succeeded"


@pytest.mark.parametrize("pause", [5, 60])
def test_failures_for_longer_than_patience_raise_the_last_one(
    make_client: Any, server: FakeServer, clock: ManualClock, pause: int
) -> None:
    """Patience is a time, not a number of reads."""
    job = retrieve_job(make_client(retry=ONCE), server)
    server.enqueue(job_json(), *[error_response(503)] * 60)
    started = clock.now
    with pytest.raises(ServerError):
        job.wait(poll_interval=pause, patience=120)
    assert clock.now - started == 120 + pause


def test_successful_read_resets_patience(make_client: Any, server: FakeServer) -> None:
    """Only consecutive failures count."""
    job = retrieve_job(make_client(retry=ONCE), server)
    for _ in range(20):
        server.enqueue(error_response(500), job_json())
    server.enqueue(job_json(status="succeeded"))
    job.wait(poll_interval=20, patience=15)


@pytest.mark.parametrize(
    ("response", "error"),
    [(error_response(429, "insufficient_quota"), RateLimited), (error_response(404), Exception)],
    ids=["quota", "not found"],
)
def test_permanent_failures_raise_at_once(
    client: Any, server: FakeServer, response: Any, error: type[Exception]
) -> None:
    """Patience does not apply to errors that a later read cannot resolve."""
    job = retrieve_job(client, server)
    server.enqueue(response)
    with pytest.raises(error):
        job.wait(patience=1e6)


@pytest.mark.parametrize("patience", [-1, float("nan"), None, "5"], ids=repr)
def test_invalid_patience_is_refused(client: Any, server: FakeServer, patience: Any) -> None:
    """No request is sent."""
    job = retrieve_job(client, server)
    for call in (job.wait, job.follow):
        with pytest.raises(InvalidRequestError, match="patience"):
            list(call(patience=patience))
    assert len(server.requests) == 1


def test_patience_zero_raises_the_first_failure(make_client: Any, server: FakeServer) -> None:
    """The retries of the request itself still apply."""
    job = retrieve_job(make_client(retry=ONCE), server)
    server.enqueue(httpx.ReadError("reset"))
    with pytest.raises(ConnectionFailed):
        job.wait(patience=0)


# --- the estimated end -----------------------------------------------------------------------


@pytest.mark.parametrize("delay", [0, 3, 30])
def test_end_is_found_soon_after_the_estimate(
    client: Any, server: FakeServer, clock: ManualClock, delay: int
) -> None:
    """The job is read at the estimated time, and often after it."""
    job = retrieve_job(client, server)
    finish = clock.now + 1000

    def handler(_: httpx.Request) -> httpx.Response:
        has_ended = clock.now >= finish + delay
        status = "succeeded" if has_ended else "running"
        return httpx.Response(200, json=job_json(status=status, estimated_finish=int(finish)))

    server.handler = handler
    job.wait()
    assert clock.now - finish - delay <= 0.5 + delay / 4
    assert len(server.requests) < 130


@pytest.mark.parametrize("finish", [0, -5, "soon", True, 1e300, 1_700_000_000 - 1000])
def test_unusable_estimate_is_ignored(client: Any, server: FakeServer, finish: Any) -> None:
    """An estimate in the past is ignored too."""
    job = retrieve_job(client, server)
    server.enqueue(*[job_json(estimated_finish=finish)] * 30, job_json(status="succeeded"))
    assert job.wait().status == "succeeded"


# --- wake events -----------------------------------------------------------------------------


def test_wake_event_ends_the_pause(client: Any, server: FakeServer, clock: ManualClock, kind: str) -> None:
    """The event is cleared, and the job is read without delay."""
    event: Any = threading.Event() if kind == "sync" else asyncio.Event()
    job = retrieve_job(client, server)

    def running(_: httpx.Request) -> httpx.Response:
        event.set()
        return httpx.Response(200, json=job_json())

    server.enqueue(running, job_json(status="succeeded"))
    job.wait(notified=event, poll_interval=3600)
    assert clock.slept == []
    assert not event.is_set()


def test_event_set_by_another_thread_ends_a_real_pause() -> None:
    """With the system clock, a pause of an hour ends at once."""
    server, event = FakeServer(), threading.Event()
    http = httpx.Client(transport=httpx.MockTransport(server.respond))
    job = retrieve_job(FineTuning(api_key="sk-test", base_url=BASE_URL, http_client=http), server)

    def running(_: httpx.Request) -> httpx.Response:
        threading.Thread(target=event.set).start()
        return httpx.Response(200, json=job_json())

    server.enqueue(running, job_json(status="succeeded"))
    assert job.wait(notified=event, poll_interval=3600).status == "succeeded"


async def test_event_set_by_another_task_ends_a_real_pause() -> None:
    """With the system clock, an awaited pause of an hour ends at once."""
    server, event = FakeServer(), asyncio.Event()
    http = httpx.AsyncClient(transport=httpx.MockTransport(server.respond_async))
    client = AsyncFineTuning(api_key="sk-test", base_url=BASE_URL, http_client=http)
    server.enqueue(job_json())
    job = await client.jobs.retrieve("ftjob-1")

    def running(_: httpx.Request) -> httpx.Response:
        asyncio.get_running_loop().call_soon(event.set)
        return httpx.Response(200, json=job_json())

    server.enqueue(running, job_json(status="succeeded"))
    assert (await job.wait(notified=event, poll_interval=3600)).status == "succeeded"


def test_event_of_the_wrong_kind_is_refused(client: Any, server: FakeServer, kind: str) -> None:
    """Waiting for it would fail, or block the event loop."""
    event: Any = asyncio.Event() if kind == "sync" else threading.Event()
    job = retrieve_job(client, server)
    server.enqueue(job_json(), job_json())
    with pytest.raises(InvalidRequestError, match=r"notified: must be a.*\.Event") as e:
        job.wait(notified=event)
    assert e.value.field == "notified"


@pytest.mark.parametrize("event", [5, "x", object()], ids=["number", "text", "object"])
def test_value_that_is_not_an_event_is_refused(client: Any, server: FakeServer, event: Any) -> None:
    """No request is sent."""
    job = retrieve_job(client, server)
    with pytest.raises(InvalidRequestError, match="notified"):
        job.wait(notified=event)


# --- cursors ---------------------------------------------------------------------------------


def test_follow_resumes_from_a_saved_cursor(client: Any, server: FakeServer) -> None:
    """A cursor can be saved as text, and used in another process."""
    job = retrieve_job(client, server)
    page = list_json(event_json(3), event_json(2), event_json(1))
    server.enqueue(job_json(status="succeeded"), page, page)
    events = job.follow()
    next(events), next(events)
    events.close()
    saved = str(job.cursor)
    assert saved == "ftjob-1/ftevent-2"
    for after in (saved, EventCursor.parse(saved), "ftevent-2"):
        server.queue.clear()
        server.enqueue(job_json(status="succeeded"), page, page)
        assert [event.id for event in job.follow(after=after)] == ["ftevent-3"]


def test_cursor_of_another_job_is_refused(client: Any, server: FakeServer) -> None:
    """No request is sent."""
    job = retrieve_job(client, server)
    for after in ("ftjob-2/ftevent-1", EventCursor("ftjob-2", "ftevent-1"), "/", "a/b/c", 5):
        with pytest.raises(InvalidRequestError):
            list(job.follow(after=after))
    assert len(server.requests) == 1


@given(
    job_id=st.text(min_size=1).filter(lambda text: "/" not in text),
    event_id=st.text(min_size=1).filter(lambda text: "/" not in text),
)
def test_cursor_can_be_written_and_parsed(job_id: str, event_id: str) -> None:
    """`parse` reverses `str`."""
    cursor = EventCursor(job_id, event_id)
    assert EventCursor.parse(str(cursor)) == cursor


# --- copies ----------------------------------------------------------------------------------


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_copy_of_a_handle_is_independent(
    client: Any, server: FakeServer, duplicate: Callable[[Any], Any], kind: str
) -> None:
    """It shares the client and is equal, but has its own state."""
    job = retrieve_job(client, server)
    original = job._target if kind == "async" else job
    copied = duplicate(original)
    assert type(copied) is type(original)
    assert copied == original and hash(copied) == hash(original)
    server.enqueue(job_json(status="succeeded"))
    job.retrieve()
    assert (copied.status, job.status) == ("running", "succeeded")


def test_deep_copy_shares_no_data(client: Any, server: FakeServer, kind: str) -> None:
    """This holds inside a container too."""
    server.enqueue(job_json(metadata={"a": "b"}))
    job = client.jobs.retrieve("ftjob-1")
    original = job._target if kind == "async" else job
    [copied] = copy.deepcopy([original])
    copied._data["metadata"]["a"] = "c"
    assert original.metadata == {"a": "b"}
    assert copied._driver is original._driver
