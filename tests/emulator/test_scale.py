"""The cost of a list depends on its page, not on the stored objects, as query plans and counts show."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from finetuning_emulator import Emulator
from finetuning_emulator.simulation.timeline import Event, Timeline
from finetuning_emulator.state.database import Database

from .conftest import Caller, chat

LISTS = [
    "/fine_tuning/jobs",
    "/fine_tuning/jobs?limit=2&after={job}",
    "/fine_tuning/jobs?metadata[team]=nlp",
    "/fine_tuning/jobs?metadata[team]=nlp&metadata[run]=1&after={job}",
    "/fine_tuning/jobs?metadata=null&after={job}",
    "/files?limit=2",
    "/files?limit=2&order=asc",
    "/files?limit=2&after={file}",
    "/files?limit=2&order=asc&after={file}&purpose=fine-tune",
    "/files?limit=2&purpose=fine-tune-results",
]


@pytest.fixture
def queries(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """All queries that the database gets during the test, with their values."""
    queries: list[tuple[str, Any]] = []
    original = Database.rows

    def noted(self: Database, query: str, values: Any) -> list[Any]:
        queries.append((query, values))
        return original(self, query, values)

    monkeypatch.setattr(Database, "rows", noted)
    return queries


@pytest.mark.parametrize("path", LISTS)
def test_a_list_is_read_from_an_index_and_never_sorted(
    caller: Caller, queries: list[tuple[str, Any]], path: str
) -> None:
    """A query starts at the cursor and ends with the page, without a scan or a sort."""
    job = caller.create(chat(), metadata={"team": "nlp", "run": "1"})
    file = caller.get("/files")["data"][0]["id"]
    queries.clear()
    caller.ask("GET", path.format(job=job, file=file))
    assert queries
    # Copied, since explaining a query adds a query.
    for query, values in list(queries):
        plan = [
            row[-1]
            for row in caller.emulator._organization._store.database.rows(
                "EXPLAIN QUERY PLAN " + query, values
            )
        ]
        # A scan of a subquery that has its own limit is allowed.
        assert [step for step in plan if re.search(r"^SCAN (?!\(subquery)|TEMP B-TREE", step)] == []


def test_only_the_events_of_the_page_are_computed(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """For a job with ten thousand events, a page computes only its own twenty."""
    data = chat(5000, words=1)
    settings = {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2, "batch_size": 1}}}
    job = caller.create(data, method=settings)
    caller.finished(job)
    path = f"/fine_tuning/jobs/{job}/events"
    middle = caller.get(path, limit=1000)["data"][-1]["id"]
    computed: list[int] = []
    original = Timeline.event

    def counted(self: Timeline, place: int) -> Event:
        computed.append(place)
        return original(self, place)

    monkeypatch.setattr(Timeline, "event", counted)
    page = caller.get(path, after=middle)
    assert len(page["data"]) == 20
    assert page["has_more"]
    assert len(computed) == 20


def test_the_rarest_metadata_pair_is_read_first(caller: Caller, queries: list[tuple[str, Any]]) -> None:
    """This holds for any order of the filters."""
    jobs = [caller.create(chat(), metadata={"team": "nlp", "run": str(number)}) for number in range(4)]
    for query in ("metadata[team]=nlp&metadata[run]=2", "metadata[run]=2&metadata[team]=nlp"):
        queries.clear()
        found = caller.ask("GET", f"/fine_tuning/jobs?{query}")["data"]
        assert [job["id"] for job in found] == [jobs[2]]
        leading = [values["key0"] for _, values in queries if "key0" in values]
        assert leading == ["run"]
    assert caller.ask("GET", "/fine_tuning/jobs?metadata[team]=nlp&metadata[run]=9")["data"] == []


def test_a_state_with_many_jobs_is_listed(tmp_path: Path) -> None:
    """Jobs that are copied into the state are listed like any others."""
    with closing(Emulator(0, tmp_path / "state.db")) as emulator, Caller(emulator) as caller:
        job = caller.create(chat())
        with emulator._organization._store.database.transaction() as database:
            database.execute(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
                " INSERT INTO jobs (id, rests_at, has_metadata, record)"
                " SELECT id || i, rests_at, 0, replace(record, id, id || i) FROM jobs, n"
            )
        page = caller.get("/fine_tuning/jobs", limit=3)["data"]
        assert [found["id"] for found in page] == [f"{job}{number}" for number in (5000, 4999, 4998)]
        last = caller.get("/fine_tuning/jobs", after=f"{job}1")
        assert [found["id"] for found in last["data"]] == [job]
