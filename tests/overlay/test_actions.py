"""Cancel, pause and resume are carried out once, even if a response is lost."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from finetuning_client import (
    BadRequest,
    FineTuningError,
    InvalidRequestError,
    InvalidResponse,
    NotFound,
    RetryPolicy,
    ServerError,
)

from .conftest import FakeServer, error_response, job_json

ACTIONS = {"cancel": "cancelled", "pause": "paused", "resume": "running"}
LOST = [httpx.ReadError("reset"), httpx.ReadTimeout("timed out"), error_response(502), error_response(408)]

each_action = pytest.mark.parametrize("action", ACTIONS)


@each_action
def test_action_sends_one_request_and_returns_the_job(client: Any, server: FakeServer, action: str) -> None:
    """An action is one request, and returns the job with its new status."""
    server.enqueue(job_json(status=ACTIONS[action]))
    job = getattr(client.jobs, action)("ftjob-1")
    assert (job.id, job.status) == ("ftjob-1", ACTIONS[action])
    assert server.calls == [f"POST /fine_tuning/jobs/ftjob-1/{action}"]


@each_action
def test_action_of_a_handle_updates_it(client: Any, server: FakeServer, action: str) -> None:
    """A handle's method returns the same handle with the new status."""
    server.enqueue(job_json(status="queued"), job_json(status=ACTIONS[action]))
    job = client.jobs.retrieve("ftjob-1")
    assert getattr(job, action)() == job
    assert job.status == ACTIONS[action]


@each_action
@pytest.mark.parametrize("lost", LOST, ids=repr)
def test_action_is_retried_after_a_lost_response(
    client: Any, server: FakeServer, action: str, lost: Any
) -> None:
    """Actions can be repeated safely, so a lost response is followed by a retry."""
    server.enqueue(lost, job_json(status=ACTIONS[action]))
    assert getattr(client.jobs, action)("ftjob-1").status == ACTIONS[action]


@each_action
@pytest.mark.parametrize("lost", LOST, ids=repr)
def test_refusal_after_a_lost_response_reads_the_job(
    client: Any, server: FakeServer, action: str, lost: Any
) -> None:
    """The retry is refused because the lost attempt worked, as the job's status shows."""
    server.enqueue(lost, error_response(400, message="already so"), job_json(status=ACTIONS[action]))
    assert getattr(client.jobs, action)("ftjob-1").status == ACTIONS[action]
    assert server.calls[2] == "GET /fine_tuning/jobs/ftjob-1"


@each_action
def test_refusal_is_raised_if_the_job_did_not_change(client: Any, server: FakeServer, action: str) -> None:
    """The job had already ended, so the action did not work."""
    server.enqueue(httpx.ReadError("reset"), error_response(400), job_json(status="succeeded"))
    with pytest.raises(BadRequest):
        getattr(client.jobs, action)("ftjob-1")


@each_action
def test_refusal_without_a_lost_response_is_raised_at_once(
    client: Any, server: FakeServer, action: str
) -> None:
    """A first attempt that is refused is one request and one error."""
    server.enqueue(error_response(400, message="Job has already completed"))
    with pytest.raises(BadRequest, match="Job has already completed"):
        getattr(client.jobs, action)("ftjob-1")
    assert len(server.requests) == 1


def test_refused_connection_does_not_count_as_a_lost_response(client: Any, server: FakeServer) -> None:
    """The request was never sent, so the refusal of the retry is raised."""
    server.enqueue(httpx.ConnectError("refused"), error_response(400))
    with pytest.raises(BadRequest):
        client.jobs.cancel("ftjob-1")
    assert len(server.requests) == 2


def test_failed_action_leaves_the_handle_unchanged(make_client: Any, server: FakeServer) -> None:
    """A handle changes only when the service sends the job."""
    client = make_client(retry=RetryPolicy(max_attempts=1))
    server.enqueue(job_json(), error_response(500), httpx.Response(200, json={}))
    job = client.jobs.retrieve("ftjob-1")
    with pytest.raises(ServerError):
        job.cancel()
    with pytest.raises(InvalidResponse):
        job.cancel()
    assert job.status == "running"


def test_unknown_job_raises_not_found(client: Any, server: FakeServer) -> None:
    """The error has the service's message."""
    server.enqueue(error_response(404, message="Could not find fine tune: ftjob-0"))
    with pytest.raises(NotFound, match="Could not find fine tune"):
        client.jobs.retrieve("ftjob-0")


CALLS = ["retrieve", "cancel", "pause", "resume", "list_events", "list_checkpoints"]


@pytest.mark.parametrize("bad", ["", ".", "..", None, "ftjob-\ud800"], ids=repr)
@pytest.mark.parametrize("call", CALLS)
def test_id_that_would_change_the_endpoint_is_refused(
    client: Any, server: FakeServer, call: str, bad: Any
) -> None:
    """An empty id would list all jobs, and `..` would leave the path: nothing is sent."""
    with pytest.raises(FineTuningError) as e:
        list(getattr(client.jobs, call)(bad))
    assert isinstance(e.value, InvalidRequestError)
    assert server.requests == []


def test_id_is_escaped(client: Any, server: FakeServer) -> None:
    """An id is always one segment of the path."""
    server.enqueue(error_response(404))
    with pytest.raises(NotFound):
        client.jobs.retrieve("../files?x=1#y")
    assert server.requests[0].url.raw_path == b"/v1/fine_tuning/jobs/..%2Ffiles%3Fx%3D1%23y"
