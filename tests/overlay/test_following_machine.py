"""`follow` and a server that publishes as it likes: no event is lost, none comes twice, all are in order."""

from __future__ import annotations

from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finetuning_client import FineTuning, Job, RetryPolicy
from finetuning_client.polling import PollPolicy

from .conftest import BASE_URL, ManualClock, error_response, event_json, job_json

# What happens before an answer: events are published, time passes, the job ends, the answer is lost.
HAPPENINGS = st.one_of(
    st.tuples(st.just("publish"), st.integers(1, 9)),
    st.tuples(st.just("publish"), st.integers(90, 250)),
    st.tuples(st.just("tick"), st.integers(1, 3)),
    st.tuples(st.just("lose"), st.integers(0, 1)),
    st.tuples(st.just("end"), st.just(0)),
    st.tuples(st.just("nothing"), st.just(0)),
)


class Publishing:
    """Does one thing of the script before each answer; at its end the job is over."""

    def __init__(self, script: list[tuple[str, int]], *, ascending: bool, late: list[int]) -> None:
        self.script, self.ascending, self.late = list(script), ascending, list(late)
        self.second, self.status = 0, "running"
        self.events: list[dict[str, Any]] = []

    def publish(self, count: int) -> None:
        """Several a second, each after those before it."""
        for _ in range(count):
            self.events.append(event_json(len(self.events), at=self.second))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer as things stand after what happens now."""
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
            # Published after the status: some before every reading of the drain.
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


def handle(client: FineTuning, server: Publishing) -> Job:
    """A handle on the job, for which nothing of the script happens."""
    script, server.script = server.script, [("nothing", 0)]
    job = client.jobs.retrieve("ftjob-1")
    server.script = script
    return job


def client_of(server: Publishing) -> FineTuning:
    """A client that gives up nothing."""
    http = httpx.Client(transport=httpx.MockTransport(server))
    retry = RetryPolicy(max_attempts=2)
    return FineTuning(
        api_key="sk-test", base_url=BASE_URL, http_client=http, retry=retry, clock=ManualClock()
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    script=st.lists(HAPPENINGS, max_size=30),
    late=st.lists(st.integers(1, 130), max_size=3),
    ascending=st.booleans(),
)
def test_no_interleaving_loses_or_repeats_an_event(
    script: list[tuple[str, int]], late: list[int], ascending: bool
) -> None:
    """Bursts over several pages between looks, ties within a second, lost answers, events after the end."""
    server = Publishing([("publish", 1), ("tick", 1), *script], ascending=ascending, late=late)
    events = handle(client_of(server), server).follow(patience=1e6)
    assert [event.id for event in events] == [event["id"] for event in server.events]


@settings(max_examples=50, deadline=None)
@given(script=st.lists(HAPPENINGS, max_size=20), stop=st.integers(1, 40))
def test_a_reader_that_goes_on_from_its_cursor_misses_and_repeats_nothing(
    script: list[tuple[str, int]], stop: int
) -> None:
    """Stopped anywhere, and gone on with by another handle."""
    server = Publishing([("publish", 5), ("tick", 1), *script], ascending=False, late=[])
    client = client_of(server)
    job = handle(client, server)
    found: list[str] = []
    for event in job.follow(patience=1e6):
        found.append(event.id)
        if len(found) == stop:
            break
    saved = str(job.cursor)
    found += [event.id for event in handle(client, server).follow(after=saved, patience=1e6)]
    assert found == [event["id"] for event in server.events]


@given(looks=st.integers(1, 10_000))
def test_the_pauses_of_a_fixed_interval_are_fixed(looks: int) -> None:
    """What the user asks for is kept."""
    assert PollPolicy.every(7.0).interval(looks) == 7.0
