"""Waiting and following: the end is found, each event comes once, in order, and none is lost."""

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

from .conftest import FakeServer, ManualClock, error_response, event_json, job_json, list_json


def started(client: Any, server: FakeServer, **changes: Any) -> Any:
    """A handle on a job that the wire has just described."""
    server.enqueue(job_json(**changes))
    return client.jobs.retrieve("ftjob-1")


def numbers(events: Any) -> list[int]:
    """The numbers of events made by `event_json`."""
    return [int(event.id.removeprefix("ftevent-")) for event in events]


def test_wait_returns_the_handle_when_the_job_has_succeeded(client: Any, server: FakeServer) -> None:
    """`wait` looks until the status is an end, and leaves the handle up to date."""
    job = started(client, server, status="queued")
    server.enqueue(job_json(), job_json(status="succeeded", fine_tuned_model="ft:m:o:s:1"))
    assert job.wait().fine_tuned_model == "ft:m:o:s:1"
    assert job.status is JobStatus.SUCCEEDED


def test_wait_goes_on_through_paused_and_unknown_statuses(client: Any, server: FakeServer) -> None:
    """A status that this release does not know is work in progress, not an end and not an error."""
    job = started(client, server)
    server.enqueue(*[job_json(status=s) for s in ("paused", "notRunning", "compacting", "succeeded")])
    assert job.wait().status == "succeeded"


def test_wait_raises_what_the_job_failed_of(client: Any, server: FakeServer) -> None:
    """`JobFailed` carries the job's own error, and the handle."""
    job = started(client, server)
    error = {"code": "invalid_training_file", "message": "Example 3", "param": "training_file"}
    server.enqueue(job_json(status="failed", error=error))
    with pytest.raises(JobFailed, match=r"invalid_training_file: Example 3 \(training_file\)") as e:
        job.wait()
    assert (e.value.code, e.value.param) == ("invalid_training_file", "training_file")
    assert e.value.job is not None and e.value.job.status is JobStatus.FAILED


@pytest.mark.parametrize("error", [None, {}, {"code": None, "message": None, "param": None}])
def test_wait_copes_with_a_failure_that_says_nothing(client: Any, server: FakeServer, error: Any) -> None:
    """A failed job without a usable error is still `JobFailed`."""
    job = started(client, server)
    server.enqueue(job_json(status="failed", error=error))
    with pytest.raises(JobFailed, match="does not say why"):
        job.wait()


def test_wait_raises_for_a_cancelled_job(client: Any, server: FakeServer) -> None:
    """`JobCancelled` is its own error."""
    job = started(client, server)
    server.enqueue(job_json(status="cancelled"))
    with pytest.raises(JobCancelled):
        job.wait()


def test_wait_without_check_only_returns(client: Any, server: FakeServer) -> None:
    """With `check=False` an unhappy end is for the caller to look at."""
    job = started(client, server)
    server.enqueue(job_json(status="failed"))
    assert job.wait(check=False).status == "failed"


def test_wait_times_out_on_the_clock(client: Any, server: FakeServer, clock: ManualClock) -> None:
    """`WaitTimeout` comes at the time asked for, not at the next look after it."""
    job = started(client, server)
    server.enqueue(*[job_json() for _ in range(4)])
    begun = clock.now
    with pytest.raises(WaitTimeout, match="still 'running' after 25 s") as e:
        job.wait(timeout=25, poll_interval=10)
    assert clock.now - begun == 25
    assert e.value.job is not None and e.value.job.id == "ftjob-1"


def test_wait_looks_often_at_first_and_less_later(
    client: Any, server: FakeServer, clock: ManualClock
) -> None:
    """The pauses grow to a bound."""
    job = started(client, server)
    server.enqueue(*[job_json() for _ in range(60)], job_json(status="succeeded"))
    job.wait()
    assert clock.slept[0] <= 0.5
    assert all(later > earlier * 0.85 for earlier, later in itertools.pairwise(clock.slept))
    assert 13.5 <= clock.slept[-1] <= 15


def test_wait_reports_each_look(client: Any, server: FakeServer) -> None:
    """`on_update` sees the handle after each look."""
    job = started(client, server)
    server.enqueue(job_json(status="queued"), job_json(), job_json(status="succeeded"))
    seen: list[str] = []
    job.wait(on_update=lambda current: seen.append(str(current.status)))
    assert seen == ["queued", "running", "succeeded"]


@pytest.mark.parametrize("interval", [0, -1, float("nan"), "1"])
def test_a_poll_interval_that_makes_no_sense_is_refused(
    client: Any, server: FakeServer, interval: Any
) -> None:
    """Nothing is sent for it."""
    job = started(client, server)
    with pytest.raises(FineTuningError, match="poll_interval"):
        job.wait(poll_interval=interval)
    assert len(server.requests) == 1


@pytest.mark.parametrize("timeout", [-1, float("nan"), "1"])
def test_a_timeout_that_makes_no_sense_is_refused(client: Any, server: FakeServer, timeout: Any) -> None:
    """Nothing is sent for it."""
    job = started(client, server)
    with pytest.raises(InvalidRequestError, match="timeout"):
        job.wait(timeout=timeout)
    with pytest.raises(InvalidRequestError, match="timeout"):
        list(job.follow(timeout=timeout))
    assert len(server.requests) == 1


def test_follow_gives_each_event_once_oldest_first(client: Any, server: FakeServer) -> None:
    """The service lists newest first; the user reads oldest first, across looks."""
    job = started(client, server)
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


def test_an_event_that_comes_a_moment_after_the_end_is_not_missed(client: Any, server: FakeServer) -> None:
    """The first reading after the end may be too early, even if it brings nothing new."""
    job = started(client, server)
    before, after = list_json(event_json(1)), list_json(event_json(2), event_json(1))
    server.enqueue(job_json(), before, job_json(status="succeeded"), before, after, after)
    assert numbers(job.follow()) == [1, 2]


def test_follow_keeps_the_order_of_events_of_one_second(client: Any, server: FakeServer) -> None:
    """Many events share a second; the server's order stands."""
    job = started(client, server)
    page = list_json(*[event_json(n, at=0) for n in (4, 3, 2, 1)])
    server.enqueue(job_json(status="succeeded"), page, page)
    assert numbers(job.follow()) == [1, 2, 3, 4]


def test_follow_reads_as_many_pages_as_came_between_two_looks(client: Any, server: FakeServer) -> None:
    """No gap when more than one page arrives between looks."""
    job = started(client, server)
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


def test_follow_drains_events_published_after_the_end(client: Any, server: FakeServer) -> None:
    """The status can be an end before the last events are there; they are not lost."""
    job = started(client, server)
    server.enqueue(
        job_json(status="succeeded"),
        list_json(event_json(1)),
        list_json(event_json(2), event_json(1)),
        list_json(event_json(3), event_json(2), event_json(1)),
        list_json(event_json(3), event_json(2), event_json(1)),
    )
    assert numbers(job.follow()) == [1, 2, 3]


def test_follow_reads_a_server_that_lists_oldest_first(client: Any, server: FakeServer) -> None:
    """Some compatible servers list in the other direction."""
    job = started(client, server)
    first = list_json(event_json(1), event_json(2), has_more=True)
    server.enqueue(
        job_json(), first, list_json(event_json(3)),
        job_json(status="succeeded"), first, list_json(event_json(3), event_json(4)),
        first, list_json(event_json(3), event_json(4)),
    )  # fmt: skip
    assert numbers(job.follow()) == [1, 2, 3, 4]


def test_follow_goes_on_after_an_event(client: Any, server: FakeServer) -> None:
    """A reader that stopped goes on where it was."""
    job = started(client, server)
    page = list_json(event_json(3), event_json(2), event_json(1), has_more=True)
    server.enqueue(job_json(status="succeeded"), page, page)
    assert numbers(job.follow(after="ftevent-2")) == [3]


def test_follow_times_out(client: Any, server: FakeServer, clock: ManualClock) -> None:
    """`follow` ends by `WaitTimeout` at its deadline, with all events given out before."""
    job = started(client, server)
    for _ in range(4):
        server.enqueue(job_json(), list_json(event_json(1)))
    events = job.follow(timeout=25, poll_interval=10)
    assert next(events).id == "ftevent-1"
    with pytest.raises(WaitTimeout) as e:
        next(events)
    assert e.value.job is not None


def test_a_server_that_goes_away_ends_follow_with_one_error(client: Any, server: FakeServer) -> None:
    """After the retries are used up the caller gets `ConnectionFailed`, after what was there before."""
    job = started(client, server)
    gone = [httpx.ConnectError("Connection refused") for _ in range(5)]
    server.enqueue(job_json(), list_json(event_json(1)), *gone)
    events = job.follow(patience=0)
    assert next(events).id == "ftevent-1"
    with pytest.raises(ConnectionFailed, match=r"cannot be reached.*5 attempts"):
        next(events)


def test_follow_survives_a_server_that_is_away_for_a_moment(client: Any, server: FakeServer) -> None:
    """A failure within the retries costs nothing."""
    job = started(client, server)
    server.enqueue(
        job_json(status="succeeded"),
        httpx.ReadError("reset"),
        error_response(503),
        list_json(event_json(1)),
        list_json(event_json(1)),
    )
    assert numbers(job.follow()) == [1]


def test_follow_stops_at_once_where_no_retry_helps(make_client: Any, server: FakeServer) -> None:
    """A key that was withdrawn is not retried."""
    job = started(make_client(retry=RetryPolicy(max_attempts=9)), server)
    server.enqueue(error_response(401, "invalid_api_key"))
    with pytest.raises(AuthenticationFailed):
        list(job.follow())
