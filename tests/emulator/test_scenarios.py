"""Scenarios: the course of a job, set in each of the three ways."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from finetuning_emulator import Emulator

from .conftest import CONTROL, Caller, chat

CreateJob = Callable[..., str]


@pytest.fixture(params=["metadata", "python", "endpoint"])
def under(request: pytest.FixtureRequest, caller: Caller) -> CreateJob:
    """A function that creates a job under a scenario, set in each of the three ways."""

    def create(**scenario: Any) -> str:
        if request.param == "metadata":
            asked = {
                f"emulator.{key}": "true" if value is True else str(value) for key, value in scenario.items()
            }
            return caller.create(chat(), metadata={"team": "nlp", **asked})
        if request.param == "python":
            caller.emulator.scenario(**scenario)
        else:
            assert caller.unchecked("POST", f"{CONTROL}/scenarios", json=scenario).status_code == 200
        return caller.create(chat())

    return create


@pytest.fixture
def unlimited() -> Iterator[Caller]:
    """A caller of an emulator with infinite speed."""
    with closing(Emulator(speed=float("inf"))) as emulator, Caller(emulator) as caller:
        yield caller


def test_a_job_fails_at_the_step_with_the_error(caller: Caller, under: CreateJob) -> None:
    """It trains up to the step; the failed job's last event has the reason, and no model exists."""
    job = under(fail_at_step=30, error_code="exceeded_quota", error_message="no quota left")
    done = caller.finished(job)
    assert done["status"] == "failed"
    assert done["error"] == {"code": "exceeded_quota", "message": "no quota left", "param": None}
    assert done["fine_tuned_model"] is None
    assert done["result_files"] == []
    events = caller.events(job)
    assert [event["data"].get("step") for event in events if event["type"] == "metrics"] == list(range(1, 31))
    assert (events[-1]["level"], events[-1]["message"]) == ("error", "no quota left")
    checkpoints = caller.get(f"/fine_tuning/jobs/{job}/checkpoints")["data"]
    assert [checkpoint["step_number"] for checkpoint in checkpoints] == [20]
    model = checkpoints[0]["fine_tuned_model_checkpoint"]
    assert caller.get(f"/models/{model}")["id"] == model


@pytest.mark.parametrize(("step", "reports"), [(0, 0), (100, 100), (10_000, 100)])
def test_a_job_fails_at_its_start_or_at_its_last_step(caller: Caller, step: int, reports: int) -> None:
    """Step 0 is the start of the training; a step beyond the last one is the last."""
    caller.emulator.scenario(fail_at_step=step)
    job = caller.create(chat())
    assert caller.finished(job)["status"] == "failed"
    assert sum(event["type"] == "metrics" for event in caller.events(job)) == reports


def test_a_job_with_an_error_and_no_step_fails_in_validation(caller: Caller, under: CreateJob) -> None:
    """It fails like a job with bad files, with the given param."""
    job = under(error_code="invalid_training_file", error_param="training_file")
    done = caller.finished(job)
    assert (done["error"]["code"], done["error"]["param"]) == ("invalid_training_file", "training_file")
    assert len(caller.events(job)) == 3


def test_a_job_stays_queued_until_it_is_cancelled(caller: Caller, under: CreateJob) -> None:
    """It is queued at any time, and can be paused, resumed and cancelled."""
    job = under(stay_queued=True)
    assert caller.finished(job)["status"] == "queued"
    assert caller.events(job)[-1]["message"] == "Files validated, moving job to queued state"
    assert caller.ask("POST", f"/fine_tuning/jobs/{job}/pause")["status"] == "paused"
    assert caller.ask("POST", f"/fine_tuning/jobs/{job}/resume")["status"] == "queued"
    assert caller.finished(job)["status"] == "queued"
    assert caller.ask("POST", f"/fine_tuning/jobs/{job}/cancel")["status"] == "cancelled"


def test_a_job_pauses_at_the_step_and_continues_when_resumed(caller: Caller, under: CreateJob) -> None:
    """It stays paused without results, and succeeds after it is resumed."""
    job = under(pause_at_step=25)
    assert caller.finished(job)["status"] == "paused"
    assert caller.get("/files", purpose="fine-tune-results")["data"] == []
    events = caller.events(job)
    assert events[-1]["message"] == "Fine-tuning job paused"
    assert events[-2]["data"]["step"] == 25
    caller.ask("POST", f"/fine_tuning/jobs/{job}/resume")
    done = caller.finished(job)
    assert done["status"] == "succeeded"
    assert len(caller.get("/files", purpose="fine-tune-results")["data"]) == 1
    assert sum(event["type"] == "metrics" for event in caller.events(job)) == 100


def test_a_future_pause_moves_with_the_job(caller: Caller) -> None:
    """A job that was paused before still pauses at its step; a cancelled one does not."""
    first, second = (caller.create(chat(), metadata={"emulator.pause_at_step": "50"}) for _ in range(2))
    caller.emulator.advance(seconds=75)
    caller.ask("POST", f"/fine_tuning/jobs/{first}/pause")
    caller.ask("POST", f"/fine_tuning/jobs/{second}/cancel")
    caller.emulator.advance(hours=1)
    caller.ask("POST", f"/fine_tuning/jobs/{first}/resume")
    assert caller.finished(first)["status"] == "paused"
    assert caller.events(first)[-2]["data"]["step"] == 50
    assert caller.job(second)["status"] == "cancelled"
    assert caller.events(second)[-1]["message"] == "Fine-tuning job cancelled"


@pytest.mark.parametrize(
    ("scenario", "status"),
    [
        ({"pause_at_step": 3}, "paused"),
        ({"stay_queued": True}, "queued"),
        ({"fail_at_step": 3}, "failed"),
    ],
)
def test_at_infinite_speed_a_job_has_reached_the_end_of_its_scenario(
    unlimited: Caller, scenario: dict[str, Any], status: str
) -> None:
    """The first read shows the state in which the scenario leaves the job."""
    unlimited.emulator.scenario(**scenario)
    assert unlimited.job(unlimited.create(chat()))["status"] == status


@pytest.mark.off_contract
@pytest.mark.parametrize(
    ("scenario", "seen"),
    [
        ({"lose_status": "running"}, ["validating_files", "queued", "queued", "succeeded"]),
        ({"lose_status": "queued,running"}, ["validating_files"] * 3 + ["succeeded"]),
        ({"lose_status": "validating_files"}, ["queued", "queued", "running", "succeeded"]),
        ({"lose_status": "succeeded"}, ["validating_files", "queued", "running", "running"]),
        ({"status": "notRunning"}, ["notRunning"] * 3 + ["succeeded"]),
        ({"status": "queued=pending, succeeded=done"}, ["validating_files", "pending", "running", "done"]),
        (
            {"lose_status": "queued", "status": "running=busy"},
            ["validating_files"] * 2 + ["busy", "succeeded"],
        ),
    ],
)
def test_statuses_are_lost_or_replaced(
    caller: Caller, under: CreateJob, scenario: dict[str, str], seen: list[str]
) -> None:
    """Clients see these statuses at four times in the life of a job."""
    job = under(**scenario)
    statuses = []
    for seconds in (0, 30, 60, 3600):
        caller.emulator.advance(seconds=seconds)
        statuses.append(caller.unchecked("GET", f"/fine_tuning/jobs/{job}").json()["status"])
    assert statuses == seen


def test_validation_takes_the_extra_time(caller: Caller, under: CreateJob) -> None:
    """The time is that of the emulator's clock."""
    job = under(slow_validation=7200)
    caller.emulator.advance(hours=2)
    assert caller.job(job)["status"] == "validating_files"
    assert caller.finished(job)["status"] == "succeeded"


def test_a_closed_platform_refuses_jobs_and_nothing_else(caller: Caller) -> None:
    """Creation gets the hosted service's 403, existing jobs are read, and deleting the scenario ends it."""
    done = caller.create(chat())
    caller.emulator.scenario(training_closed=True, times=None)
    body = {"model": "gpt-4o-mini", "training_file": caller.upload(chat())}
    for _ in range(2):
        error = caller.refused(403, "POST", "/fine_tuning/jobs", json=body)
        assert error["code"] == "training_not_available"
        assert error["type"] == "invalid_request_error"
    assert caller.finished(done)["status"] == "succeeded"
    assert caller.unchecked("DELETE", f"{CONTROL}/scenarios").status_code == 200
    caller.ask("POST", "/fine_tuning/jobs", json=body)


def test_scenarios_are_used_in_order(caller: Caller) -> None:
    """Scenarios for a number of jobs come first, then the latest one for all others."""
    caller.emulator.scenario(stay_queued=True, times=None)
    caller.emulator.scenario(slow_validation=1e6, times=None)
    caller.emulator.scenario(fail_at_step=1, times=2)
    caller.emulator.scenario(pause_at_step=1)
    jobs = [caller.create(chat()) for _ in range(5)]
    caller.emulator.advance(hours=24)
    seen = [caller.job(job)["status"] for job in jobs]
    assert seen == ["failed", "failed", "paused", "validating_files", "validating_files"]


def test_the_metadata_of_a_job_takes_precedence(caller: Caller) -> None:
    """Each option in the metadata overrides the scenario for all jobs."""
    caller.emulator.scenario(fail_at_step=30, error_code="a", times=None)
    job = caller.create(chat(), metadata={"emulator.error_code": "b"})
    assert caller.finished(job)["error"]["code"] == "b"
    assert sum(event["type"] == "metrics" for event in caller.events(job)) == 30


def test_a_refused_request_uses_up_no_scenario(caller: Caller) -> None:
    """The next job gets it."""
    caller.emulator.scenario(fail_at_step=1)
    caller.refused(400, "POST", "/fine_tuning/jobs", json={"model": "no", "training_file": "file-1"})
    assert caller.finished(caller.create(chat()))["status"] == "failed"


@pytest.mark.parametrize(
    "metadata",
    [
        {"emulator.fail_at_step": "soon"},
        {"emulator.fail_at_step": "-1"},
        {"emulator.slow_validation": "nan"},
        {"emulator.stay_queued": "perhaps"},
        {"emulator.fail_at_stpe": "3"},
    ],
)
def test_a_bad_scenario_in_metadata_is_refused(caller: Caller, metadata: dict[str, str]) -> None:
    """With a misspelt option, a test would test nothing; the message names the key."""
    body = {"model": "gpt-4o-mini", "training_file": caller.upload(chat()), "metadata": metadata}
    error = caller.refused(400, "POST", "/fine_tuning/jobs", json=body)
    assert error["param"] == "metadata"
    assert next(iter(metadata)) in error["message"]


@pytest.mark.parametrize("scenario", [{"fail_at_step": -1}, {"slow_validation": float("nan")}, {"times": 0}])
def test_a_bad_scenario_in_python_is_refused(emulator: Emulator, scenario: dict[str, Any]) -> None:
    """A ValueError names the option and its limit."""
    with pytest.raises(ValueError, match="Expected"):
        emulator.scenario(**scenario)


def test_a_scenario_survives_a_restart(tmp_path: Path) -> None:
    """The job stores it."""
    state = tmp_path / "state.db"
    with closing(Emulator(0, state)) as emulator, Caller(emulator) as caller:
        job = caller.create(chat(), metadata={"emulator.pause_at_step": "3"})
    with closing(Emulator(0, state)) as emulator, Caller(emulator) as caller:
        assert caller.finished(job)["status"] == "paused"
        caller.ask("POST", f"/fine_tuning/jobs/{job}/resume")
        assert caller.finished(job)["status"] == "succeeded"


@pytest.mark.parametrize(
    ("scenario", "known"),
    [
        ({"lose_status": "runing"}, "running"),
        ({"lose_status": ""}, "running"),
        ({"status": "qued=pending"}, "queued"),
        ({"status": "queued=pending,done"}, "succeeded"),
        ({"status": "queued="}, "replacements such as"),
        ({"status": ""}, "replacements such as"),
        ({"error_param": "training_file"}, "fail_at_step"),
        ({"error_message": "\ud800"}, "UTF-8"),
    ],
)
def test_an_unknown_status_is_refused_with_the_known_ones(
    emulator: Emulator, scenario: dict[str, Any], known: str
) -> None:
    """A status that never occurs cannot be lost or replaced."""
    with pytest.raises(ValueError, match=known):
        emulator.scenario(**scenario)


def test_an_unknown_name_is_refused_with_a_similar_one(caller: Caller) -> None:
    """The endpoint and the metadata each use their own form of the name."""
    error = caller.refused(400, "POST", f"{CONTROL}/scenarios", json={"fail_at_stpe": 3})
    assert error["param"] == "fail_at_stpe"
    assert "did you mean 'fail_at_step'?" in error["message"]
    body = {"model": "gpt-4o-mini", "training_file": caller.upload(chat())}
    body["metadata"] = {"emulator.fail_at_stpe": "3"}  # type: ignore[assignment]
    error = caller.refused(400, "POST", "/fine_tuning/jobs", json=body)
    assert "did you mean 'emulator.fail_at_step'?" in error["message"]


def test_refused_metadata_uses_up_no_scenario(caller: Caller) -> None:
    """The next job gets it."""
    caller.emulator.scenario(fail_at_step=1)
    body = {"model": "gpt-4o-mini", "training_file": caller.upload(chat()), "metadata": {"emulator.x": "1"}}
    caller.refused(400, "POST", "/fine_tuning/jobs", json=body)
    assert caller.finished(caller.create(chat()))["status"] == "failed"
