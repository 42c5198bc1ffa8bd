"""Lists read all pages when they are needed, up to the limit, and always end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finetuning_client import (
    FineTuning,
    InvalidRequestError,
    InvalidResponse,
    RetryPolicy,
    ServerError,
)

from .conftest import BASE_URL, FakeServer, ManualClock, error_response, event_json, job_json, list_json

ListMethod = Callable[..., Any]


def page(*numbers: int, has_more: bool = True) -> dict[str, Any]:
    """Return a page of jobs with these numbers."""
    return list_json(*[job_json(id=f"ftjob-{n}") for n in numbers], has_more=has_more)


def numbers(jobs: Any) -> list[str]:
    """Return the numbers of the jobs."""
    return [job.id.removeprefix("ftjob-") for job in jobs]


def queries(server: FakeServer) -> list[dict[str, str]]:
    """Return the parameters of each request so far."""
    return [dict(request.url.params) for request in server.requests]


def test_list_reads_all_pages(client: Any, server: FakeServer) -> None:
    """Each page starts after the last item of the page before."""
    server.enqueue(page(5, 4), page(3, 2), page(1, has_more=False))
    assert numbers(client.jobs.list()) == ["5", "4", "3", "2", "1"]
    assert [q.get("after") for q in queries(server)] == [None, "ftjob-4", "ftjob-2"]


def test_pages_are_requested_when_needed(client: Any, server: FakeServer) -> None:
    """Making a list sends nothing; a page is requested when its first item is needed."""
    server.enqueue(page(2, 1), page(0, has_more=False))
    jobs = iter(client.jobs.list())
    assert server.requests == []
    next(jobs), next(jobs)
    assert len(server.requests) == 1
    next(jobs)
    assert len(server.requests) == 2


def test_each_iteration_starts_at_the_beginning(client: Any, server: FakeServer) -> None:
    """A list can be iterated again, and shows the new state."""
    server.enqueue(page(1, has_more=False), page(2, 1, has_more=False))
    jobs = client.jobs.list()
    assert (numbers(jobs), numbers(jobs)) == (["1"], ["2", "1"])


def test_empty_list_has_no_items(client: Any, server: FakeServer) -> None:
    """The result has no items."""
    server.enqueue(list_json())
    assert list(client.jobs.list()) == []


def test_limit_is_the_total_number_of_items(client: Any, server: FakeServer) -> None:
    """No unneeded page is requested, and the last request has the remaining number as its limit."""
    server.enqueue(page(5, 4), page(3, 2))
    assert numbers(client.jobs.list(limit=3, page_size=2)) == ["5", "4", "3"]
    assert [q["limit"] for q in queries(server)] == ["2", "1"]


def test_limit_at_the_end_of_a_page_sends_no_further_request(client: Any, server: FakeServer) -> None:
    """It does not matter that the server has more."""
    server.enqueue(page(5, 4))
    assert numbers(client.jobs.list(limit=2)) == ["5", "4"]


def test_limit_zero_sends_nothing(client: Any, server: FakeServer) -> None:
    """The list is empty."""
    assert list(client.jobs.list(limit=0)) == []
    assert server.requests == []


def test_small_limit_requests_a_small_page(client: Any, server: FakeServer) -> None:
    """`limit=1` does not request a page of 100."""
    server.enqueue(page(5))
    assert numbers(client.jobs.list(limit=1)) == ["5"]
    assert queries(server)[0]["limit"] == "1"


def test_after_starts_the_list_after_an_item(client: Any, server: FakeServer) -> None:
    """`after` is the cursor of the first request."""
    server.enqueue(page(3, has_more=False))
    assert numbers(client.jobs.list(after="ftjob-4")) == ["3"]
    assert queries(server)[0]["after"] == "ftjob-4"


def test_pages_returns_one_page_per_request(client: Any, server: FakeServer) -> None:
    """The last page is cut to the limit."""
    server.enqueue(page(5, 4), page(3, 2))
    found = list(client.jobs.list(limit=3).pages())
    assert [(numbers(p), p.has_more, len(p)) for p in found] == [(["5", "4"], True, 2), (["3"], True, 1)]


@pytest.mark.parametrize("after", [None, "ftjob-2"])
def test_server_that_ignores_after_ends_the_list(client: Any, server: FakeServer, after: str | None) -> None:
    """A repeated cursor ends the list, and no item is listed twice."""
    server.handler = lambda _: httpx.Response(200, json=page(4, 3))
    assert numbers(client.jobs.list(after=after)) == ["4", "3"]
    assert len(server.requests) == 2


def test_cycle_of_pages_ends_the_list(client: Any, server: FakeServer) -> None:
    """Longer cycles end too."""
    server.enqueue(page(4, 3), page(2, 1), page(4, 3))
    assert numbers(client.jobs.list()) == ["4", "3", "2", "1"]


def test_empty_page_ends_the_list(client: Any, server: FakeServer) -> None:
    """It has no cursor to continue from, even if `has_more` is true."""
    server.enqueue(page(4, 3), page())
    assert numbers(client.jobs.list()) == ["4", "3"]
    server.enqueue(page())
    assert numbers(client.jobs.list(after="ftjob-9")) == []


@pytest.mark.parametrize("more", [{}, {"has_more": None}, {"has_more": "yes"}, {"has_more": 1}], ids=str)
def test_list_without_has_more_is_read_completely(
    client: Any, server: FakeServer, more: dict[str, Any]
) -> None:
    """An empty or repeated page is the end then."""
    server.enqueue({"object": "list", "data": [job_json(id="ftjob-1")], **more}, list_json())
    assert numbers(client.jobs.list()) == ["1"]


def test_failed_page_is_retried(client: Any, server: FakeServer) -> None:
    """No item is lost or repeated."""
    server.enqueue(page(4, 3), httpx.ReadError("reset"), error_response(503), page(2, has_more=False))
    assert numbers(client.jobs.list()) == ["4", "3", "2"]


def test_items_before_a_failure_are_returned_first(client: Any, server: FakeServer) -> None:
    """The error is raised when the failed page is needed."""
    server.enqueue(page(4, 3), *[error_response(500) for _ in range(5)])
    jobs = iter(client.jobs.list())
    assert numbers([next(jobs), next(jobs)]) == ["4", "3"]
    with pytest.raises(ServerError):
        next(jobs)


def test_item_without_an_id_raises_invalid_response(make_client: Any, server: FakeServer) -> None:
    """A list of other objects is not read as jobs."""
    client = make_client(retry=RetryPolicy(max_attempts=1))
    server.enqueue(list_json({"status": "running"}))
    with pytest.raises(InvalidResponse, match=r"without a(n id| usable 'data')"):
        list(client.jobs.list())


def test_metadata_filter_is_sent_with_every_page(client: Any, server: FakeServer) -> None:
    """Each pair is sent as `metadata[key]=value`."""
    server.enqueue(page(4), page(3, has_more=False))
    list(client.jobs.list(metadata={"team": "nlp & co"}))
    assert [q["metadata[team]"] for q in queries(server)] == ["nlp & co"] * 2


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"limit": -1}, "limit"),
        ({"limit": 1.5}, "limit"),
        ({"limit": "3"}, "limit"),
        ({"limit": True}, "limit"),
        ({"page_size": 0}, "page_size"),
        ({"page_size": -1}, "page_size"),
        ({"page_size": "3"}, "page_size"),
    ],
)
@pytest.mark.parametrize("resource", ["jobs", "files", "events", "checkpoints"])
def test_invalid_counts_are_refused(
    client: Any, server: FakeServer, resource: str, options: dict[str, Any], field: str
) -> None:
    """The error names the field, and nothing is sent."""
    with pytest.raises(InvalidRequestError, match=field) as e:
        list_method(client, resource)(**options)
    assert (e.value.field, e.value.value) == (field, options[field])
    assert server.requests == []


@pytest.mark.parametrize("metadata", [{"k" * 65: "v"}, {"k": "v" * 513}, {"k": 5}, {5: "v"}])
def test_invalid_metadata_filter_is_refused(client: Any, server: FakeServer, metadata: Any) -> None:
    """The limits of metadata apply to the filter."""
    with pytest.raises(InvalidRequestError, match="metadata"):
        client.jobs.list(metadata=metadata)


def test_cursor_that_cannot_be_encoded_is_refused(client: Any, server: FakeServer) -> None:
    """An unpaired surrogate has no UTF-8 form; the error is `InvalidRequestError`."""
    with pytest.raises(InvalidRequestError):
        list(client.jobs.list(after="ftjob-\ud800"))


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        ("jobs", "/fine_tuning/jobs"),
        ("files", "/files"),
        ("events", "/fine_tuning/jobs/ftjob-1/events"),
        ("checkpoints", "/fine_tuning/jobs/ftjob-1/checkpoints"),
        ("job's events", "/fine_tuning/jobs/ftjob-1/events"),
        ("job's checkpoints", "/fine_tuning/jobs/ftjob-1/checkpoints"),
    ],
)
def test_all_lists_have_the_same_paging(client: Any, server: FakeServer, resource: str, path: str) -> None:
    """This holds for jobs, files, events and checkpoints, of the client and of the handle."""
    server.enqueue(job_json())
    job = client.jobs.retrieve("ftjob-1")
    server.enqueue(list_json({"id": "c"}, {"id": "b"}, has_more=True), list_json({"id": "a"}))
    found = list({**_lists_of_job(job), **_lists_of_client(client)}[resource](page_size=2, limit=9))
    assert [item.id for item in found] == ["c", "b", "a"]
    assert server.calls[1:] == [f"GET {path}"] * 2
    assert queries(server)[2] == {"after": "b", "limit": "2"}


def _lists_of_client(client: Any) -> dict[str, ListMethod]:
    return {
        "jobs": client.jobs.list,
        "files": client.files.list,
        "events": lambda **options: client.jobs.list_events("ftjob-1", **options),
        "checkpoints": lambda **options: client.jobs.list_checkpoints("ftjob-1", **options),
    }


def _lists_of_job(job: Any) -> dict[str, ListMethod]:
    return {"job's events": job.list_events, "job's checkpoints": job.list_checkpoints}


def list_method(client: Any, resource: str) -> ListMethod:
    """Return the method that lists a resource."""
    return _lists_of_client(client)[resource]


def test_list_events_keeps_the_server_order(client: Any, server: FakeServer) -> None:
    """Events come newest first; `follow` returns them oldest first."""
    server.enqueue(list_json(event_json(2), event_json(1)))
    assert [event.message for event in client.jobs.list_events("ftjob-1")] == ["event 2", "event 1"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    total=st.integers(0, 30),
    limit=st.none() | st.integers(0, 40),
    page_size=st.none() | st.integers(1, 12),
    largest=st.integers(1, 12),
)
def test_any_limit_and_page_size_give_the_first_items_once(
    total: int, limit: int | None, page_size: int | None, largest: int
) -> None:
    """The server limits its pages to any size."""
    names = [f"ftjob-{n}" for n in range(total)]

    def handler(request: httpx.Request) -> httpx.Response:
        parameters = request.url.params
        start = names.index(parameters["after"]) + 1 if "after" in parameters else 0
        end = start + min(int(parameters["limit"]), largest)
        data = [job_json(id=name) for name in names[start:end]]
        return httpx.Response(200, json=list_json(*data, has_more=end < total))

    http = httpx.Client(transport=httpx.MockTransport(handler))
    client = FineTuning(api_key="sk-test", base_url=BASE_URL, http_client=http, clock=ManualClock())
    assert [job.id for job in client.jobs.list(limit=limit, page_size=page_size)] == names[:limit]
