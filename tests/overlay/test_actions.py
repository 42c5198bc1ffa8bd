"""Cancel, pause and resume: carried out once, and believed when the answer was lost."""

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

from .conftest import Wire, error_response, job_json

ACTIONS = {"cancel": "cancelled", "pause": "paused", "resume": "running"}
LOST = [httpx.ReadError("reset"), httpx.ReadTimeout("late"), error_response(502), error_response(408)]

each_action = pytest.mark.parametrize("action", ACTIONS)


@each_action
def test_an_action_is_one_request(client: Any, wire: Wire, action: str) -> None:
    """It returns the job as it is then."""
    wire.then(job_json(status=ACTIONS[action]))
    job = getattr(client.jobs, action)("ftjob-1")
    assert (job.id, job.status) == ("ftjob-1", ACTIONS[action])
    assert wire.asked == [f"POST /fine_tuning/jobs/ftjob-1/{action}"]


@each_action
def test_the_handle_is_updated_in_place(client: Any, wire: Wire, action: str) -> None:
    """The method of the handle returns the handle."""
    wire.then(job_json(status="queued"), job_json(status=ACTIONS[action]))
    job = client.jobs.retrieve("ftjob-1")
    assert getattr(job, action)() == job
    assert job.status == ACTIONS[action]


@each_action
@pytest.mark.parametrize("lost", LOST, ids=repr)
def test_an_action_whose_answer_was_lost_is_sent_again(
    client: Any, wire: Wire, action: str, lost: Any
) -> None:
    """Twice is as good as once."""
    wire.then(lost, job_json(status=ACTIONS[action]))
    assert getattr(client.jobs, action)("ftjob-1").status == ACTIONS[action]


@each_action
@pytest.mark.parametrize("lost", LOST, ids=repr)
def test_a_refusal_after_a_lost_answer_is_looked_into(
    client: Any, wire: Wire, action: str, lost: Any
) -> None:
    """The lost attempt worked, so the second was refused: the job tells, and the action has succeeded."""
    wire.then(lost, error_response(400, message="already so"), job_json(status=ACTIONS[action]))
    assert getattr(client.jobs, action)("ftjob-1").status == ACTIONS[action]
    assert wire.asked[2] == "GET /fine_tuning/jobs/ftjob-1"


@each_action
def test_a_refusal_that_the_job_bears_out_is_raised(client: Any, wire: Wire, action: str) -> None:
    """The job had ended before."""
    wire.then(httpx.ReadError("reset"), error_response(400), job_json(status="succeeded"))
    with pytest.raises(BadRequest):
        getattr(client.jobs, action)("ftjob-1")


@each_action
def test_a_refusal_is_raised_at_once(client: Any, wire: Wire, action: str) -> None:
    """Without a lost answer there is nothing to look into."""
    wire.then(error_response(400, message="Job has already completed"))
    with pytest.raises(BadRequest, match="Job has already completed"):
        getattr(client.jobs, action)("ftjob-1")
    assert len(wire.requests) == 1


def test_a_refused_connection_is_no_lost_answer(client: Any, wire: Wire) -> None:
    """The request never left, so a refusal means what it says."""
    wire.then(httpx.ConnectError("refused"), error_response(400))
    with pytest.raises(BadRequest):
        client.jobs.cancel("ftjob-1")
    assert len(wire.requests) == 2


def test_a_failed_action_leaves_the_handle_as_it_was(make_client: Any, wire: Wire) -> None:
    """The handle never shows what was not said."""
    client = make_client(retry=RetryPolicy(max_attempts=1))
    wire.then(job_json(), error_response(500), httpx.Response(200, json={}))
    job = client.jobs.retrieve("ftjob-1")
    with pytest.raises(ServerError):
        job.cancel()
    with pytest.raises(InvalidResponse):
        job.cancel()
    assert job.status == "running"


def test_a_job_that_is_not_there_is_not_found(client: Any, wire: Wire) -> None:
    """`NotFound`, with the service's words."""
    wire.then(error_response(404, message="Could not find fine tune: ftjob-0"))
    with pytest.raises(NotFound, match="Could not find fine tune"):
        client.jobs.retrieve("ftjob-0")


CALLS = ["retrieve", "cancel", "pause", "resume", "list_events", "list_checkpoints"]


@pytest.mark.parametrize("bad", ["", ".", "..", None, "ftjob-\ud800"], ids=repr)
@pytest.mark.parametrize("call", CALLS)
def test_an_id_that_leads_elsewhere_is_refused(client: Any, wire: Wire, call: str, bad: Any) -> None:
    """An empty id would list all jobs, and `..` would leave them; nothing is sent."""
    with pytest.raises(FineTuningError) as e:
        list(getattr(client.jobs, call)(bad))
    assert isinstance(e.value, InvalidRequestError)
    assert wire.requests == []


def test_an_id_is_escaped(client: Any, wire: Wire) -> None:
    """Whatever is in it stays one segment of the path."""
    wire.then(error_response(404))
    with pytest.raises(NotFound):
        client.jobs.retrieve("../files?x=1#y")
    assert wire.requests[0].url.raw_path == b"/v1/fine_tuning/jobs/..%2Ffiles%3Fx%3D1%23y"
