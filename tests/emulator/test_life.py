"""The life of a job in the emulator's responses, from creation to the finished model."""

from __future__ import annotations

import base64
import csv
import io
import re
from typing import Any

import pytest

from .conftest import METRICS, MODEL, Caller, chat, jsonl


def messages(events: list[dict[str, Any]]) -> list[str]:
    """Return the messages of the events, except those of steps."""
    return [event["message"] for event in events if event["type"] == "message"]


def test_a_new_job_is_validating_and_has_no_results(caller: Caller) -> None:
    """All fields of later stages are null or empty."""
    job = caller.job(caller.create(chat(), suffix="demo", metadata={"team": "nlp"}))
    assert job["id"].startswith("ftjob-")
    assert job["status"] == "validating_files"
    assert job["metadata"] == {"team": "nlp"}
    assert job["user_provided_suffix"] == "demo"
    assert job["seed"] == 7
    assert job["result_files"] == []
    nothing_yet = ("finished_at", "estimated_finish", "fine_tuned_model", "trained_tokens", "error")
    assert [job[name] for name in nothing_yet] == [None] * 5


def test_a_job_goes_through_its_statuses_in_order(caller: Caller) -> None:
    """validating_files, queued, running and succeeded appear once each."""
    identifier = caller.create(chat())
    seen = []
    while "succeeded" not in seen:
        seen.append(caller.job(identifier)["status"])
        caller.emulator.advance(seconds=5)
    assert list(dict.fromkeys(seen)) == ["validating_files", "queued", "running", "succeeded"]
    assert seen == sorted(seen, key=list(dict.fromkeys(seen)).index)


def test_hyperparameters_are_auto_until_the_job_runs(caller: Caller) -> None:
    """ "auto" is shown as requested, and replaced by numbers when the job starts."""
    identifier = caller.create(
        chat(20), method={"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2}}}
    )
    waiting = caller.job(identifier)
    assert waiting["hyperparameters"] == {
        "n_epochs": 2,
        "batch_size": "auto",
        "learning_rate_multiplier": "auto",
    }
    caller.emulator.advance(seconds=70)
    running = caller.job(identifier)
    assert running["status"] == "running"
    assert running["hyperparameters"] == {
        "n_epochs": 2,
        "batch_size": 1,
        "learning_rate_multiplier": 1.8,
    }
    assert running["method"]["supervised"]["hyperparameters"] == running["hyperparameters"]


def test_the_estimated_finish_is_shown_while_running_and_is_right(caller: Caller) -> None:
    """A running job shows its estimated end, and ends then."""
    identifier = caller.create(chat())
    caller.emulator.advance(seconds=70)
    estimate = caller.job(identifier)["estimated_finish"]
    finished = caller.finished(identifier)
    assert finished["finished_at"] == estimate
    assert finished["estimated_finish"] is None


def test_a_finished_job_has_a_model_its_tokens_and_a_result_file(caller: Caller) -> None:
    """The model is named after its base, the organization and the suffix."""
    job = caller.finished(caller.create(chat(), suffix="demo"))
    assert job["status"] == "succeeded"
    assert re.fullmatch(rf"ft:{MODEL}:emulator:demo:[0-9A-Za-z]{{8}}", job["fine_tuned_model"])
    assert job["trained_tokens"] > 0
    assert job["error"] is None
    assert len(job["result_files"]) == 1


def test_the_name_of_a_model_without_a_suffix_has_an_empty_part(caller: Caller) -> None:
    """The name of a model without a suffix has two colons in a row."""
    job = caller.finished(caller.create(chat()))
    assert job["fine_tuned_model"].startswith(f"ft:{MODEL}:emulator::")


def test_events_have_the_hosted_services_messages_in_its_order(caller: Caller) -> None:
    """The messages cover the job from its creation to its completion."""
    method = {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 3}}}
    identifier = caller.create(chat(20), method=method)
    job = caller.finished(identifier)
    events = caller.events(identifier)
    assert messages(events) == [
        f"Created fine-tuning job: {identifier}",
        f"Validating training file: {job['training_file']}",
        "Files validated, moving job to queued state",
        "Fine-tuning job started",
        "Checkpoint created at step 20",
        "Checkpoint created at step 40",
        f"New fine-tuned model created: {job['fine_tuned_model']}",
        "The job has successfully completed",
    ]
    steps = [event for event in events if event["type"] == "metrics"]
    assert [event["data"]["step"] for event in steps] == list(range(1, 61))
    assert all(METRICS.match(event["message"]) for event in steps)
    times = [event["created_at"] for event in events]
    assert times == sorted(times)
    assert len({event["id"] for event in events}) == len(events)


def test_both_files_are_named_when_there_are_two(caller: Caller) -> None:
    """The event about validation names the training file and the validation file."""
    identifier = caller.create(chat(), chat(12))
    job = caller.job(identifier)
    assert caller.events(identifier)[1]["message"] == (
        f"Validating training file: {job['training_file']} and validation file: {job['validation_file']}"
    )


def test_validation_metrics_come_only_with_a_validation_file(caller: Caller) -> None:
    """Every step has them, and the end of an epoch has those of the full file."""
    method = {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2}}}
    plain = caller.create(chat(20), method=method)
    checked = caller.create(chat(20), chat(12), method=method)
    caller.emulator.advance(hours=1)
    for event in caller.events(plain):
        assert not any("valid" in name for name in event["data"])
    steps = [event for event in caller.events(checked) if event["type"] == "metrics"]
    assert all(event["data"]["valid_loss"] > 0 for event in steps)
    whole = [event["data"]["step"] for event in steps if "full_valid_loss" in event["data"]]
    assert whole == [20, 40]
    assert re.search(
        r"training loss=\d\.\d\d, validation loss=\d\.\d\d, full validation loss=\d\.\d\d$",
        steps[-1]["message"],
    )


def test_the_result_file_is_csv_in_base64_with_a_row_for_each_step(caller: Caller) -> None:
    """It has the metrics of the events; cells without validation are empty."""
    identifier = caller.create(chat(20))
    job = caller.finished(identifier)
    (name,) = job["result_files"]
    file = caller.get(f"/files/{name}")
    assert file["purpose"] == "fine-tune-results"
    assert file["created_at"] == job["finished_at"]
    content = caller.call("GET", f"/files/{name}/content").content
    assert len(content) == file["bytes"]
    rows = list(csv.reader(io.StringIO(base64.b64decode(content, validate=True).decode())))
    assert rows[0] == [
        "step",
        "train_loss",
        "train_accuracy",
        "valid_loss",
        "valid_mean_token_accuracy",
    ]
    steps = [event["data"] for event in caller.events(identifier) if event["type"] == "metrics"]
    assert [(int(row[0]), float(row[1]), row[3]) for row in rows[1:]] == [
        (data["step"], data["train_loss"], "") for data in steps
    ]


def test_the_result_file_does_not_exist_before_the_end(caller: Caller) -> None:
    """The list of files does not have it before the end either."""
    identifier = caller.create(chat())
    caller.emulator.advance(seconds=70)
    assert caller.get("/files", purpose="fine-tune-results")["data"] == []
    job = caller.finished(identifier)
    found = caller.get("/files", purpose="fine-tune-results")["data"]
    assert [file["id"] for file in found] == job["result_files"]


def test_each_epoch_leaves_a_checkpoint_and_the_last_is_the_final_model(caller: Caller) -> None:
    """Checkpoints are listed newest first; earlier ones are named after their step."""
    method = {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 3}}}
    identifier = caller.create(chat(20), chat(12), method=method)
    job = caller.finished(identifier)
    page = caller.get(f"/fine_tuning/jobs/{identifier}/checkpoints")
    final = job["fine_tuned_model"]
    assert [checkpoint["fine_tuned_model_checkpoint"] for checkpoint in page["data"]] == [
        final,
        f"{final}:ckpt-step-40",
        f"{final}:ckpt-step-20",
    ]
    assert [checkpoint["step_number"] for checkpoint in page["data"]] == [60, 40, 20]
    assert all(checkpoint["id"].startswith("ftckpt_") for checkpoint in page["data"])
    assert all("full_valid_loss" in checkpoint["metrics"] for checkpoint in page["data"])
    assert page["first_id"] == page["data"][0]["id"]
    assert page["last_id"] == page["data"][-1]["id"]


def test_checkpoints_appear_as_their_epochs_end(caller: Caller) -> None:
    """A running job has a checkpoint for each finished epoch, and each is a model."""
    method = {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2}}}
    identifier = caller.create(chat(60), method=method)
    path = f"/fine_tuning/jobs/{identifier}/checkpoints"
    while not (found := caller.get(path)["data"]):
        caller.emulator.advance(seconds=5)
    assert caller.job(identifier)["status"] == "running"
    assert [checkpoint["step_number"] for checkpoint in found] == [60]
    model = found[0]["fine_tuned_model_checkpoint"]
    assert caller.get(f"/models/{model}")["created"] == found[0]["created_at"]


def test_the_finished_model_is_listed_until_it_is_deleted(caller: Caller) -> None:
    """The list of models has it until then."""
    identifier = caller.create(chat())
    caller.emulator.advance(seconds=70)
    before = {model["id"] for model in caller.get("/models")["data"]}
    name = caller.finished(identifier)["fine_tuned_model"]
    assert name not in before
    assert name in {model["id"] for model in caller.get("/models")["data"]}
    assert caller.ask("DELETE", f"/models/{name}") == {
        "id": name,
        "object": "model",
        "deleted": True,
    }
    assert caller.refused(404, "GET", f"/models/{name}")["code"] == "model_not_found"


def test_a_fine_tuned_model_can_be_trained_further(caller: Caller) -> None:
    """A job can start from an earlier job's model; the new name contains the base model once."""
    first = caller.finished(caller.create(chat()))["fine_tuned_model"]
    second = caller.finished(caller.create(chat(), model=first))
    assert second["model"] == first
    assert second["fine_tuned_model"].startswith(f"ft:{MODEL}:emulator:")


def test_an_alias_becomes_the_dated_model(caller: Caller) -> None:
    """A job created with an alias shows the dated name of the model."""
    assert caller.job(caller.create(chat(), model="gpt-4o-mini"))["model"] == MODEL


@pytest.mark.parametrize("after", [0, 40, 70])
def test_a_cancelled_job_stops_where_it_was(caller: Caller, after: int) -> None:
    """It ends at once without a model, and its last event says so."""
    identifier = caller.create(chat())
    caller.emulator.advance(seconds=after)
    before = caller.events(identifier)
    cancelled = caller.ask("POST", f"/fine_tuning/jobs/{identifier}/cancel")
    assert cancelled["status"] == "cancelled"
    assert cancelled["finished_at"] == cancelled["created_at"] + after
    assert cancelled["fine_tuned_model"] is None
    assert caller.finished(identifier) == cancelled
    events = caller.events(identifier)
    assert events[:-1] == before
    assert events[-1]["message"] == "Fine-tuning job cancelled"
    assert caller.get("/files", purpose="fine-tune-results")["data"] == []


def test_a_pause_shifts_the_rest_of_the_job(caller: Caller) -> None:
    """A pause of an hour delays the end by an hour and changes no metric."""
    plain, paused = caller.create(chat()), caller.create(chat())
    caller.emulator.advance(seconds=70)
    assert caller.ask("POST", f"/fine_tuning/jobs/{paused}/pause")["status"] == "paused"
    caller.emulator.advance(hours=1)
    waiting = caller.job(paused)
    assert (waiting["status"], waiting["estimated_finish"]) == ("paused", None)
    assert caller.ask("POST", f"/fine_tuning/jobs/{paused}/resume")["status"] == "running"
    ended, undisturbed = caller.finished(paused), caller.job(plain)
    assert ended["finished_at"] == undisturbed["finished_at"] + 3600
    losses = [
        [event["data"] for event in caller.events(job) if event["type"] == "metrics"]
        for job in (plain, paused)
    ]
    assert losses[0] == losses[1]
    shown = messages(caller.events(paused))
    assert shown[4:6] == ["Fine-tuning job paused", "Fine-tuning job resumed"]
    assert messages(caller.events(plain))[4:] == [
        message.replace(ended["fine_tuned_model"], undisturbed["fine_tuned_model"]) for message in shown[6:]
    ]


def test_events_seen_before_a_pause_are_the_same_after(caller: Caller) -> None:
    """Pausing and resuming changes no earlier event."""
    identifier = caller.create(chat())
    earlier: list[dict[str, Any]] = []
    for action in ("pause", "resume", "pause", "resume"):
        caller.emulator.advance(seconds=33)
        caller.ask("POST", f"/fine_tuning/jobs/{identifier}/{action}")
        events = caller.events(identifier)
        assert events[: len(earlier)] == earlier
        earlier = events
    caller.emulator.advance(hours=1)
    assert caller.events(identifier)[: len(earlier)] == earlier


@pytest.mark.parametrize(
    ("prepare", "action", "complaint"),
    [
        ([], "resume", "not paused"),
        (["pause"], "pause", "already paused"),
        (["cancel"], "cancel", "already completed"),
        (["cancel"], "pause", "already completed"),
        (["cancel"], "resume", "already completed"),
    ],
)
def test_an_action_is_refused_in_a_status_without_it(
    caller: Caller, prepare: list[str], action: str, complaint: str
) -> None:
    """One example is resuming a job that is not paused."""
    identifier = caller.create(chat())
    path = f"/fine_tuning/jobs/{identifier}"
    for step in prepare:
        caller.ask("POST", f"{path}/{step}")
    before = caller.job(identifier)
    assert complaint in caller.refused(400, "POST", f"{path}/{action}")["message"]
    assert caller.job(identifier) == before


def test_a_finished_job_cannot_be_cancelled(caller: Caller) -> None:
    """A terminal status is final."""
    identifier = caller.create(chat())
    finished = caller.finished(identifier)
    error = caller.refused(400, "POST", f"/fine_tuning/jobs/{identifier}/cancel")
    assert error["message"] == f"Job has already completed: {identifier}"
    assert caller.job(identifier) == finished


def test_the_same_data_and_seed_give_the_same_metrics(caller: Caller) -> None:
    """The metrics depend only on the data and the seed."""
    results = []
    for seed, data in ((7, chat()), (7, chat()), (8, chat()), (7, chat(21))):
        job = caller.finished(caller.create(data, seed=seed))
        results.append(caller.call("GET", f"/files/{job['result_files'][0]}/content").content)
    assert results[0] == results[1]
    assert len(set(results)) == 3


def test_a_preference_job_trains_on_pairs(caller: Caller) -> None:
    """A dpo job has its own hyperparameters, and the deprecated top-level field is null."""
    pair = {
        "input": {"messages": [{"role": "user", "content": "Hello?"}]},
        "preferred_output": [{"role": "assistant", "content": "Hello!"}],
        "non_preferred_output": [{"role": "assistant", "content": "What?"}],
    }
    identifier = caller.create(jsonl([pair] * 12), pair_file(pair), method={"type": "dpo"})
    job = caller.finished(identifier)
    assert job["status"] == "succeeded"
    assert job["hyperparameters"] is None
    assert job["method"]["dpo"]["hyperparameters"]["beta"] == 0.1


def pair_file(pair: dict[str, Any]) -> bytes:
    """Return a validation file of preference pairs."""
    return jsonl([pair] * 10)


def test_a_reinforcement_job_reports_rewards(caller: Caller) -> None:
    """It shows its grader, and reports rewards instead of losses."""
    grader = {
        "type": "string_check",
        "name": "same",
        "input": "{{sample.output_text}}",
        "reference": "{{item.answer}}",
        "operation": "eq",
    }
    prompt = {"messages": [{"role": "user", "content": "2 + 2?"}], "answer": "4"}
    identifier = caller.create(
        jsonl([{**prompt, "number": number} for number in range(30)]),
        model="o4-mini",
        method={"type": "reinforcement", "reinforcement": {"grader": grader}},
    )
    job = caller.finished(identifier)
    assert job["status"] == "succeeded"
    assert job["method"]["reinforcement"]["grader"] == grader
    steps = [event for event in caller.events(identifier) if event["type"] == "metrics"]
    rewards = [event["data"]["train_mean_reward"] for event in steps]
    assert rewards[0] < rewards[-1] <= 1
    assert "training reward=" in steps[0]["message"]


def test_a_completions_model_trains_on_prompts(caller: Caller) -> None:
    """The older models use prompts and completions."""
    data = jsonl([{"prompt": f"{n} ->", "completion": f" {n + 1}"} for n in range(12)])
    job = caller.finished(caller.create(data, model="babbage-002"))
    assert job["status"] == "succeeded"
    assert job["fine_tuned_model"].startswith("ft:babbage-002:")
