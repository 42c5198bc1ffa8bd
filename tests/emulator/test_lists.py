"""Lists are newest first; following the pages gives every item once."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import MODEL, Caller, chat

JOBS = "/fine_tuning/jobs"


def all_pages(caller: Caller, path: str, **params: Any) -> list[dict[str, Any]]:
    """Return everything in a list, by following its cursor."""
    page = caller.get(path, **params)
    found = list(page["data"])
    while page["has_more"]:
        page = caller.get(path, **params, after=found[-1]["id"])
        assert page["data"]
        found += page["data"]
    return found


def jobs(caller: Caller, count: int, **fields: Any) -> list[str]:
    """Create jobs with one file; return their ids, oldest first."""
    body = {"model": MODEL, "training_file": caller.upload(chat()), **fields}
    return [caller.ask("POST", JOBS, json=body)["id"] for _ in range(count)]


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 100])
def test_jobs_are_newest_first_over_all_pages(caller: Caller, limit: int) -> None:
    """Any page size gives the same list, even if all jobs were created in one second."""
    created = jobs(caller, 7)
    assert [job["id"] for job in all_pages(caller, JOBS, limit=limit)] == created[::-1]


def test_a_job_created_while_paging_changes_no_later_page(caller: Caller) -> None:
    """The cursor keeps its position."""
    created = jobs(caller, 4)
    first = caller.get(JOBS, limit=2)["data"]
    jobs(caller, 3)
    rest = caller.get(JOBS, limit=10, after=first[-1]["id"])["data"]
    assert [job["id"] for job in first + rest] == created[::-1]


def test_the_default_limit_of_jobs_is_20(caller: Caller) -> None:
    """A page has 20 jobs, and there are more."""
    jobs(caller, 21)
    page = caller.get(JOBS)
    assert (len(page["data"]), page["has_more"]) == (20, True)


def test_jobs_are_filtered_by_metadata(caller: Caller) -> None:
    """Every pair must match; null finds jobs without metadata."""
    both = jobs(caller, 2, metadata={"team": "nlp", "run": "1"})
    one = jobs(caller, 1, metadata={"team": "nlp"})
    none = jobs(caller, 2)

    def found(**filters: str) -> list[str]:
        return [job["id"] for job in all_pages(caller, JOBS, limit=1, **filters)]

    assert found(**{"metadata[team]": "nlp"}) == one + both[::-1]
    assert found(**{"metadata[team]": "nlp", "metadata[run]": "1"}) == both[::-1]
    assert found(**{"metadata[run]": "1", "metadata[team]": "cv"}) == []
    assert found(**{"metadata[tea]": "nlp"}) == []
    assert found(metadata="null") == none[::-1]


@pytest.mark.parametrize("key", ["a b", "é", "a[b]", "x&y=z", "'; --", "]", "a\0b"])
def test_any_metadata_key_can_be_filtered_by(caller: Caller, key: str) -> None:
    """Keys and values may contain special characters."""
    (job,) = jobs(caller, 1, metadata={key: key})
    assert [found["id"] for found in caller.get(JOBS, **{f"metadata[{key}]": key})["data"]] == [job]


@pytest.mark.parametrize("limit", [1, 7, 20, 1000])
def test_events_are_newest_first_over_all_pages(caller: Caller, limit: int) -> None:
    """Any page size gives the same events, even if many have the same second."""
    identifier = caller.create(chat(), method={"type": "supervised"})
    caller.emulator.advance(hours=1)
    pages = all_pages(caller, f"{JOBS}/{identifier}/events", limit=limit)
    assert pages == caller.events(identifier)[::-1]


def test_new_events_change_no_later_page(caller: Caller) -> None:
    """A cursor into a running job's events keeps its position."""
    identifier = caller.create(chat())
    caller.emulator.advance(seconds=75)
    path = f"{JOBS}/{identifier}/events"
    before = caller.events(identifier)
    cursor = caller.get(path, limit=2)["data"][-1]["id"]
    caller.emulator.advance(seconds=20)
    rest = caller.get(path, limit=1000, after=cursor)["data"]
    assert rest == before[::-1][2:]


def test_twenty_events_and_ten_checkpoints_are_a_page(caller: Caller) -> None:
    """The default limits of a job's events and checkpoints are 20 and 10."""
    method = {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 12}}}
    path = f"{JOBS}/{caller.create(chat(10), method=method)}"
    caller.emulator.advance(hours=1)
    assert len(caller.get(f"{path}/events")["data"]) == 20
    page = caller.get(f"{path}/checkpoints")
    assert (len(page["data"]), page["has_more"]) == (10, True)
    rest = caller.get(f"{path}/checkpoints", after=page["last_id"])
    assert (len(rest["data"]), rest["has_more"]) == (2, False)


@pytest.mark.parametrize("limit", [1, 2, 5, 10_000])
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_files_are_listed_in_either_order_over_all_pages(caller: Caller, limit: int, order: str) -> None:
    """Files are listed newest first by default, or oldest first."""
    uploaded = [caller.upload(chat()) for _ in range(5)]
    found = [file["id"] for file in all_pages(caller, "/files", limit=limit, order=order)]
    assert found == (uploaded if order == "asc" else uploaded[::-1])


def test_files_are_filtered_by_purpose(caller: Caller) -> None:
    """An unknown purpose gives an empty list."""
    trained = caller.upload(chat())
    caller.upload(b"{}\n", purpose="batch")
    assert [file["id"] for file in caller.get("/files", purpose="fine-tune")["data"]] == [trained]
    assert caller.get("/files", purpose="unheard-of")["data"] == []


def test_a_page_has_ten_thousand_files_at_most(caller: Caller) -> None:
    """The limit of a page of files has a maximum."""
    error = caller.refused(400, "GET", "/files", params={"limit": 10_001})
    assert error["param"] == "limit"


def test_files_refuse_an_unknown_order(caller: Caller) -> None:
    """The order is asc or desc."""
    error = caller.refused(400, "GET", "/files", params={"order": "sideways"})
    assert error["param"] == "order"


def test_an_empty_list_has_no_first_and_last_id(caller: Caller) -> None:
    """It has no more pages."""
    files = caller.get("/files")
    assert (files["data"], files["has_more"]) == ([], False)
    assert (files["first_id"], files["last_id"]) == (None, None)
    assert caller.get(JOBS) == {"object": "list", "data": [], "has_more": False}


@pytest.mark.parametrize(
    "query",
    [
        "metadata[a=x",
        "metadata%5Ba=x",
        "metadata[]=x",
        "metadata[a]b=x",
        "metadata]=x",
        "metadata.a=x",
        "metadata=x",
        "metadata[a]=x&metadata[a]=y",
        "metadata[a]=x&metadata=null",
        "&".join(f"metadata[{number}]=x" for number in range(17)),
        f"metadata[{'a' * 65}]=x",
    ],
)
def test_a_malformed_filter_is_refused(caller: Caller, query: str) -> None:
    """If it were ignored, the list would have jobs that do not match."""
    assert caller.refused(400, "GET", f"{JOBS}?{query}")["param"] == "metadata"


def test_an_empty_filter_is_null(caller: Caller) -> None:
    """Some clients send null as an empty value."""
    jobs(caller, 1, metadata={"team": "nlp"})
    bare = jobs(caller, 1)
    assert [job["id"] for job in caller.ask("GET", f"{JOBS}?metadata=")["data"]] == bare
