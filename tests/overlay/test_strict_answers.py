"""A strict client takes no answer that breaks the contract; hooks and `last_response` show every answer."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from finetuning_client import AsyncFineTuning, FineTuning, InvalidResponse, RetryPolicy

from .conftest import (
    BASE_URL,
    AsyncManualClock,
    Wire,
    error_response,
    event_json,
    file_json,
    job_json,
    list_json,
)


def full_job(**changes: Any) -> dict[str, Any]:
    """A job to the letter of the contract."""
    return job_json(error=None, **changes)


@pytest.fixture
def strict(make_client: Any) -> Any:
    """A client that takes the contract at its word."""
    return make_client(strict=True, retry=RetryPolicy(max_attempts=1))


def test_what_keeps_the_contract_is_taken(strict: Any, wire: Wire) -> None:
    """Fields that it does not know included."""
    wire.then(full_job(brand_new=1), list_json(full_job()), file_json(), list_json(event_json(1)))
    assert strict.jobs.retrieve("ftjob-1").to_dict()["brand_new"] == 1
    assert [job.id for job in strict.jobs.list()] == ["ftjob-1"]
    assert strict.files.retrieve("file-1").id == "file-1"
    assert len(list(strict.jobs.list_events("ftjob-1"))) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"status": "brewing"}, "status"),
        ({"created_at": "yesterday"}, "created_at"),
        ({"model": None}, "model"),
        ({"result_files": [5]}, "result_files[0]"),
        ({"seed": "7"}, "seed"),
        ({"metadata": {"k": 5}}, "metadata.k"),
    ],
)
def test_a_deviation_is_named_with_its_place(
    strict: Any, client: Any, wire: Wire, changes: dict[str, Any], field: str
) -> None:
    """By default it is read tolerantly."""
    wire.then(full_job(**changes), full_job(**changes), list_json(full_job(), full_job(**changes)))
    assert client.jobs.retrieve("ftjob-1").id == "ftjob-1"
    with pytest.raises(InvalidResponse, match="breaks the contract") as e:
        strict.jobs.retrieve("ftjob-1")
    assert e.value.field == field
    with pytest.raises(InvalidResponse) as e:
        list(strict.jobs.list())
    assert e.value.field == f"data[1].{field}"


def test_a_missing_field_is_a_deviation(strict: Any, wire: Wire) -> None:
    """If the contract requires it."""
    job = full_job()
    del job["created_at"]
    wire.then(job)
    with pytest.raises(InvalidResponse) as e:
        strict.jobs.retrieve("ftjob-1")
    assert e.value.field == "created_at"


def test_a_strict_client_makes_no_second_job(strict: Any, wire: Wire) -> None:
    """A job was made, although its answer is none that it takes."""
    wire.then(full_job(status="brewing"), list_json(full_job(status="brewing")))
    with pytest.raises(InvalidResponse):
        strict.jobs.create(model="m", training_file="file-1")
    assert wire.asked.count("POST /fine_tuning/jobs") == 1


def test_derived_clients_are_strict_too(strict: Any, wire: Wire) -> None:
    """Other settings do not change it."""
    wire.then(full_job(status="brewing"))
    with pytest.raises(InvalidResponse):
        strict.with_options(timeout=5).jobs.retrieve("ftjob-1")


# --- what can be seen ------------------------------------------------------------------------


def test_hooks_see_every_exchange(make_client: Any, wire: Wire) -> None:
    """Each attempt, whatever became of it, with the time it took."""
    log: list[Any] = []
    client = make_client(
        on_request=lambda request: log.append(str(request)),
        on_response=lambda request, outcome, seconds: log.append((str(request), outcome, seconds)),
    )
    wire.then(httpx.ReadError("reset"), error_response(503))
    wire.then(httpx.Response(200, json=job_json(), headers={"x-request-id": "req_1"}))
    client.with_options(timeout=3).jobs.retrieve("ftjob-1")
    asked = "GET /fine_tuning/jobs/ftjob-1"
    assert log[::2] == [asked] * 3
    outcomes = [outcome for _, outcome, _ in log[1::2]]
    assert outcomes[0].reason == "no complete response: reset"
    assert [outcome.status for outcome in outcomes[1:]] == [503, 200]
    assert outcomes[2].request_id == "req_1"
    assert {seconds for *_, seconds in log[1::2]} == {0.0}


def test_the_last_answer_can_be_looked_at(wire: Wire) -> None:
    """Status, headers, request id and body, as they came."""
    http = httpx.Client(transport=httpx.MockTransport(wire.handle))
    client = FineTuning(api_key="sk-test", base_url=BASE_URL, http_client=http)
    wire.then(httpx.Response(200, json=job_json(), headers={"x-request-id": "req_9", "x-limit": "5"}))
    client.jobs.retrieve("ftjob-1")
    answer = client.last_response
    assert answer is not None
    assert (answer.status, answer.request_id, answer.headers["X-Limit"]) == (200, "req_9", "5")
    assert b"ftjob-1" in answer.body


async def test_tasks_do_not_see_each_others_answers() -> None:
    """Each has its own last one."""

    def named(request: httpx.Request) -> httpx.Response:
        name = request.url.path.rpartition("/")[2]
        return httpx.Response(200, json=job_json(id=name), headers={"x-request-id": name})

    http = httpx.AsyncClient(transport=httpx.MockTransport(named))
    client = AsyncFineTuning(api_key="sk-test", base_url=BASE_URL, http_client=http, clock=AsyncManualClock())

    async def seen(name: str) -> str | None:
        await client.jobs.retrieve(name)
        await asyncio.sleep(0)
        answer = client.last_response
        return None if answer is None else answer.request_id

    names = [f"ftjob-{n}" for n in range(5)]
    assert await asyncio.gather(*map(seen, names)) == names
