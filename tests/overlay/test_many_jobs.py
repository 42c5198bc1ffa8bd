"""`wait_all` and `follow_all` send few requests for many jobs, and yield each event once, in order."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from finetuning_client import (
    AsyncFineTuning,
    InvalidRequestError,
    JobFailed,
    NotFound,
    RetryPolicy,
    WaitTimeout,
)

from .conftest import (
    BASE_URL,
    AsyncManualClock,
    FakeServer,
    ManualClock,
    error_response,
    event_json,
    job_json,
    list_json,
)


class ManyJobs:
    """Serves many jobs; each ends at its own time, and has an event every `pace` seconds."""

    def __init__(self, clock: ManualClock, ends: list[float], *, pace: float = 60.0) -> None:
        self.clock, self.pace = clock, pace
        self.started = clock.now
        self.ends = {f"ftjob-{n}": end for n, end in enumerate(ends)}
        self.newest = list(self.ends)[::-1]

    def job(self, job_id: str) -> dict[str, Any]:
        """Return a job in its current state."""
        has_ended = self.clock.now - self.started >= self.ends[job_id]
        return job_json(id=job_id, status="succeeded" if has_ended else "running")

    def events(self, job_id: str) -> list[dict[str, Any]]:
        """Return the events of a job so far, newest first."""
        passed = min(self.clock.now - self.started, self.ends[job_id])
        found = [event_json(n, id=f"{job_id}-{n}") for n in range(1 + int(passed / self.pace))]
        return found[::-1]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Respond with a page of a list, or with a job."""
        tail = request.url.path.removeprefix("/v1/fine_tuning/jobs").strip("/")
        job_id, _, what = tail.partition("/")
        if tail and job_id not in self.ends:
            return error_response(404)
        if what:
            return self._page(self.events(job_id), _unchanged, request)
        if tail:
            return httpx.Response(200, json=self.job(job_id))
        return self._page(self.newest, self.job, request)

    @staticmethod
    def _page(
        items: list[Any], shown: Callable[[Any], dict[str, Any]], request: httpx.Request
    ) -> httpx.Response:
        after, limit = request.url.params.get("after"), int(request.url.params["limit"])
        ids = [item if isinstance(item, str) else item["id"] for item in items]
        start = ids.index(after) + 1 if after in ids else 0
        page = [shown(item) for item in items[start : start + limit]]
        return httpx.Response(200, json=list_json(*page, has_more=start + limit < len(items)))


def _unchanged(event: dict[str, Any]) -> dict[str, Any]:
    return event


def requests_of_separate_polling(ends: list[float], reads: list[float]) -> int:
    """Return the number of requests that polling each job separately at these times would take."""
    return sum(1 + sum(read < end for read in reads) for end in ends)


@pytest.mark.parametrize("order", ["oldest first", "newest first", "any"])
def test_wait_all_of_1000_jobs_takes_a_twentieth_of_the_requests(
    client: Any, server: FakeServer, clock: ManualClock, order: str
) -> None:
    """This holds for any order in which the jobs end."""
    ends = [10.0 + n / 10 for n in range(1000)]
    if order == "newest first":
        ends.reverse()
    elif order == "any":
        random.Random(7).shuffle(ends)
    server.handler = handler = ManyJobs(clock, ends)
    reads: list[float] = []

    def counting(request: httpx.Request) -> httpx.Response:
        if "after" not in request.url.params and not (reads and reads[-1] == clock.now - handler.started):
            reads.append(clock.now - handler.started)
        return handler(request)

    server.handler = counting
    jobs = client.jobs.wait_all([f"ftjob-{n}" for n in range(1000)])
    assert [str(job.status) for job in jobs] == ["succeeded"] * 1000
    assert len(server.requests) <= requests_of_separate_polling(ends, reads) / 20


def test_jobs_on_later_pages_are_read_separately(client: Any, server: FakeServer, clock: ManualClock) -> None:
    """A job that is not on the first pages is requested by its id."""
    server.handler = ManyJobs(clock, [5.0] * 700)
    jobs = client.jobs.wait_all(["ftjob-0", "ftjob-699"], poll_interval=10)
    assert [job.id for job in jobs] == ["ftjob-0", "ftjob-699"]
    assert server.calls.count("GET /fine_tuning/jobs/ftjob-0") == 2
    assert len(server.requests) == 4


def test_single_job_is_read_by_its_id(client: Any, server: FakeServer, clock: ManualClock) -> None:
    """A page of the list would cost as much."""
    server.handler = ManyJobs(clock, [5.0] * 300)
    client.jobs.wait_all(["ftjob-3"], poll_interval=10)
    assert server.calls == ["GET /fine_tuning/jobs/ftjob-3"] * 2


def test_wait_all_updates_and_returns_the_given_handles(
    client: Any, server: FakeServer, clock: ManualClock
) -> None:
    """Handles and ids can be mixed, and keep their order."""
    server.handler = ManyJobs(clock, [5.0, 5.0, 5.0])
    mine = client.jobs.retrieve("ftjob-2")
    assert [job.id for job in client.jobs.wait_all([mine, "ftjob-0"])] == ["ftjob-2", "ftjob-0"]
    assert mine.status == "succeeded"


def test_on_update_is_called_for_each_read_of_each_job(
    client: Any, server: FakeServer, clock: ManualClock
) -> None:
    """The callback receives the handle of the job."""
    server.handler = ManyJobs(clock, [5.0, 15.0])
    seen: list[tuple[str, str]] = []
    client.jobs.wait_all(
        ["ftjob-0", "ftjob-1"],
        poll_interval=10,
        on_update=lambda job: seen.append((job.id, str(job.status))),
    )
    assert seen[-1] == ("ftjob-1", "succeeded")
    assert seen.count(("ftjob-1", "running")) == 2


def test_failed_job_raises_after_all_have_ended(client: Any, server: FakeServer) -> None:
    """With `check=False` no error is raised."""
    failed, running = job_json(id="a", status="failed"), job_json(id="b")
    good = job_json(id="b", status="succeeded")
    server.enqueue(list_json(failed, running), good, list_json(failed, good))
    with pytest.raises(JobFailed) as e:
        client.jobs.wait_all(["a", "b"])
    assert e.value.job is not None and e.value.job.id == "a"
    assert [str(j.status) for j in client.jobs.wait_all(["a", "b"], check=False)] == [
        "failed",
        "succeeded",
    ]


def test_empty_list_of_jobs_sends_nothing(client: Any, server: FakeServer) -> None:
    """Both calls return at once."""
    assert list(client.jobs.wait_all([])) == []
    assert list(client.jobs.follow_all([])) == []


def test_unknown_job_raises_not_found(client: Any, server: FakeServer, clock: ManualClock) -> None:
    """An unknown id does not lead to an endless wait."""
    server.handler = ManyJobs(clock, [5.0])
    with pytest.raises(NotFound):
        client.jobs.wait_all(["ftjob-0", "ftjob-none"])


def test_timeout_applies_to_all_jobs_together(client: Any, server: FakeServer, clock: ManualClock) -> None:
    """The error says how many jobs have not ended."""
    server.handler = ManyJobs(clock, [5.0, 500.0])
    with pytest.raises(WaitTimeout, match="1 of 2 jobs have not ended after 60 s"):
        client.jobs.wait_all(["ftjob-0", "ftjob-1"], timeout=60)
    with pytest.raises(WaitTimeout, match="1 of 2 jobs"):
        list(client.jobs.follow_all(["ftjob-0", "ftjob-1"], timeout=60))
    assert clock.now - 1_700_000_000 <= 125


@pytest.mark.parametrize("jobs", ["ftjob-1", None, 5, [5], [None], [""], [b"ftjob-1"]], ids=repr)
@pytest.mark.parametrize("call", ["wait_all", "follow_all"])
def test_invalid_list_of_jobs_is_refused(client: Any, server: FakeServer, call: str, jobs: Any) -> None:
    """A string would be read as a list of its letters."""
    with pytest.raises(InvalidRequestError) as e:
        list(getattr(client.jobs, call)(jobs))
    assert e.value.field == "jobs"
    assert server.requests == []


def test_follow_all_returns_each_event_of_each_job_once_in_order(
    client: Any, server: FakeServer, clock: ManualClock
) -> None:
    """Each event comes with the handle of its job, which has the cursor."""
    ends = [30.0 * n for n in range(1, 9)]
    server.handler = handler = ManyJobs(clock, ends, pace=7.0)
    found: dict[str, list[str]] = {job_id: [] for job_id in handler.ends}
    for job, event in client.jobs.follow_all(list(handler.ends)):
        found[job.id].append(event.id)
        assert job.cursor.event_id == event.id
    assert found == {
        job_id: [event["id"] for event in handler.events(job_id)[::-1]] for job_id in handler.ends
    }


def test_jobs_without_events_take_few_requests(client: Any, server: FakeServer, clock: ManualClock) -> None:
    """Their events are read in turn, not each time the states are read."""
    ends = [120.0] * 100
    server.handler = handler = ManyJobs(clock, ends, pace=1e9)
    assert len(list(client.jobs.follow_all(list(handler.ends)))) == 100
    reads = len(clock.slept)
    # Separate polling takes two requests a read: one for the state, one for the events.
    assert len(server.requests) <= 2 * 100 * reads / 10


def test_failed_reads_are_repeated(make_client: Any, server: FakeServer, clock: ManualClock) -> None:
    """No event is lost or repeated."""
    client = make_client(retry=RetryPolicy(max_attempts=1))
    handler, rng = ManyJobs(clock, [100.0, 160.0, 220.0], pace=9.0), random.Random(3)

    def failing(request: httpx.Request) -> httpx.Response:
        return error_response(503) if rng.random() < 0.3 else handler(request)

    server.handler = failing
    found = [event.id for _, event in client.jobs.follow_all(list(handler.ends), patience=1000)]
    assert sorted(found) == sorted(e["id"] for job_id in handler.ends for e in handler.events(job_id))


async def test_aclose_of_follow_all_closes_the_stream(server: FakeServer) -> None:
    """The inner stream is closed at once, not by the garbage collector."""
    clock = AsyncManualClock()
    server.handler = ManyJobs(clock, [5.0, 5.0])
    http = httpx.AsyncClient(transport=httpx.MockTransport(server.respond_async))
    client = AsyncFineTuning(api_key="sk-test", base_url=BASE_URL, http_client=http, clock=clock)
    events: Any = client.jobs.follow_all(["ftjob-0", "ftjob-1"])
    inner = events.ag_frame.f_locals["events"]
    await anext(events)
    await events.aclose()
    assert inner.ag_frame is None
