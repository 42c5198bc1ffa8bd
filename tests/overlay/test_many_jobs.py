"""Many jobs at once: a thousand cost little more than ten, and each event of each comes once, in order."""

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
    ManualClock,
    Wire,
    error_response,
    event_json,
    job_json,
    list_json,
)


class Shop:
    """A server with many jobs, each ending at its time by the clock, with an event a `pace` seconds."""

    def __init__(self, clock: ManualClock, ends: list[float], *, pace: float = 60.0) -> None:
        self.clock, self.pace = clock, pace
        self.begun = clock.now
        self.ends = {f"ftjob-{n}": end for n, end in enumerate(ends)}
        self.newest = list(self.ends)[::-1]

    def job(self, job_id: str) -> dict[str, Any]:
        """A job as it is now."""
        over = self.clock.now - self.begun >= self.ends[job_id]
        return job_json(id=job_id, status="succeeded" if over else "running")

    def events(self, job_id: str) -> list[dict[str, Any]]:
        """The events of a job so far, newest first."""
        passed = min(self.clock.now - self.begun, self.ends[job_id])
        found = [event_json(n, id=f"{job_id}-{n}") for n in range(1 + int(passed / self.pace))]
        return found[::-1]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer lists page by page, and the rest."""
        tail = request.url.path.removeprefix("/v1/fine_tuning/jobs").strip("/")
        job_id, _, what = tail.partition("/")
        if tail and job_id not in self.ends:
            return error_response(404)
        if what:
            return self._page(self.events(job_id), _same, request)
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


def _same(event: dict[str, Any]) -> dict[str, Any]:
    return event


def polling_each(ends: list[float], looks: list[float]) -> int:
    """How many requests it takes to look at each job at these times until it has ended."""
    return sum(1 + sum(look < end for look in looks) for end in ends)


@pytest.mark.parametrize("order", ["oldest first", "newest first", "any"])
def test_a_thousand_jobs_cost_a_twentieth_of_polling_each(
    client: Any, wire: Wire, clock: ManualClock, order: str
) -> None:
    """Counted at the wire, whatever the order in which they end."""
    ends = [10.0 + n / 10 for n in range(1000)]
    if order == "newest first":
        ends.reverse()
    elif order == "any":
        random.Random(7).shuffle(ends)
    wire.server = shop = Shop(clock, ends)
    looks: list[float] = []

    def watched(request: httpx.Request) -> httpx.Response:
        if "after" not in request.url.params and not (looks and looks[-1] == clock.now - shop.begun):
            looks.append(clock.now - shop.begun)
        return shop(request)

    wire.server = watched
    jobs = client.jobs.wait_all([f"ftjob-{n}" for n in range(1000)])
    assert [str(job.status) for job in jobs] == ["succeeded"] * 1000
    assert len(wire.requests) <= polling_each(ends, looks) / 20


def test_jobs_far_down_the_list_are_found_too(client: Any, wire: Wire, clock: ManualClock) -> None:
    """What no page holds is asked for by itself."""
    wire.server = Shop(clock, [5.0] * 700)
    jobs = client.jobs.wait_all(["ftjob-0", "ftjob-699"], poll_interval=10)
    assert [job.id for job in jobs] == ["ftjob-0", "ftjob-699"]
    assert wire.asked.count("GET /fine_tuning/jobs/ftjob-0") == 2
    assert len(wire.requests) == 4


def test_a_single_job_is_asked_for_by_itself(client: Any, wire: Wire, clock: ManualClock) -> None:
    """A page would cost as much again."""
    wire.server = Shop(clock, [5.0] * 300)
    client.jobs.wait_all(["ftjob-3"], poll_interval=10)
    assert wire.asked == ["GET /fine_tuning/jobs/ftjob-3"] * 2


def test_handles_that_were_given_are_brought_up_to_date(client: Any, wire: Wire, clock: ManualClock) -> None:
    """They come back in the order given, handles and ids mixed."""
    wire.server = Shop(clock, [5.0, 5.0, 5.0])
    mine = client.jobs.retrieve("ftjob-2")
    assert [job.id for job in client.jobs.wait_all([mine, "ftjob-0"])] == ["ftjob-2", "ftjob-0"]
    assert mine.status == "succeeded"


def test_updates_are_told_for_each_job(client: Any, wire: Wire, clock: ManualClock) -> None:
    """With its handle, after each look."""
    wire.server = Shop(clock, [5.0, 15.0])
    seen: list[tuple[str, str]] = []
    client.jobs.wait_all(
        ["ftjob-0", "ftjob-1"],
        poll_interval=10,
        on_update=lambda job: seen.append((job.id, str(job.status))),
    )
    assert seen[-1] == ("ftjob-1", "succeeded")
    assert seen.count(("ftjob-1", "running")) == 2


def test_a_job_that_failed_raises_once_all_have_ended(client: Any, wire: Wire) -> None:
    """And not before, unless `check` is off."""
    failed, running = job_json(id="a", status="failed"), job_json(id="b")
    good = job_json(id="b", status="succeeded")
    wire.then(list_json(failed, running), good, list_json(failed, good))
    with pytest.raises(JobFailed) as e:
        client.jobs.wait_all(["a", "b"])
    assert e.value.job is not None and e.value.job.id == "a"
    assert [str(j.status) for j in client.jobs.wait_all(["a", "b"], check=False)] == [
        "failed",
        "succeeded",
    ]


def test_nothing_to_wait_for_is_done(client: Any, wire: Wire) -> None:
    """Without a request."""
    assert list(client.jobs.wait_all([])) == []
    assert list(client.jobs.follow_all([])) == []


def test_a_job_that_is_not_there_is_not_found(client: Any, wire: Wire, clock: ManualClock) -> None:
    """One wrong id is an error, not an endless wait."""
    wire.server = Shop(clock, [5.0])
    with pytest.raises(NotFound):
        client.jobs.wait_all(["ftjob-0", "ftjob-none"])


def test_many_jobs_time_out_together(client: Any, wire: Wire, clock: ManualClock) -> None:
    """The error says how many are left."""
    wire.server = Shop(clock, [5.0, 500.0])
    with pytest.raises(WaitTimeout, match="1 of 2 jobs have not ended after 60 s"):
        client.jobs.wait_all(["ftjob-0", "ftjob-1"], timeout=60)
    with pytest.raises(WaitTimeout, match="1 of 2 jobs"):
        list(client.jobs.follow_all(["ftjob-0", "ftjob-1"], timeout=60))
    assert clock.now - 1_700_000_000 <= 125


@pytest.mark.parametrize("jobs", ["ftjob-1", None, 5, [5], [None], [""], [b"ftjob-1"]], ids=repr)
@pytest.mark.parametrize("call", ["wait_all", "follow_all"])
def test_what_are_no_jobs_is_refused(client: Any, wire: Wire, call: str, jobs: Any) -> None:
    """One text would be taken for as many jobs as it has letters."""
    with pytest.raises(InvalidRequestError) as e:
        list(getattr(client.jobs, call)(jobs))
    assert e.value.field == "jobs"
    assert wire.requests == []


def test_every_event_of_every_job_comes_once_and_in_order(
    client: Any, wire: Wire, clock: ManualClock
) -> None:
    """Each with the handle of its job, which keeps the place."""
    ends = [30.0 * n for n in range(1, 9)]
    wire.server = shop = Shop(clock, ends, pace=7.0)
    found: dict[str, list[str]] = {job_id: [] for job_id in shop.ends}
    for job, event in client.jobs.follow_all(list(shop.ends)):
        found[job.id].append(event.id)
        assert job.cursor.event_id == event.id
    assert found == {job_id: [event["id"] for event in shop.events(job_id)[::-1]] for job_id in shop.ends}


def test_quiet_jobs_cost_little_to_follow(client: Any, wire: Wire, clock: ManualClock) -> None:
    """Their events are read in turn, not at each look."""
    ends = [120.0] * 100
    wire.server = shop = Shop(clock, ends, pace=1e9)
    assert len(list(client.jobs.follow_all(list(shop.ends)))) == 100
    looks = len(clock.slept)
    # Each would take two requests a look: one for the state, one for the events.
    assert len(wire.requests) <= 2 * 100 * looks / 10


def test_a_reading_that_fails_is_made_again(make_client: Any, wire: Wire, clock: ManualClock) -> None:
    """No event is lost or comes twice for it."""
    client = make_client(retry=RetryPolicy(max_attempts=1))
    shop, rng = Shop(clock, [100.0, 160.0, 220.0], pace=9.0), random.Random(3)

    def shaky(request: httpx.Request) -> httpx.Response:
        return error_response(503) if rng.random() < 0.3 else shop(request)

    wire.server = shaky
    found = [event.id for _, event in client.jobs.follow_all(list(shop.ends), patience=1000)]
    assert sorted(found) == sorted(e["id"] for job_id in shop.ends for e in shop.events(job_id))


async def test_leaving_an_asynchronous_loop_early_closes_what_is_beneath(wire: Wire) -> None:
    """Not when the garbage collector comes by."""
    clock = AsyncManualClock()
    wire.server = Shop(clock, [5.0, 5.0])
    http = httpx.AsyncClient(transport=httpx.MockTransport(wire.handle_async))
    client = AsyncFineTuning(api_key="sk-test", base_url=BASE_URL, http_client=http, clock=clock)
    events: Any = client.jobs.follow_all(["ftjob-0", "ftjob-1"])
    beneath = events.ag_frame.f_locals["events"]
    await anext(events)
    await events.aclose()
    assert beneath.ag_frame is None
