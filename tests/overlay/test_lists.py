"""Lists: all pages, lazily, to the limit and no further, and never for ever."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finetuning_client import FineTuning, InvalidRequestError, InvalidResponse, ServerError

from .conftest import BASE_URL, FakeServer, ManualClock, error_response, event_json, job_json, list_json

Listed = Callable[..., Any]


def page(*numbers: int, has_more: bool = True) -> dict[str, Any]:
    """A page of jobs with these numbers."""
    return list_json(*[job_json(id=f"ftjob-{n}") for n in numbers], has_more=has_more)


def ids(jobs: Any) -> list[str]:
    """The numbers of the jobs."""
    return [job.id.removeprefix("ftjob-") for job in jobs]


def query(server: FakeServer) -> list[dict[str, str]]:
    """The parameters of each request so far."""
    return [dict(request.url.params) for request in server.requests]


def test_a_list_goes_over_all_pages(client: Any, server: FakeServer) -> None:
    """Each page begins after the last item of the one before."""
    server.enqueue(page(5, 4), page(3, 2), page(1, has_more=False))
    assert ids(client.jobs.list()) == ["5", "4", "3", "2", "1"]
    assert [q.get("after") for q in query(server)] == [None, "ftjob-4", "ftjob-2"]


def test_nothing_is_requested_before_it_is_asked_for(client: Any, server: FakeServer) -> None:
    """Making a list costs nothing; each page is requested when its first item is needed."""
    server.enqueue(page(2, 1), page(0, has_more=False))
    jobs = iter(client.jobs.list())
    assert server.requests == []
    next(jobs), next(jobs)
    assert len(server.requests) == 1
    next(jobs)
    assert len(server.requests) == 2


def test_each_iteration_starts_anew(client: Any, server: FakeServer) -> None:
    """The list is a view of the service, not a cursor."""
    server.enqueue(page(1, has_more=False), page(2, 1, has_more=False))
    jobs = client.jobs.list()
    assert (ids(jobs), ids(jobs)) == (["1"], ["2", "1"])


def test_an_empty_list_is_one_request(client: Any, server: FakeServer) -> None:
    """There may be no jobs."""
    server.enqueue(list_json())
    assert list(client.jobs.list()) == []


def test_limit_counts_items_in_all(client: Any, server: FakeServer) -> None:
    """No page is requested for what is not wanted, and the last one asks for the rest only."""
    server.enqueue(page(5, 4), page(3, 2))
    assert ids(client.jobs.list(limit=3, page_size=2)) == ["5", "4", "3"]
    assert [q["limit"] for q in query(server)] == ["2", "1"]


def test_a_limit_that_ends_with_a_page_asks_for_no_other(client: Any, server: FakeServer) -> None:
    """Although the server says that more follow."""
    server.enqueue(page(5, 4))
    assert ids(client.jobs.list(limit=2)) == ["5", "4"]


def test_a_limit_of_zero_asks_for_nothing(client: Any, server: FakeServer) -> None:
    """An empty list, without a request."""
    assert list(client.jobs.list(limit=0)) == []
    assert server.requests == []


def test_a_small_limit_makes_a_small_request(client: Any, server: FakeServer) -> None:
    """`limit=1` does not fetch a hundred."""
    server.enqueue(page(5))
    assert ids(client.jobs.list(limit=1)) == ["5"]
    assert query(server)[0]["limit"] == "1"


def test_a_list_begins_after_an_item(client: Any, server: FakeServer) -> None:
    """`after` is the cursor of the first request."""
    server.enqueue(page(3, has_more=False))
    assert ids(client.jobs.list(after="ftjob-4")) == ["3"]
    assert query(server)[0]["after"] == "ftjob-4"


def test_pages_come_one_by_one(client: Any, server: FakeServer) -> None:
    """`pages()` gives what each request brought, cut to the limit."""
    server.enqueue(page(5, 4), page(3, 2))
    found = list(client.jobs.list(limit=3).pages())
    assert [(ids(p), p.has_more, len(p)) for p in found] == [(["5", "4"], True, 2), (["3"], True, 1)]


@pytest.mark.parametrize("after", [None, "ftjob-2"])
def test_a_repeated_cursor_ends_the_list(client: Any, server: FakeServer, after: str | None) -> None:
    """A server that ignores `after` would be asked for ever; no item comes twice."""
    server.handler = lambda _: httpx.Response(200, json=page(4, 3))
    assert ids(client.jobs.list(after=after)) == ["4", "3"]
    assert len(server.requests) == 2


def test_a_cycle_of_pages_ends_the_list(client: Any, server: FakeServer) -> None:
    """Nor does a longer circle go on for ever."""
    server.enqueue(page(4, 3), page(2, 1), page(4, 3))
    assert ids(client.jobs.list()) == ["4", "3", "2", "1"]


def test_an_empty_page_ends_the_list(client: Any, server: FakeServer) -> None:
    """Whatever it says of more: there is no cursor to go on from."""
    server.enqueue(page(4, 3), page())
    assert ids(client.jobs.list()) == ["4", "3"]
    server.enqueue(page())
    assert ids(client.jobs.list(after="ftjob-9")) == []


@pytest.mark.parametrize("more", [{}, {"has_more": None}, {"has_more": "yes"}, {"has_more": 1}], ids=str)
def test_a_server_that_does_not_say_what_follows_loses_nothing(
    client: Any, server: FakeServer, more: dict[str, Any]
) -> None:
    """An empty page, or the same one again, is the end then."""
    server.enqueue({"object": "list", "data": [job_json(id="ftjob-1")], **more}, list_json())
    assert ids(client.jobs.list()) == ["1"]


def test_a_page_is_retried_where_it_broke(client: Any, server: FakeServer) -> None:
    """A failure in the middle costs neither items nor repeats any."""
    server.enqueue(page(4, 3), httpx.ReadError("reset"), error_response(503), page(2, has_more=False))
    assert ids(client.jobs.list()) == ["4", "3", "2"]


def test_a_failure_comes_after_the_items_before_it(client: Any, server: FakeServer) -> None:
    """What was received is given out first."""
    server.enqueue(page(4, 3), *[error_response(500) for _ in range(5)])
    jobs = iter(client.jobs.list())
    assert ids([next(jobs), next(jobs)]) == ["4", "3"]
    with pytest.raises(ServerError):
        next(jobs)


def test_an_item_without_an_id_is_no_page(client: Any, server: FakeServer) -> None:
    """A list of something else is not passed off as jobs."""
    server.enqueue(list_json({"status": "running"}))
    with pytest.raises(InvalidResponse, match=r"without a(n id| usable 'data')"):
        list(client.jobs.list())


def test_a_filter_by_metadata_names_each_pair(client: Any, server: FakeServer) -> None:
    """As the contract has it: `metadata[key]=value`, on every page."""
    server.enqueue(page(4), page(3, has_more=False))
    list(client.jobs.list(metadata={"team": "nlp & co"}))
    assert [q["metadata[team]"] for q in query(server)] == ["nlp & co"] * 2


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
def test_a_count_that_makes_no_sense_is_refused(
    client: Any, server: FakeServer, resource: str, options: dict[str, Any], field: str
) -> None:
    """At once, naming the field; nothing is sent."""
    with pytest.raises(InvalidRequestError, match=field) as e:
        listed(client, resource)(**options)
    assert (e.value.field, e.value.value) == (field, options[field])
    assert server.requests == []


@pytest.mark.parametrize("metadata", [{"k" * 65: "v"}, {"k": "v" * 513}, {"k": 5}, {5: "v"}])
def test_a_filter_that_no_job_can_match_is_refused(client: Any, server: FakeServer, metadata: Any) -> None:
    """The limits of metadata hold for the filter too."""
    with pytest.raises(InvalidRequestError, match="metadata"):
        client.jobs.list(metadata=metadata)


def test_a_cursor_that_cannot_be_sent_is_refused(client: Any, server: FakeServer) -> None:
    """Half a character has no form in a request; the error is one of ours."""
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
def test_every_list_pages_alike(client: Any, server: FakeServer, resource: str, path: str) -> None:
    """Jobs, files, events and checkpoints, from the client or from the handle."""
    server.enqueue(job_json())
    job = client.jobs.retrieve("ftjob-1")
    server.enqueue(list_json({"id": "c"}, {"id": "b"}, has_more=True), list_json({"id": "a"}))
    found = list({**_of_job(job), **_of_client(client)}[resource](page_size=2, limit=9))
    assert [item.id for item in found] == ["c", "b", "a"]
    assert server.calls[1:] == [f"GET {path}"] * 2
    assert query(server)[2] == {"after": "b", "limit": "2"}


def _of_client(client: Any) -> dict[str, Listed]:
    return {
        "jobs": client.jobs.list,
        "files": client.files.list,
        "events": lambda **options: client.jobs.list_events("ftjob-1", **options),
        "checkpoints": lambda **options: client.jobs.list_checkpoints("ftjob-1", **options),
    }


def _of_job(job: Any) -> dict[str, Listed]:
    return {"job's events": job.list_events, "job's checkpoints": job.list_checkpoints}


def listed(client: Any, resource: str) -> Listed:
    """The method that lists a resource."""
    return _of_client(client)[resource]


def test_events_are_listed_as_the_service_gives_them(client: Any, server: FakeServer) -> None:
    """Newest first; `follow` is for the other direction."""
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
    """For every server that caps its pages, nothing is missing, nothing comes twice."""
    names = [f"ftjob-{n}" for n in range(total)]

    def answer(request: httpx.Request) -> httpx.Response:
        parameters = request.url.params
        start = names.index(parameters["after"]) + 1 if "after" in parameters else 0
        end = start + min(int(parameters["limit"]), largest)
        data = [job_json(id=name) for name in names[start:end]]
        return httpx.Response(200, json=list_json(*data, has_more=end < total))

    http = httpx.Client(transport=httpx.MockTransport(answer))
    client = FineTuning(api_key="sk-test", base_url=BASE_URL, http_client=http, clock=ManualClock())
    assert [job.id for job in client.jobs.list(limit=limit, page_size=page_size)] == names[:limit]
