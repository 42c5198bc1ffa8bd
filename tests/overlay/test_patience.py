"""What waiting adapts to: failures that pass, the end that is estimated, a webhook, a saved place."""

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

from .conftest import BASE_URL, ManualClock, Wire, error_response, event_json, job_json, list_json

ONCE = RetryPolicy(max_attempts=1)
AWAY: list[httpx.Response | Exception] = [
    httpx.ConnectError("refused"),
    error_response(503),
    error_response(429),
    httpx.ReadTimeout("late"),
]


def started(client: Any, wire: Wire) -> Any:
    """A handle on a job that the wire has just described."""
    wire.then(job_json())
    return client.jobs.retrieve("ftjob-1")


# --- failures that pass ----------------------------------------------------------------------


def test_failures_are_borne_for_a_while(make_client: Any, wire: Wire) -> None:
    """A service that is away for a moment does not end a wait of hours."""
    job = started(make_client(retry=ONCE), wire)
    wire.then(*AWAY, job_json(), *AWAY, job_json(status="succeeded"))
    assert job.wait(poll_interval=5).status == "succeeded"


@pytest.mark.parametrize("pause", [5, 60])
def test_failures_in_a_row_end_by_the_last(
    make_client: Any, wire: Wire, clock: ManualClock, pause: int
) -> None:
    """After the time that the caller has patience, however long the pauses are."""
    job = started(make_client(retry=ONCE), wire)
    wire.then(job_json(), *[error_response(503)] * 60)
    begun = clock.now
    with pytest.raises(ServerError):
        job.wait(poll_interval=pause, patience=120)
    assert clock.now - begun == 120 + pause


def test_a_good_look_renews_patience(make_client: Any, wire: Wire) -> None:
    """Only failures in a row count."""
    job = started(make_client(retry=ONCE), wire)
    for _ in range(20):
        wire.then(error_response(500), job_json())
    wire.then(job_json(status="succeeded"))
    job.wait(poll_interval=20, patience=15)


@pytest.mark.parametrize(
    ("answer", "error"),
    [(error_response(429, "insufficient_quota"), RateLimited), (error_response(404), Exception)],
    ids=["quota", "not found"],
)
def test_what_does_not_pass_is_not_borne(
    client: Any, wire: Wire, answer: Any, error: type[Exception]
) -> None:
    """It is raised at once."""
    job = started(client, wire)
    wire.then(answer)
    with pytest.raises(error):
        job.wait(patience=1e6)


@pytest.mark.parametrize("patience", [-1, float("nan"), None, "5"], ids=repr)
def test_a_patience_that_makes_no_sense_is_refused(client: Any, wire: Wire, patience: Any) -> None:
    """Before anything is sent."""
    job = started(client, wire)
    for call in (job.wait, job.follow):
        with pytest.raises(InvalidRequestError, match="patience"):
            list(call(patience=patience))
    assert len(wire.requests) == 1


def test_no_patience_raises_at_the_first_failure(make_client: Any, wire: Wire) -> None:
    """After the retries of the request itself."""
    job = started(make_client(retry=ONCE), wire)
    wire.then(httpx.ReadError("reset"))
    with pytest.raises(ConnectionFailed):
        job.wait(patience=0)


# --- the estimated end -----------------------------------------------------------------------


@pytest.mark.parametrize("late", [0, 3, 30])
def test_the_end_is_seen_soon_after_it_was_expected(
    client: Any, wire: Wire, clock: ManualClock, late: int
) -> None:
    """A look falls on the estimate, and looks come often after it."""
    job = started(client, wire)
    finish = clock.now + 1000

    def server(_: httpx.Request) -> httpx.Response:
        over = clock.now >= finish + late
        status = "succeeded" if over else "running"
        return httpx.Response(200, json=job_json(status=status, estimated_finish=int(finish)))

    wire.server = server
    job.wait()
    assert clock.now - finish - late <= 0.5 + late / 4
    assert len(wire.requests) < 130


@pytest.mark.parametrize("finish", [0, -5, "soon", True, 1e300, 1_700_000_000 - 1000])
def test_an_estimate_that_makes_no_sense_changes_nothing(client: Any, wire: Wire, finish: Any) -> None:
    """Nor one that has passed."""
    job = started(client, wire)
    wire.then(*[job_json(estimated_finish=finish)] * 30, job_json(status="succeeded"))
    assert job.wait().status == "succeeded"


# --- webhooks end a pause --------------------------------------------------------------------


def test_a_notification_ends_the_pause(client: Any, wire: Wire, clock: ManualClock, kind: str) -> None:
    """The event is cleared, and the job looked at without delay."""
    event: Any = threading.Event() if kind == "sync" else asyncio.Event()
    job = started(client, wire)

    def running(_: httpx.Request) -> httpx.Response:
        event.set()
        return httpx.Response(200, json=job_json())

    wire.then(running, job_json(status="succeeded"))
    job.wait(notified=event, poll_interval=3600)
    assert clock.slept == []
    assert not event.is_set()


def test_a_notification_from_another_thread_ends_a_real_pause() -> None:
    """By the clock of this machine, within a wait of an hour."""
    wire, event = Wire(), threading.Event()
    http = httpx.Client(transport=httpx.MockTransport(wire.handle))
    job = started(FineTuning(api_key="sk-test", base_url=BASE_URL, http_client=http), wire)

    def running(_: httpx.Request) -> httpx.Response:
        threading.Thread(target=event.set).start()
        return httpx.Response(200, json=job_json())

    wire.then(running, job_json(status="succeeded"))
    assert job.wait(notified=event, poll_interval=3600).status == "succeeded"


async def test_a_notification_from_another_task_ends_a_real_pause() -> None:
    """Likewise, awaited."""
    wire, event = Wire(), asyncio.Event()
    http = httpx.AsyncClient(transport=httpx.MockTransport(wire.handle_async))
    client = AsyncFineTuning(api_key="sk-test", base_url=BASE_URL, http_client=http)
    wire.then(job_json())
    job = await client.jobs.retrieve("ftjob-1")

    def running(_: httpx.Request) -> httpx.Response:
        asyncio.get_running_loop().call_soon(event.set)
        return httpx.Response(200, json=job_json())

    wire.then(running, job_json(status="succeeded"))
    assert (await job.wait(notified=event, poll_interval=3600)).status == "succeeded"


def test_the_other_worlds_event_is_refused(client: Any, wire: Wire, kind: str) -> None:
    """Waiting for it would fail, or stop the event loop."""
    event: Any = asyncio.Event() if kind == "sync" else threading.Event()
    job = started(client, wire)
    wire.then(job_json(), job_json())
    with pytest.raises(InvalidRequestError, match=r"notified: must be a.*\.Event") as e:
        job.wait(notified=event)
    assert e.value.field == "notified"


@pytest.mark.parametrize("event", [5, "x", object()], ids=["number", "text", "object"])
def test_what_is_no_event_is_refused(client: Any, wire: Wire, event: Any) -> None:
    """Before anything is sent."""
    job = started(client, wire)
    with pytest.raises(InvalidRequestError, match="notified"):
        job.wait(notified=event)


# --- places ----------------------------------------------------------------------------------


def test_a_saved_place_is_gone_on_from(client: Any, wire: Wire) -> None:
    """In another process, from a text."""
    job = started(client, wire)
    page = list_json(event_json(3), event_json(2), event_json(1))
    wire.then(job_json(status="succeeded"), page, page)
    events = job.follow()
    next(events), next(events)
    events.close()
    saved = str(job.cursor)
    assert saved == "ftjob-1/ftevent-2"
    for after in (saved, EventCursor.parse(saved), "ftevent-2"):
        wire.steps.clear()
        wire.then(job_json(status="succeeded"), page, page)
        assert [event.id for event in job.follow(after=after)] == ["ftevent-3"]


def test_a_place_in_another_job_is_refused(client: Any, wire: Wire) -> None:
    """It would be found nowhere, and all would come again."""
    job = started(client, wire)
    for after in ("ftjob-2/ftevent-1", EventCursor("ftjob-2", "ftevent-1"), "/", "a/b/c", 5):
        with pytest.raises(InvalidRequestError):
            list(job.follow(after=after))
    assert len(wire.requests) == 1


@given(
    job_id=st.text(min_size=1).filter(lambda text: "/" not in text),
    event_id=st.text(min_size=1).filter(lambda text: "/" not in text),
)
def test_a_place_survives_being_written_down(job_id: str, event_id: str) -> None:
    """`parse` undoes `str`."""
    cursor = EventCursor(job_id, event_id)
    assert EventCursor.parse(str(cursor)) == cursor


# --- copies ----------------------------------------------------------------------------------


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_a_copy_of_a_handle_is_one_of_its_own(
    client: Any, wire: Wire, duplicate: Callable[[Any], Any], kind: str
) -> None:
    """It shares the client, is equal, and one does not change with the other."""
    job = started(client, wire)
    bare = job._target if kind == "async" else job
    twin = duplicate(bare)
    assert type(twin) is type(bare)
    assert twin == bare and hash(twin) == hash(bare)
    wire.then(job_json(status="succeeded"))
    job.retrieve()
    assert (twin.status, job.status) == ("running", "succeeded")


def test_a_deep_copy_shares_no_data(client: Any, wire: Wire, kind: str) -> None:
    """Also within a container."""
    wire.then(job_json(metadata={"a": "b"}))
    job = client.jobs.retrieve("ftjob-1")
    bare = job._target if kind == "async" else job
    [twin] = copy.deepcopy([bare])
    twin._data.metadata["a"] = "c"
    assert bare.metadata == {"a": "b"}
    assert twin._driver is bare._driver
