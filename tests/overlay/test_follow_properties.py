"""`follow` loses and repeats no event, whatever the server publishes and when."""

from __future__ import annotations

from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finetuning_client import FineTuning, Job, RetryPolicy
from finetuning_client.polling import PollPolicy

from .conftest import BASE_URL, ManualClock, error_response, event_json, job_json

# Actions before a response: events are published, time passes, the job ends, the response is lost.
ACTIONS = st.one_of(
    st.tuples(st.just("publish"), st.integers(1, 9)),
    st.tuples(st.just("publish"), st.integers(90, 250)),
    st.tuples(st.just("tick"), st.integers(1, 3)),
    st.tuples(st.just("lose"), st.integers(0, 1)),
    st.tuples(st.just("end"), st.just(0)),
    st.tuples(st.just("nothing"), st.just(0)),
)


class EventHandler:
    """Performs one action of the script before each response; the job ends after the last one."""

    def __init__(self, script: list[tuple[str, int]], *, ascending: bool, late: list[int]) -> None:
        self.script, self.ascending, self.late = list(script), ascending, list(late)
        self.second, self.status = 0, "running"
        self.events: list[dict[str, Any]] = []

    def publish(self, count: int) -> None:
        """Publish events at the current second, each after the one before."""
        for _ in range(count):
            self.events.append(event_json(len(self.events), at=self.second))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Respond with the state after the next action."""
        what, count = self.script.pop(0) if self.script else ("end", 0)
        match what:
            case "publish" if self.status == "running":
                self.publish(count)
            case "tick":
                self.second += count
            case "end":
                self.status = "succeeded"
            case "lose":
                return error_response(503)
        if not request.url.path.endswith("/events"):
            return httpx.Response(200, json=job_json(status=self.status))
        if self.status == "succeeded" and self.late and "after" not in request.url.params:
            # Some events are published after the final status, before each of the last reads.
            self.second += 1
            self.publish(self.late.pop(0))
        return self._page(request)

    def _page(self, request: httpx.Request) -> httpx.Response:
        items = self.events if self.ascending else self.events[::-1]
        ids = [item["id"] for item in items]
        after, limit = request.url.params.get("after"), int(request.url.params["limit"])
        start = ids.index(after) + 1 if after else 0
        page = items[start : start + limit]
        body = {"object": "list", "data": page, "has_more": start + limit < len(items)}
        return httpx.Response(200, json=body)


def retrieve_job(client: FineTuning, handler: EventHandler) -> Job:
    """Return a handle on the job, without an action of the script."""
    script, handler.script = handler.script, [("nothing", 0)]
    job = client.jobs.retrieve("ftjob-1")
    handler.script = script
    return job


def make_client(handler: EventHandler) -> FineTuning:
    """Return a client that retries once."""
    http = httpx.Client(transport=httpx.MockTransport(handler))
    retry = RetryPolicy(max_attempts=2)
    return FineTuning(
        api_key="sk-test", base_url=BASE_URL, http_client=http, retry=retry, clock=ManualClock()
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    script=st.lists(ACTIONS, max_size=30),
    late=st.lists(st.integers(1, 130), max_size=3),
    ascending=st.booleans(),
)
def test_no_interleaving_loses_or_repeats_an_event(
    script: list[tuple[str, int]], late: list[int], ascending: bool
) -> None:
    """There are bursts of several pages, equal times, lost responses, and events after the end."""
    handler = EventHandler([("publish", 1), ("tick", 1), *script], ascending=ascending, late=late)
    events = retrieve_job(make_client(handler), handler).follow(patience=1e6)
    assert [event.id for event in events] == [event["id"] for event in handler.events]


@settings(max_examples=50, deadline=None)
@given(script=st.lists(ACTIONS, max_size=20), stop=st.integers(1, 40))
def test_reader_that_resumes_from_a_cursor_misses_and_repeats_nothing(
    script: list[tuple[str, int]], stop: int
) -> None:
    """The reader stops anywhere, and another handle continues."""
    handler = EventHandler([("publish", 5), ("tick", 1), *script], ascending=False, late=[])
    client = make_client(handler)
    job = retrieve_job(client, handler)
    found: list[str] = []
    for event in job.follow(patience=1e6):
        found.append(event.id)
        if len(found) == stop:
            break
    saved = str(job.cursor)
    found += [event.id for event in retrieve_job(client, handler).follow(after=saved, patience=1e6)]
    assert found == [event["id"] for event in handler.events]


@given(reads=st.integers(1, 10_000))
def test_fixed_interval_does_not_change(reads: int) -> None:
    """An interval given by the user is kept for every read."""
    assert PollPolicy.every(7.0).interval(reads) == 7.0
