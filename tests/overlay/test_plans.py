"""Plans, run step by step: the effects that they yield, and how they continue after each reply."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import nullcontext
from email.utils import formatdate
from typing import Any

import pytest

from finetuning_api.models.fine_tuning_job import FineTuningJob
from finetuning_api.models.list_paginated_fine_tuning_jobs_response import (
    ListPaginatedFineTuningJobsResponse,
)
from finetuning_client import ConnectionFailed, InvalidResponse, RateLimited, RetryPolicy, WaitTimeout
from finetuning_client.operation_settings import Settings
from finetuning_client.plans.attempts import exchange
from finetuning_client.plans.effects import Draw, Emit, NoResponse, Now, Pause, Request, Response, Send
from finetuning_client.plans.job_creation import create_job
from finetuning_client.plans.list_pages import Listing, pages
from finetuning_client.plans.waiting import follow, wait
from finetuning_client.polling import PollPolicy, WaitOptions

from .conftest import event_json, job_json, list_json

SETTINGS = Settings(retry=RetryPolicy(max_attempts=3, jitter=0.5))
NOW = 1_700_000_000
REQUEST = Request({"method": "GET", "url": "/x"})
SENT = Send(REQUEST, deadline=1000.0 + SETTINGS.retry.deadline)


class PlanStepper:
    """Runs a plan effect by effect; the test provides the time and the random numbers."""

    def __init__(self, plan: Any, *, now: float = 1000.0, draw: float = 0.0) -> None:
        self.plan = plan
        self.now = now
        self.draw = draw
        self.result: Any = None

    def step(self, reply: Any = None) -> Any:
        """Send the reply, and return the next `Send`, `Pause` or `Emit`; `None` at the end."""
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

    def next_url(self, reply: Any = None) -> str:
        """Send the reply, and return the URL of the request that must come next."""
        effect = self.step(reply)
        assert isinstance(effect, Send), effect
        return str(effect.request.options["url"])


def ok(value: Any) -> Response:
    """Return a 200 response with this JSON."""
    return Response(200, {}, json.dumps(value).encode())


def test_exchange_without_failures_is_one_request() -> None:
    """Its result is the response."""
    plan = PlanStepper(exchange(REQUEST, SETTINGS, lambda response: response))
    assert plan.step() == SENT
    assert plan.step(ok({})) is None
    assert plan.result == ok({})


def test_exchange_pauses_between_attempts() -> None:
    """With the largest draw, jitter halves the backoff; `Retry-After` is kept exactly."""
    plan = PlanStepper(exchange(REQUEST, SETTINGS, lambda response: response), draw=1.0)
    assert plan.step() == SENT
    assert plan.step(NoResponse("reset", delivered=True)) == Pause(0.25)
    assert plan.step() == SENT
    assert plan.step(Response(503, {"retry-after": "30"})) == Pause(30)
    assert plan.step() == SENT
    assert plan.step(ok(1)) is None


def test_exchange_raises_the_error_of_the_last_attempt() -> None:
    """The error has the number of attempts."""
    plan = PlanStepper(exchange(REQUEST, SETTINGS, lambda response: response))
    for _ in range(2):
        assert plan.step() == SENT
        assert isinstance(plan.step(NoResponse("reset", delivered=True)), Pause)
    assert plan.step() == SENT
    with pytest.raises(RateLimited, match="3 attempts"):
        plan.step(Response(429, {}))


def test_exchange_does_not_pause_past_the_deadline() -> None:
    """The error is raised instead of the pause."""
    settings = Settings(retry=RetryPolicy(deadline=10))
    plan = PlanStepper(exchange(REQUEST, settings, lambda response: response))
    plan.step()
    plan.now += 9.8
    with pytest.raises(RateLimited):
        plan.step(Response(429, {}))


def refusing(*errors: InvalidResponse) -> Callable[[Response], Response]:
    """Return a reader that raises each error once, and then returns the response."""
    left = list(errors)

    def read(response: Response) -> Response:
        if left:
            raise left.pop(0)
        return response

    return read


def test_exchange_repeats_a_request_whose_success_is_unreadable() -> None:
    """It pauses as after any other failure."""
    plan = PlanStepper(exchange(REQUEST, SETTINGS, refusing(InvalidResponse("cut"), InvalidResponse("HTML"))))
    assert plan.step() == SENT
    assert plan.step(ok(1)) == Pause(0.5)
    assert plan.step() == SENT
    assert plan.step(ok(2)) == Pause(1)
    assert plan.step() == SENT
    assert plan.step(ok(3)) is None
    assert plan.result == ok(3)


def test_exchange_does_not_repeat_a_request_whose_response_breaks_the_contract() -> None:
    """The server would send the same response again."""
    plan = PlanStepper(exchange(REQUEST, SETTINGS, refusing(InvalidResponse("no seed", field="seed"))))
    plan.step()
    with pytest.raises(InvalidResponse, match="no seed"):
        plan.step(ok(1))


@pytest.mark.parametrize(("age", "is_old"), [(60, True), (0, False)])
def test_jobs_older_than_the_creation_are_recognised_by_the_servers_clock(age: int, is_old: bool) -> None:
    """The server's clock is a day behind the client's; its time is compared with that of the job."""
    body = {"model": "m", "training_file": "file-train"}
    listed = json.dumps(list_json(job_json(created_at=NOW - age))).encode()
    plan = PlanStepper(create_job(body, "token", SETTINGS), now=NOW + 86_400.0)
    assert plan.next_url() == "/fine_tuning/jobs"
    effect = plan.step(NoResponse("reset", delivered=True))
    with nullcontext() if is_old else pytest.raises(ConnectionFailed, match="ftjob-1 is new"):
        for _ in range(3):
            assert isinstance(effect, Pause)
            assert plan.next_url() == "/fine_tuning/jobs"
            date = formatdate(plan.now - 86_400.0, usegmt=True)
            effect = plan.step(Response(200, {"date": date}, listed))
        assert isinstance(effect, Pause)
        assert plan.step().request.options["method"] == "POST"


def listing(limit: int | None = None) -> Listing[FineTuningJob]:
    """Return a list of jobs with two on each page."""
    return Listing(
        lambda after, size: Request({"method": "GET", "url": f"/{after}/{size}"}),
        ListPaginatedFineTuningJobsResponse,
        lambda job: job,
        limit,
        2,
    )


def ids(effect: Any) -> list[str]:
    """Return the ids of the jobs on a page that was emitted."""
    assert isinstance(effect, Emit)
    return [job.id for job in effect.item]


def test_each_page_is_emitted_before_the_next_request() -> None:
    """The next page is requested only when the one before was consumed."""
    plan = PlanStepper(pages(listing(), SETTINGS))
    assert plan.next_url() == "/None/2"
    page = plan.step(ok(list_json(job_json(id="c"), job_json(id="b"), has_more=True)))
    assert ids(page) == ["c", "b"]
    assert plan.next_url() == "/b/2"
    page = plan.step(ok(list_json(job_json(id="a"))))
    assert ids(page) == ["a"]
    assert plan.step() is None


def test_closed_list_sends_no_further_request() -> None:
    """Closing the plan between two pages ends it."""
    plan = PlanStepper(pages(listing(), SETTINGS))
    plan.step()
    plan.step(ok(list_json(job_json(id="c"), has_more=True)))
    plan.plan.close()
    with pytest.raises(StopIteration):
        next(plan.plan)


FIXED = PollPolicy.every(10)


def test_wait_alternates_reads_and_pauses() -> None:
    """It ends at a final status, and its result is the job."""
    seen: list[str] = []
    options = WaitOptions(poll=FIXED)
    plan = PlanStepper(wait("ftjob-1", SETTINGS, options, lambda job: seen.append(job.status)))
    for status in ("queued", "running"):
        assert plan.next_url() == "/fine_tuning/jobs/ftjob-1"
        assert plan.step(ok(job_json(status=status))) == Pause(10)
    plan.step()
    assert plan.step(ok(job_json(status="succeeded"))) is None
    assert plan.result.status == "succeeded"
    assert seen == ["queued", "running", "succeeded"]


def test_wait_reads_once_more_at_its_timeout() -> None:
    """The last pause is shortened to the time left."""
    plan = PlanStepper(wait("ftjob-1", SETTINGS, WaitOptions(poll=FIXED, timeout=15), lambda _: None))
    plan.step()
    assert plan.step(ok(job_json())) == Pause(10)
    plan.step()
    assert plan.step(ok(job_json())) == Pause(5)
    assert plan.next_url() == "/fine_tuning/jobs/ftjob-1"
    with pytest.raises(WaitTimeout):
        plan.step(ok(job_json()))


def test_retries_of_a_read_stay_within_the_timeout() -> None:
    """A server that requests a delay of 300 seconds does not extend a wait of 60."""
    plan = PlanStepper(
        wait("ftjob-1", SETTINGS, WaitOptions(poll=FIXED, timeout=60, patience=99), lambda _: None)
    )
    busy = Response(429, {"retry-after": "300"})
    effect = plan.step()
    with pytest.raises(WaitTimeout):
        while True:
            effect = plan.step(busy if isinstance(effect, Send) else None)
            assert plan.now <= 1060


def test_follow_reads_the_status_before_the_events() -> None:
    """No event is missed between the last read and the end, and one more read follows the end."""
    plan = PlanStepper(
        follow("ftjob-1", SETTINGS, WaitOptions(poll=FIXED), after=None, on_update=lambda _: None)
    )
    assert plan.next_url() == "/fine_tuning/jobs/ftjob-1"
    assert plan.next_url(ok(job_json())) == "/fine_tuning/jobs/ftjob-1/events"
    first = plan.step(ok(list_json(event_json(2), event_json(1))))
    assert isinstance(first, Emit) and first.item[0] == "ftevent-1"
    second = plan.step()
    assert isinstance(second, Emit) and second.item[0] == "ftevent-2"
    assert plan.step() == Pause(10)
    assert plan.next_url() == "/fine_tuning/jobs/ftjob-1"
    assert plan.next_url(ok(job_json(status="failed"))) == "/fine_tuning/jobs/ftjob-1/events"
    late = plan.step(ok(list_json(event_json(3), event_json(2))))
    assert isinstance(late, Emit) and late.item[0] == "ftevent-3"
    assert isinstance(plan.step(), Pause)
    assert plan.next_url() == "/fine_tuning/jobs/ftjob-1/events"
    assert plan.step(ok(list_json(event_json(3)))) is None
