"""Plans, stepped by hand: no network, no clock, no client; only what they ask for, and make of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from finetuning_api.models.fine_tuning_job import FineTuningJob
from finetuning_api.models.list_paginated_fine_tuning_jobs_response import (
    ListPaginatedFineTuningJobsResponse,
)
from finetuning_client import RateLimited, RetryPolicy, WaitTimeout
from finetuning_client.plans.cursor import Listing, pages
from finetuning_client.plans.effects import Draw, Emit, NoResponse, Now, Pause, Request, Response, Send
from finetuning_client.plans.exchange import exchange
from finetuning_client.plans.waiting import follow, wait
from finetuning_client.polling import PollPolicy, WaitOptions
from finetuning_client.settings import Settings

from .conftest import event_json, job_json, list_json

SETTINGS = Settings(retry=RetryPolicy(max_attempts=3, jitter=0.5))
REQUEST = Request({"method": "GET", "url": "/x"})


class Stepped:
    """A plan, stepped from one thing that it does to the next; the time and random numbers are ours."""

    def __init__(self, plan: Any, *, now: float = 1000.0, draw: float = 0.0) -> None:
        self.plan = plan
        self.now = now
        self.draw = draw
        self.result: Any = None

    def step(self, reply: Any = None) -> Any:
        """Reply, and go on to the next `Send`, `Pause` or `Emit`; `None` at the end."""
        try:
            effect = self.plan.send(reply)
            while isinstance(effect, Now | Draw):
                effect = self.plan.send(self.now if isinstance(effect, Now) else self.draw)
        except StopIteration as stop:
            self.result = stop.value
            return None
        if isinstance(effect, Pause):
            self.now += effect.seconds
        return effect

    def path(self, reply: Any = None) -> str:
        """Reply, and go on to a request; its URL."""
        effect = self.step(reply)
        assert isinstance(effect, Send), effect
        return str(effect.request.options["url"])


def ok(value: Any) -> Response:
    """A success with this JSON."""
    return Response(200, {}, json.dumps(value).encode())


def test_an_exchange_is_one_request_when_all_is_well() -> None:
    """Its result is the answer."""
    plan = Stepped(exchange(REQUEST, SETTINGS, lambda response: response))
    assert plan.step() == Send(REQUEST)
    assert plan.step(ok({})) is None
    assert plan.result == ok({})


def test_an_exchange_pauses_between_attempts() -> None:
    """Half of the backoff is drawn here, and all of it is taken off."""
    plan = Stepped(exchange(REQUEST, SETTINGS, lambda response: response), draw=1.0)
    assert plan.step() == Send(REQUEST)
    assert plan.step(NoResponse("reset", delivered=True)) == Pause(0.25)
    assert plan.step() == Send(REQUEST)
    assert plan.step(Response(503, {"retry-after": "30"})) == Pause(30)
    assert plan.step() == Send(REQUEST)
    assert plan.step(ok(1)) is None


def test_an_exchange_ends_by_the_error_of_the_last_attempt() -> None:
    """With the count of all of them."""
    plan = Stepped(exchange(REQUEST, SETTINGS, lambda response: response))
    for _ in range(2):
        assert plan.step() == Send(REQUEST)
        assert isinstance(plan.step(NoResponse("reset", delivered=True)), Pause)
    assert plan.step() == Send(REQUEST)
    with pytest.raises(RateLimited, match="3 attempts"):
        plan.step(Response(429, {}))


def test_an_exchange_asks_for_no_time_that_it_does_not_have() -> None:
    """A pause that would pass the deadline is not yielded."""
    settings = Settings(retry=RetryPolicy(deadline=10))
    plan = Stepped(exchange(REQUEST, settings, lambda response: response))
    plan.step()
    plan.now += 9.8
    with pytest.raises(RateLimited):
        plan.step(Response(429, {}))


def listing(limit: int | None = None) -> Listing[FineTuningJob]:
    """Jobs, two at a time."""
    return Listing(
        lambda after, size: Request({"method": "GET", "url": f"/{after}/{size}"}),
        ListPaginatedFineTuningJobsResponse,
        lambda job: job,
        limit,
        2,
    )


def ids(effect: Any) -> list[str]:
    """The ids of the jobs of a page that was emitted."""
    assert isinstance(effect, Emit)
    return [job.id for job in effect.item]


def test_pages_are_emitted_between_requests() -> None:
    """The next page is asked for only once the one before was taken."""
    plan = Stepped(pages(listing(), SETTINGS))
    assert plan.path() == "/None/2"
    page = plan.step(ok(list_json(job_json(id="c"), job_json(id="b"), has_more=True)))
    assert ids(page) == ["c", "b"]
    assert plan.path() == "/b/2"
    page = plan.step(ok(list_json(job_json(id="a"))))
    assert ids(page) == ["a"]
    assert plan.step() is None


def test_pages_that_are_closed_ask_for_nothing_more() -> None:
    """Closing a plan between two pages ends it."""
    plan = Stepped(pages(listing(), SETTINGS))
    plan.step()
    plan.step(ok(list_json(job_json(id="c"), has_more=True)))
    plan.plan.close()
    with pytest.raises(StopIteration):
        next(plan.plan)


FIXED = PollPolicy.every(10)


def test_waiting_is_a_look_and_a_pause_in_turn() -> None:
    """Until the status is an end; the job is the result."""
    seen: list[str] = []
    options = WaitOptions(poll=FIXED)
    plan = Stepped(wait("ftjob-1", SETTINGS, options, lambda job: seen.append(job.status)))
    for status in ("queued", "running"):
        assert plan.path() == "/fine_tuning/jobs/ftjob-1"
        assert plan.step(ok(job_json(status=status))) == Pause(10)
    plan.step()
    assert plan.step(ok(job_json(status="succeeded"))) is None
    assert plan.result.status == "succeeded"
    assert seen == ["queued", "running", "succeeded"]


def test_waiting_ends_at_its_deadline() -> None:
    """The last pause is cut, and a last look is taken before giving up."""
    plan = Stepped(wait("ftjob-1", SETTINGS, WaitOptions(poll=FIXED, timeout=15), lambda _: None))
    plan.step()
    assert plan.step(ok(job_json())) == Pause(10)
    plan.step()
    assert plan.step(ok(job_json())) == Pause(5)
    assert plan.path() == "/fine_tuning/jobs/ftjob-1"
    with pytest.raises(WaitTimeout):
        plan.step(ok(job_json()))


def test_no_retry_of_a_look_passes_the_deadline() -> None:
    """A server that asks for five minutes does not make a wait of a minute five minutes long."""
    plan = Stepped(
        wait("ftjob-1", SETTINGS, WaitOptions(poll=FIXED, timeout=60, patience=99), lambda _: None)
    )
    busy = Response(429, {"retry-after": "300"})
    effect = plan.step()
    with pytest.raises(WaitTimeout):
        while True:
            effect = plan.step(busy if isinstance(effect, Send) else None)
            assert plan.now <= 1060


def test_following_reads_the_status_before_the_events() -> None:
    """So that no event can slip between the last reading and the end; and reads once more after it."""
    plan = Stepped(follow("ftjob-1", SETTINGS, WaitOptions(poll=FIXED), after=None, on_update=lambda _: None))
    assert plan.path() == "/fine_tuning/jobs/ftjob-1"
    assert plan.path(ok(job_json())) == "/fine_tuning/jobs/ftjob-1/events"
    first = plan.step(ok(list_json(event_json(2), event_json(1))))
    assert isinstance(first, Emit) and first.item.id == "ftevent-1"
    second = plan.step()
    assert isinstance(second, Emit) and second.item.id == "ftevent-2"
    assert plan.step() == Pause(10)
    assert plan.path() == "/fine_tuning/jobs/ftjob-1"
    assert plan.path(ok(job_json(status="failed"))) == "/fine_tuning/jobs/ftjob-1/events"
    late = plan.step(ok(list_json(event_json(3), event_json(2))))
    assert isinstance(late, Emit) and late.item.id == "ftevent-3"
    assert isinstance(plan.step(), Pause)
    assert plan.path() == "/fine_tuning/jobs/ftjob-1/events"
    assert plan.step(ok(list_json(event_json(3)))) is None
