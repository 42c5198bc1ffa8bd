"""Lists of compatible servers: other names, no `has_more`, no ids. All end, and no item is lost."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from finetuning_client import InvalidRequestError, InvalidResponse, RetryPolicy

from .conftest import FakeServer, event_json, job_json, list_json

ONCE = RetryPolicy(max_attempts=1)


def ids(jobs: Any) -> list[str]:
    """Return the ids of jobs without their prefix."""
    return [job.id.removeprefix("ftjob-") for job in jobs]


def paged(total: int, **options: Any) -> Any:
    """Return a handler of lists: `total` jobs, in pages of at most `most` jobs, with the cursor `after`."""
    most, mark = options.get("most", 100), options.get("mark", lambda end: {})
    name = options.get("name", "data")

    def respond(request: httpx.Request) -> httpx.Response:
        query = request.url.params
        after = query.get("after", f"ftjob-{total + 1}").removeprefix("ftjob-")
        newest = int(after) - 1 if not options.get("ignores_after") else total
        size = min(int(query["limit"]), most)
        data = [job_json(id=f"ftjob-{n}") for n in range(newest, max(newest - size, 0), -1)]
        return httpx.Response(200, json={name: data, **mark(newest - size <= 0)})

    return respond


@pytest.mark.parametrize("most", [10, 20, 100])
@pytest.mark.parametrize("total", [0, 1, 19, 20, 21, 40, 105])
def test_list_without_has_more_is_complete(client: Any, server: FakeServer, total: int, most: int) -> None:
    """The server sends fewer items than requested, and does not say whether more follow."""
    server.handler = paged(total, most=most)
    assert ids(client.jobs.list()) == [str(n) for n in range(total, 0, -1)]
    assert len(server.requests) <= total // most + 2


def test_short_page_without_has_more_is_the_last(client: Any, server: FakeServer) -> None:
    """A page of a few items is taken as the last, so no second request is sent."""
    server.handler = paged(3)
    assert ids(client.jobs.list()) == ["3", "2", "1"]
    assert len(server.requests) == 1


def test_list_ends_at_its_total(client: Any, server: FakeServer) -> None:
    """If the server sends a total, no unneeded request is sent; a total of 0 is an empty list."""
    server.handler = paged(40, most=20, mark=lambda _: {"total": 40})
    assert len(ids(client.jobs.list())) == 40
    assert len(server.requests) == 2
    for empty in (
        {"object": "list", "total": 0},
        {"total": "0"},
        {"total": 0, "data": None},
        {"total": 0, "data": []},
    ):
        server.handler = lambda _, body=empty: httpx.Response(200, json=body)
        assert ids(client.jobs.list()) == []


def test_list_that_repeats_itself_before_its_total_raises(client: Any, server: FakeServer) -> None:
    """A server with another way of paging would lose items silently."""
    server.handler = paged(150, ignores_after=True, mark=lambda _: {"total": 150})
    with pytest.raises(InvalidResponse, match="has 150 items, but the pages after the first 100 repeat them"):
        ids(client.jobs.list())
    assert len(server.requests) == 2
    assert len(ids(client.jobs.list(limit=100))) == 100


def test_list_of_a_server_without_paging_ends(client: Any, server: FakeServer) -> None:
    """Every item is listed once, whether the server ignores `after` or refuses it."""
    server.handler = paged(50, ignores_after=True)
    assert len(ids(client.jobs.list())) == 50
    whole_list = paged(50)

    def refuse(request: httpx.Request) -> httpx.Response:
        is_first = "after" not in request.url.params
        return whole_list(request) if is_first else httpx.Response(400, json={"detail": "no after"})

    server.handler = refuse
    assert len(ids(client.jobs.list())) == 50


@pytest.mark.parametrize("name", ["jobs", "data"])
def test_jobs_may_be_under_another_name(client: Any, server: FakeServer, name: str) -> None:
    """All pages are read."""
    server.handler = paged(205, name=name, mark=lambda is_end: {"has_more": not is_end})
    assert len(ids(client.jobs.list())) == 205


def test_events_and_files_may_be_under_their_names(client: Any, server: FakeServer) -> None:
    """The name of the list is that of its items."""
    server.enqueue({"events": [event_json(1)]}, {"files": [{"id": "file-1"}]}, {"models": [{"id": "m"}]})
    assert [event.id for event in client.jobs.list_events("ftjob-1")] == ["ftevent-1"]
    assert [file.id for file in client.files.list(limit=1)] == ["file-1"]
    assert [model.id for model in client.models.list()] == ["m"]


@pytest.mark.parametrize(
    "body",
    [
        {"object": "list", "data": None, "has_more": False},
        {"data": None, "has_more": False},
        {"jobs": None},
        {"jobs": None, "total": 0},
    ],
    ids=str,
)
def test_null_is_read_as_an_empty_list(client: Any, server: FakeServer, body: Any) -> None:
    """Go encodes an empty list as null."""
    server.enqueue(body)
    assert ids(client.jobs.list()) == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"object": "list"},
        {"jobs": {}},
        {"jobs": [1]},
        {"events": []},
        {"total": 3},
        {"total": False},
        job_json(events=[]),
        {"object": "list", "data": None, "has_more": True},
        {"data": None},
        {"data": None, "has_more": False, "error": "down"},
        {"jobs": None, "error": "down"},
        {"jobs": None, "has_more": True},
        {"id": "x", "jobs": []},
    ],
    ids=str,
)
def test_body_that_is_not_a_list_of_jobs_raises(make_client: Any, server: FakeServer, body: Any) -> None:
    """It is never read as an empty list."""
    server.enqueue(body)
    with pytest.raises(InvalidResponse):
        list(make_client(retry=ONCE).jobs.list())


def test_empty_object_is_not_a_job(make_client: Any, server: FakeServer) -> None:
    """This holds in tolerant reading too."""
    server.enqueue({})
    with pytest.raises(InvalidResponse):
        make_client(retry=ONCE).jobs.retrieve("ftjob-1")


def test_waiting_for_many_jobs_needs_no_list(make_client: Any, server: FakeServer) -> None:
    """Each job is requested if the server has no usable list."""
    for listed in (
        httpx.Response(404, json={"detail": "Not Found"}),
        httpx.Response(200, json={"items": {}}),
    ):

        def respond(request: httpx.Request, listed: httpx.Response = listed) -> httpx.Response:
            name = request.url.path.rpartition("/")[2]
            if name == "jobs":
                return httpx.Response(listed.status_code, content=listed.content)
            return httpx.Response(200, json=job_json(id=name, status="SUCCESS"))

        server.handler = respond
        jobs = make_client(retry=ONCE).jobs.wait_all(["ftjob-1", "ftjob-2"])
        assert ids(jobs) == ["1", "2"]


# Events without ids


def event_without_id(number: int, at: Any = None, **changes: Any) -> dict[str, Any]:
    """Return an event without an id, as Together sends it."""
    event = event_json(number, **changes)
    event["created_at"] = f"2025-02-02T10:00:{number if at is None else at:02}Z"
    return {name: value for name, value in event.items() if name != "id"}


@pytest.mark.parametrize("newest_first", [True, False])
def test_events_without_ids_are_followed_once_each(
    client: Any, server: FakeServer, *, newest_first: bool
) -> None:
    """Two events with the same content are two; the cursor resumes after the right one."""
    same = [event_without_id(2, message="again"), event_without_id(2, message="again")]
    lists = [
        [event_without_id(1)],
        [event_without_id(1), *same],
        [event_without_id(1), *same, event_without_id(3)],
    ]
    server.enqueue(job_json(status="running"))
    job = client.jobs.retrieve("ftjob-1")
    for events, status in zip(
        [*lists, lists[-1], lists[-1]], ["running", "running", "SUCCESS"], strict=False
    ):
        data = events[::-1] if newest_first else events
        server.enqueue(job_json(status=status), {"data": data})
    server.enqueue({"data": lists[-1]}, {"data": lists[-1]})
    cursors, messages = [], []
    for event in job.follow():
        messages.append(event.message)
        cursors.append(str(job.cursor))
    assert messages == ["event 1", "again", "again", "event 3"]
    assert len(set(cursors)) == 4
    server.handler = lambda request: httpx.Response(
        200, json={"data": lists[-1]} if request.url.path.endswith("events") else job_json(status="SUCCESS")
    )
    for place, cursor in enumerate(cursors, start=1):
        later = client.jobs.retrieve("ftjob-1").follow(after=cursor)
        assert [event.message for event in later] == messages[place:]
    with pytest.raises(InvalidRequestError, match="has no event"):
        list(client.jobs.retrieve("ftjob-1").follow(after="ftjob-1/content-0-1"))


def test_list_of_events_without_ids_ends(client: Any, server: FakeServer) -> None:
    """If the server says that more follow, there is no cursor to request them with."""
    server.enqueue({"data": [event_without_id(1), event_without_id(2)], "has_more": True})
    assert [event.message for event in client.jobs.list_events("ftjob-1")] == ["event 1", "event 2"]


def test_list_with_both_names_is_read_once(client: Any, server: FakeServer) -> None:
    """If a body has both names, `data` counts."""
    server.enqueue({**list_json(job_json(id="ftjob-1")), "jobs": [job_json(id="ftjob-2")]})
    assert ids(client.jobs.list()) == ["1"]
