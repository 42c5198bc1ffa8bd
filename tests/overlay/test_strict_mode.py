"""Strict reading of responses, hooks, and `last_response`."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from finetuning_client import AsyncFineTuning, FineTuning, InvalidResponse, RetryPolicy

from .conftest import (
    BASE_URL,
    AsyncManualClock,
    FakeServer,
    error_response,
    event_json,
    file_json,
    job_json,
    list_json,
)


def valid_job(**changes: Any) -> dict[str, Any]:
    """Return a job that satisfies the contract exactly."""
    return job_json(error=None, **changes)


@pytest.fixture
def strict(make_client: Any) -> Any:
    """A strict client that makes one attempt for each request."""
    return make_client(strict=True, retry=RetryPolicy(max_attempts=1))


def test_valid_responses_are_accepted(strict: Any, server: FakeServer) -> None:
    """Unknown fields are valid."""
    server.enqueue(valid_job(brand_new=1), list_json(valid_job()), file_json(), list_json(event_json(1)))
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
def test_deviation_raises_with_its_field(
    strict: Any, client: Any, server: FakeServer, changes: dict[str, Any], field: str
) -> None:
    """A client that is not strict reads the same response."""
    server.enqueue(valid_job(**changes), valid_job(**changes), list_json(valid_job(), valid_job(**changes)))
    assert client.jobs.retrieve("ftjob-1").id == "ftjob-1"
    with pytest.raises(InvalidResponse, match="breaks the contract") as e:
        strict.jobs.retrieve("ftjob-1")
    assert e.value.field == field
    with pytest.raises(InvalidResponse) as e:
        list(strict.jobs.list())
    assert e.value.field == f"data[1].{field}"


def test_missing_required_field_is_a_deviation(strict: Any, server: FakeServer) -> None:
    """The error names the field."""
    job = valid_job()
    del job["created_at"]
    server.enqueue(job)
    with pytest.raises(InvalidResponse) as e:
        strict.jobs.retrieve("ftjob-1")
    assert e.value.field == "created_at"


def test_strict_client_creates_no_second_job(strict: Any, server: FakeServer) -> None:
    """The job was created, although its response is refused."""
    server.enqueue(valid_job(status="brewing"), list_json(valid_job(status="brewing")))
    with pytest.raises(InvalidResponse):
        strict.jobs.create(model="m", training_file="file-1")
    assert server.calls.count("POST /fine_tuning/jobs") == 1


def test_derived_clients_are_strict(strict: Any, server: FakeServer) -> None:
    """`with_options` keeps the setting."""
    server.enqueue(valid_job(status="brewing"))
    with pytest.raises(InvalidResponse):
        strict.with_options(timeout=5).jobs.retrieve("ftjob-1")


# --- hooks and last response -----------------------------------------------------------------


def test_hooks_receive_every_exchange(make_client: Any, server: FakeServer) -> None:
    """They are called for each attempt, with the outcome and the seconds it took."""
    log: list[Any] = []
    client = make_client(
        on_request=lambda request: log.append(str(request)),
        on_response=lambda request, outcome, seconds: log.append((str(request), outcome, seconds)),
    )
    server.enqueue(httpx.ReadError("reset"), error_response(503))
    server.enqueue(httpx.Response(200, json=job_json(), headers={"x-request-id": "req_1"}))
    client.with_options(timeout=3).jobs.retrieve("ftjob-1")
    assert log[::2] == ["GET /fine_tuning/jobs/ftjob-1"] * 3
    outcomes = [outcome for _, outcome, _ in log[1::2]]
    assert outcomes[0].reason == "no complete response: reset"
    assert [outcome.status for outcome in outcomes[1:]] == [503, 200]
    assert outcomes[2].request_id == "req_1"
    assert {seconds for *_, seconds in log[1::2]} == {0.0}


def test_last_response_has_status_headers_and_body(server: FakeServer) -> None:
    """The values are those that the server sent."""
    http = httpx.Client(transport=httpx.MockTransport(server.respond))
    client = FineTuning(api_key="sk-test", base_url=BASE_URL, http_client=http)
    server.enqueue(httpx.Response(200, json=job_json(), headers={"x-request-id": "req_9", "x-limit": "5"}))
    client.jobs.retrieve("ftjob-1")
    response = client.last_response
    assert response is not None
    assert (response.status, response.request_id, response.headers["X-Limit"]) == (200, "req_9", "5")
    assert b"ftjob-1" in response.body


async def test_each_task_has_its_own_last_response() -> None:
    """Concurrent tasks do not see each other's responses."""

    def named(request: httpx.Request) -> httpx.Response:
        name = request.url.path.rpartition("/")[2]
        return httpx.Response(200, json=job_json(id=name), headers={"x-request-id": name})

    http = httpx.AsyncClient(transport=httpx.MockTransport(named))
    client = AsyncFineTuning(api_key="sk-test", base_url=BASE_URL, http_client=http, clock=AsyncManualClock())

    async def seen(name: str) -> str | None:
        await client.jobs.retrieve(name)
        await asyncio.sleep(0)
        response = client.last_response
        return None if response is None else response.request_id

    names = [f"ftjob-{n}" for n in range(5)]
    assert await asyncio.gather(*map(seen, names)) == names
