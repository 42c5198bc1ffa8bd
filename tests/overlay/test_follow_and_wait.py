"""`wait` and `follow` notice the end of the job, and return each event once, in order."""

from __future__ import annotations

import itertools
from typing import Any

import httpx
import pytest

from finetuning_client import (
    AuthenticationFailed,
    ConnectionFailed,
    FineTuningError,
    InvalidRequestError,
    JobCancelled,
    JobFailed,
    JobStatus,
    RetryPolicy,
    WaitTimeout,
)

from .conftest import FakeServer, ManualClock, error_response, event_json, job_json, list_json, retrieve_job


def numbers(events: Any) -> list[int]:
    """Return the numbers of events made by `event_json`."""
    return [int(event.id.removeprefix("ftevent-")) for event in events]


def test_wait_returns_the_handle_when_the_job_has_succeeded(client: Any, server: FakeServer) -> None:
    """The handle has the job's last state."""
    job = retrieve_job(client, server, status="queued")
    server.enqueue(job_json(), job_json(status="succeeded", fine_tuned_model="ft:m:o:s:1"))
    assert job.wait().fine_tuned_model == "ft:m:o:s:1"
    assert job.status is JobStatus.SUCCEEDED


def test_wait_continues_through_paused_and_unknown_statuses(client: Any, server: FakeServer) -> None:
    """A status that this release does not know counts as in progress."""
    job = retrieve_job(client, server)
    server.enqueue(*[job_json(status=s) for s in ("paused", "notRunning", "compacting", "succeeded")])
    assert job.wait().status == "succeeded"


def test_wait_raises_job_failed_with_the_reason(client: Any, server: FakeServer) -> None:
    """`JobFailed` has the job's own error and the handle."""
    job = retrieve_job(client, server)
    error = {"code": "invalid_training_file", "message": "Example 3", "param": "training_file"}
    server.enqueue(job_json(status="failed", error=error))
    with pytest.raises(JobFailed, match=r"invalid_training_file: Example 3 \(training_file\)") as e:
        job.wait()
    assert (e.value.code, e.value.param) == ("invalid_training_file", "training_file")
    assert e.value.job is not None and e.value.job.status is JobStatus.FAILED


@pytest.mark.parametrize("error", [None, {}, {"code": None, "message": None, "param": None}])
def test_wait_raises_job_failed_without_a_reason(client: Any, server: FakeServer, error: Any) -> None:
    """A failed job without a usable error still raises `JobFailed`."""
    job = retrieve_job(client, server)
    server.enqueue(job_json(status="failed", error=error))
    with pytest.raises(JobFailed, match="the service gave no reason"):
        job.wait()


def test_wait_raises_job_cancelled(client: Any, server: FakeServer) -> None:
    """A cancelled job has its own error."""
    job = retrieve_job(client, server)
    server.enqueue(job_json(status="cancelled"))
    with pytest.raises(JobCancelled):
        job.wait()


def test_wait_without_check_returns_a_failed_job(client: Any, server: FakeServer) -> None:
    """With `check=False` the caller reads the status."""
    job = retrieve_job(client, server)
    server.enqueue(job_json(status="failed"))
    assert job.wait(check=False).status == "failed"


def test_wait_ends_at_its_timeout(client: Any, server: FakeServer, clock: ManualClock) -> None:
    """`WaitTimeout` is raised at the timeout, not at the next read after it."""
    job = retrieve_job(client, server)
    server.enqueue(*[job_json() for _ in range(4)])
    started = clock.now
    with pytest.raises(WaitTimeout, match="still 'running' after 25 s") as e:
        job.wait(timeout=25, poll_interval=10)
    assert clock.now - started == 25
    assert e.value.job is not None and e.value.job.id == "ftjob-1"


def test_wait_reads_less_often_with_time(client: Any, server: FakeServer, clock: ManualClock) -> None:
    """The pauses grow up to a maximum."""
    job = retrieve_job(client, server)
    server.enqueue(*[job_json() for _ in range(60)], job_json(status="succeeded"))
    job.wait()
    assert clock.slept[0] <= 0.5
    assert all(later > earlier * 0.85 for earlier, later in itertools.pairwise(clock.slept))
    assert 13.5 <= clock.slept[-1] <= 15


def test_wait_calls_on_update_after_each_read(client: Any, server: FakeServer) -> None:
    """The callback receives the updated handle."""
    job = retrieve_job(client, server)
    server.enqueue(job_json(status="queued"), job_json(), job_json(status="succeeded"))
    seen: list[str] = []
    job.wait(on_update=lambda current: seen.append(str(current.status)))
    assert seen == ["queued", "running", "succeeded"]


@pytest.mark.parametrize("interval", [0, -1, float("nan"), "1"])
def test_invalid_poll_interval_is_refused(client: Any, server: FakeServer, interval: Any) -> None:
    """No request is sent."""
    job = retrieve_job(client, server)
    with pytest.raises(FineTuningError, match="poll_interval"):
        job.wait(poll_interval=interval)
    assert len(server.requests) == 1


@pytest.mark.parametrize("timeout", [-1, float("nan"), "1"])
def test_invalid_timeout_is_refused(client: Any, server: FakeServer, timeout: Any) -> None:
    """No request is sent."""
    job = retrieve_job(client, server)
    with pytest.raises(InvalidRequestError, match="timeout"):
        job.wait(timeout=timeout)
    with pytest.raises(InvalidRequestError, match="timeout"):
        list(job.follow(timeout=timeout))
    assert len(server.requests) == 1


def test_follow_returns_each_event_once_oldest_first(client: Any, server: FakeServer) -> None:
    """The service lists events newest first, and repeats them in later reads."""
    job = retrieve_job(client, server)
    server.enqueue(
        job_json(),
        list_json(event_json(2), event_json(1)),
        job_json(),
        list_json(event_json(4), event_json(3), event_json(2), event_json(1)),
        job_json(status="succeeded"),
        list_json(event_json(5), event_json(4), event_json(3)),
        list_json(event_json(5), event_json(4)),
    )
    assert numbers(job.follow()) == [1, 2, 3, 4, 5]
    assert job.status == "succeeded"


def test_follow_reads_again_after_the_end(client: Any, server: FakeServer) -> None:
    """The first read after the end may be too early, even if it returns nothing new."""
    job = retrieve_job(client, server)
    before, after = list_json(event_json(1)), list_json(event_json(2), event_json(1))
    server.enqueue(job_json(), before, job_json(status="succeeded"), before, after, after)
    assert numbers(job.follow()) == [1, 2]


def test_follow_keeps_the_server_order_within_a_second(client: Any, server: FakeServer) -> None:
    """Many events have the same time."""
    job = retrieve_job(client, server)
    page = list_json(*[event_json(n, at=0) for n in (4, 3, 2, 1)])
    server.enqueue(job_json(status="succeeded"), page, page)
    assert numbers(job.follow()) == [1, 2, 3, 4]


def test_follow_reads_all_pages_of_new_events(client: Any, server: FakeServer) -> None:
    """No event is missed if more than one page is published between two reads."""
    job = retrieve_job(client, server)
    server.enqueue(
        job_json(),
        list_json(event_json(1)),
        job_json(status="succeeded"),
        list_json(event_json(6), event_json(5), has_more=True),
        list_json(event_json(4), event_json(3), has_more=True),
        list_json(event_json(2), event_json(1), has_more=True),
        list_json(event_json(6)),
    )
    assert numbers(job.follow()) == [1, 2, 3, 4, 5, 6]
    assert server.requests[5].url.params["after"] == "ftevent-5"


def test_follow_returns_events_published_after_the_end(client: Any, server: FakeServer) -> None:
    """Events are read until a read returns nothing new."""
    job = retrieve_job(client, server)
    server.enqueue(
        job_json(status="succeeded"),
        list_json(event_json(1)),
        list_json(event_json(2), event_json(1)),
        list_json(event_json(3), event_json(2), event_json(1)),
        list_json(event_json(3), event_json(2), event_json(1)),
    )
    assert numbers(job.follow()) == [1, 2, 3]


def test_follow_accepts_a_server_that_lists_oldest_first(client: Any, server: FakeServer) -> None:
    """Some compatible servers list events in the other direction."""
    job = retrieve_job(client, server)
    first = list_json(event_json(1), event_json(2), has_more=True)
    server.enqueue(
        job_json(), first, list_json(event_json(3)),
        job_json(status="succeeded"), first, list_json(event_json(3), event_json(4)),
        first, list_json(event_json(3), event_json(4)),
    )  # fmt: skip
    assert numbers(job.follow()) == [1, 2, 3, 4]


def test_follow_starts_after_an_event(client: Any, server: FakeServer) -> None:
    """A reader that stopped can continue where it was."""
    job = retrieve_job(client, server)
    page = list_json(event_json(3), event_json(2), event_json(1), has_more=True)
    server.enqueue(job_json(status="succeeded"), page, page)
    assert numbers(job.follow(after="ftevent-2")) == [3]


def test_follow_ends_at_its_timeout(client: Any, server: FakeServer, clock: ManualClock) -> None:
    """All events are returned before `WaitTimeout` is raised."""
    job = retrieve_job(client, server)
    for _ in range(4):
        server.enqueue(job_json(), list_json(event_json(1)))
    events = job.follow(timeout=25, poll_interval=10)
    assert next(events).id == "ftevent-1"
    with pytest.raises(WaitTimeout) as e:
        next(events)
    assert e.value.job is not None


def test_follow_raises_when_the_server_is_unreachable(client: Any, server: FakeServer) -> None:
    """Events received before are returned, and `ConnectionFailed` is raised after the retries."""
    job = retrieve_job(client, server)
    gone = [httpx.ConnectError("Connection refused") for _ in range(5)]
    server.enqueue(job_json(), list_json(event_json(1)), *gone)
    events = job.follow(patience=0)
    assert next(events).id == "ftevent-1"
    with pytest.raises(ConnectionFailed, match=r"cannot be reached.*5 attempts"):
        next(events)


def test_follow_continues_after_short_failures(client: Any, server: FakeServer) -> None:
    """Failures within the retry policy are not visible."""
    job = retrieve_job(client, server)
    server.enqueue(
        job_json(status="succeeded"),
        httpx.ReadError("reset"),
        error_response(503),
        list_json(event_json(1)),
        list_json(event_json(1)),
    )
    assert numbers(job.follow()) == [1]


def test_follow_raises_final_errors_at_once(make_client: Any, server: FakeServer) -> None:
    """A revoked key is not retried."""
    job = retrieve_job(make_client(retry=RetryPolicy(max_attempts=9)), server)
    server.enqueue(error_response(401, "invalid_api_key"))
    with pytest.raises(AuthenticationFailed):
        list(job.follow())
