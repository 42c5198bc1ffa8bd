"""Objects behave as Python programmers expect: slices, `repr`, `help`, copies and pickles."""

from __future__ import annotations

import copy
import pickle
import pydoc
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from finetuning_client import (
    DPO,
    ApiError,
    AsyncFineTuning,
    AsyncJob,
    AsyncPager,
    ConnectionFailed,
    Event,
    EventCursor,
    FineTuning,
    InvalidRequestError,
    Job,
    JobFailed,
    JobStatus,
    NotFound,
    Page,
    Pager,
    RetryPolicy,
    Supervised,
    UnknownMethod,
)
from finetuning_client.errors import Problem

from .conftest import BASE_URL, FakeServer, event_json, job_json, list_json, retrieve_job

FAILED: dict[str, Any] = {
    "status": "failed",
    "error": {"code": "invalid_training_file", "message": "line 3\nis empty", "param": "training_file"},
}


def respond_with_events(request: httpx.Request) -> httpx.Response:
    """Respond to a list request with events from a list of a respond_with_events."""
    after, limit = request.url.params.get("after"), int(request.url.params["limit"])
    start = int(after.removeprefix("ftevent-")) + 1 if after else 0
    page = [event_json(number) for number in range(start, min(1000, start + limit))]
    return httpx.Response(200, json=list_json(*page, has_more=start + limit < 1000))


@pytest.fixture
def sync_client(server: FakeServer) -> FineTuning:
    """A blocking client of the server."""
    http = httpx.Client(transport=httpx.MockTransport(server.respond))
    return FineTuning(api_key="sk-test", base_url=BASE_URL, http_client=http)


@pytest.fixture
def async_client(server: FakeServer) -> AsyncFineTuning:
    """An asynchronous client of the server."""
    http = httpx.AsyncClient(transport=httpx.MockTransport(server.respond_async))
    return AsyncFineTuning(api_key="sk-test", base_url=BASE_URL, http_client=http)


def ids(*numbers: int) -> list[str]:
    """Return the ids of events."""
    return [f"ftevent-{number}" for number in numbers]


SLICES = [
    (slice(3), [0, 1, 2], ["3"]),
    (slice(2, 5), [2, 3, 4], ["5"]),
    (slice(0, 7, 3), [0, 3, 6], ["7"]),
    (slice(150, 152), [150, 151], ["100", "52"]),
    (slice(998, None), [998, 999], ["100"] * 10),
    (slice(0), [], []),
    (slice(5, 2), [], ["2"]),
]


@pytest.mark.parametrize(("index", "numbers", "limits"), SLICES)
async def test_slices_request_only_the_items_they_need(
    sync_client: FineTuning,
    async_client: AsyncFineTuning,
    server: FakeServer,
    index: slice,
    numbers: list[int],
    limits: list[str],
) -> None:
    """A blocking slice is a list; an async slice is awaited to get a list, or iterated."""
    server.handler = lambda request: (
        respond_with_events(request)
        if request.url.path.endswith("events")
        else httpx.Response(200, json=job_json())
    )
    found = sync_client.jobs.retrieve("ftjob-1").list_events()[index]
    assert [event.id for event in found] == ids(*numbers)
    asked = [r.url.params["limit"] for r in server.requests if r.url.path.endswith("events")]
    assert asked == limits
    pager = (await async_client.jobs.retrieve("ftjob-1")).list_events()
    assert await pager[index] == found
    assert [event async for event in pager[index]] == found


async def test_first_is_one_request_for_one_item(
    sync_client: FineTuning, async_client: AsyncFineTuning, server: FakeServer
) -> None:
    """For an empty list it is `None`."""
    server.enqueue(list_json(job_json(), has_more=True), list_json(), list_json(job_json(), has_more=True))
    first = sync_client.jobs.list().first()
    assert first is not None and first.id == "ftjob-1"
    assert sync_client.jobs.list(metadata={"a": "b"}).first() is None
    assert await async_client.jobs.list().first() == first
    assert [request.url.params["limit"] for request in server.requests] == ["1"] * 3


@pytest.mark.parametrize(
    "index", [slice(-1, None), slice(None, None, -1), slice(0, 5, 0), 0, "a", slice("a")]
)
def test_other_indexes_are_refused(sync_client: FineTuning, server: FakeServer, index: Any) -> None:
    """A list of a server can be read only from its start."""
    with pytest.raises(InvalidRequestError, match=r"index: must be a slice from the start .* \[:10\]"):
        sync_client.jobs.list()[index]
    assert server.requests == []


def test_a_limit_applies_to_slices(sync_client: FineTuning, server: FakeServer) -> None:
    """The smaller of the two limits applies."""
    job = retrieve_job(sync_client, server)
    server.handler = respond_with_events
    assert len(job.list_events(limit=4)[:9]) == 4 and len(job.list_events(limit=9)[:4]) == 4


def test_repr_of_a_pager_has_its_filters(sync_client: FineTuning, server: FakeServer) -> None:
    """The repr has the filter and the limit."""
    assert repr(sync_client.jobs.list(metadata={"team": "nlp"}, limit=5)) == (
        "<Pager of jobs (GET /fine_tuning/jobs, metadata[team]=nlp, at most 5): "
        "iterate it, or use first() or a slice>"
    )
    job = retrieve_job(sync_client, server)
    assert "events (GET /fine_tuning/jobs/ftjob-1/events)" in repr(job.list_events())


def test_repr_of_a_failed_job_has_the_reason(client: Any, server: FakeServer) -> None:
    """The repr has the reason in one line."""
    shown = repr(retrieve_job(client, server, **FAILED))
    reason = "invalid_training_file: line 3 is empty (training_file)"
    assert shown.endswith(f": failed, gpt-4o-mini-2024-07-18: {reason}>")


VALUES: list[Any] = [
    JobStatus("running"),
    JobStatus("of-another-server"),
    Supervised(n_epochs=3),
    DPO(beta=0.5),
    UnknownMethod("new", {"type": "new"}),
    RetryPolicy(max_attempts=2),
    EventCursor("ftjob-1", "ftevent-1"),
    Event(event_json(1)),
    Page([Event(event_json(1))], has_more=True),
    Problem(3, "is empty"),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: repr(value)[:24])
def test_values_can_be_pickled(value: Any) -> None:
    """This holds for every protocol."""
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        copied = pickle.loads(pickle.dumps(value, protocol))
        assert type(copied) is type(value)
        assert copied == value or list(copied) == list(value)
    assert copy.deepcopy(value) == value or isinstance(value, Page)


@pytest.mark.parametrize(
    "error",
    [
        InvalidRequestError("suffix: too long", field="suffix", limit="short", value="x" * 9),
        NotFound("no such job", status=404, body=b"{}"),
        ApiError("odd", status=418, retry_after=1.5),
        ConnectionFailed("lost", attempts=3, delivered=True, may_exist=True),
    ],
    ids=lambda error: str(type(error).__name__),
)
def test_errors_are_pickled_with_their_facts(error: Any) -> None:
    """This lets processes pass errors to each other."""
    copied = pickle.loads(pickle.dumps(error))
    assert type(copied) is type(error) and str(copied) == str(error) and vars(copied) == vars(error)


def test_an_error_about_a_value_that_cannot_be_pickled_has_its_repr() -> None:
    """The error can still be pickled without the value."""
    error = InvalidRequestError("seed: must be a number", field="seed", value=lambda: 7)
    copied = pickle.loads(pickle.dumps(error))
    assert copied.field == "seed" and "lambda" in copied.value


def test_jobs_in_errors_and_snapshots_are_pickled_without_their_client(
    sync_client: FineTuning, server: FakeServer
) -> None:
    """A snapshot has the job as a view."""
    server.enqueue(job_json(**FAILED), list_json(event_json(1)), list_json())
    job = sync_client.jobs.retrieve("ftjob-1")
    copied = pickle.loads(pickle.dumps(job.snapshot(data=False)))
    assert copied.job == job and copied.job.error.code == "invalid_training_file"
    with pytest.raises(JobFailed) as caught:
        server.enqueue(job_json(**FAILED))
        job.wait()
    assert pickle.loads(pickle.dumps(caught.value)).code == "invalid_training_file"


HOLDERS: dict[str, Callable[[Any], Any]] = {
    "client": lambda client: client,
    "resource": lambda client: client.jobs,
    "group": lambda client: client.checkpoints,
    "pager": lambda client: client.jobs.list(),
}


@pytest.mark.parametrize("kind", [FineTuning, AsyncFineTuning])
@pytest.mark.parametrize("held", HOLDERS.values(), ids=HOLDERS)
def test_objects_with_a_client_cannot_be_pickled(kind: Any, held: Callable[[Any], Any]) -> None:
    """The API key must not leave the process by accident; a copy shares the client."""
    value = held(kind(api_key="sk-test"))
    with pytest.raises(
        TypeError, match=r"cannot be pickled: it holds a client, with its key and connections; "
    ):
        pickle.dumps(value)
    assert type(copy.copy(value)) is type(value)


@pytest.mark.parametrize("kind", [FineTuning, AsyncFineTuning])
def test_the_generated_client_cannot_be_pickled(kind: Any) -> None:
    """It uses the connections of its client."""
    with pytest.raises(TypeError, match=r"of client\.api cannot be pickled: it holds keys and connections"):
        pickle.dumps(kind(api_key="sk-test").api)


def test_pickling_a_job_suggests_alternatives(client: Any, server: FakeServer) -> None:
    """The error suggests the id of the job, or a snapshot."""
    job = retrieve_job(client, server)
    with pytest.raises(TypeError, match=r"pickle job\.id \(.*\) or job\.snapshot\(\)"):
        pickle.dumps(getattr(job, "_target", job))


@pytest.mark.parametrize(
    "kind", [Job, AsyncJob, Pager, AsyncPager, FineTuning, AsyncFineTuning, Event, JobStatus]
)
def test_help_shows_no_internals(kind: type) -> None:
    """There are no addresses, private names or internal arguments; fields have their documentation."""
    shown = pydoc.render_doc(kind, renderer=pydoc.plaintext)  # type: ignore[attr-defined]
    for internal in (" object at 0x", "Field object", "driver", "Driver", "listing", "_adopt"):
        assert internal not in shown, internal
    if issubclass(kind, Job | AsyncJob):
        assert "trained_tokens\n |      Tokens billed for the training" in shown
        assert "error\n |      Error of a failed job" in shown


def test_fields_cannot_be_set(client: Any, server: FakeServer) -> None:
    """They have the values that the server sent."""
    job = retrieve_job(client, server)
    with pytest.raises(AttributeError, match="status cannot be set"):
        getattr(job, "_target", job).status = "succeeded"
