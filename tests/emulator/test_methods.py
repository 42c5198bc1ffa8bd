"""The metrics of each method, and of training for too many epochs."""

from __future__ import annotations

from typing import Any

import pytest

from ..training_files import GRADER
from .conftest import MODEL, Caller, chat, jsonl

PAIR = {
    "input": {"messages": [{"role": "user", "content": "?"}]},
    "preferred_output": [{"role": "assistant", "content": "yes"}],
    "non_preferred_output": [{"role": "assistant", "content": "no"}],
}
QUESTION = {"messages": [{"role": "user", "content": "?"}], "answer": "yes"}


def measured(caller: Caller, identifier: str) -> list[dict[str, Any]]:
    """Return the data of all steps of a finished job, oldest first."""
    assert caller.finished(identifier)["status"] == "succeeded"
    return [event["data"] for event in caller.events(identifier) if event["type"] == "metrics"]


@pytest.mark.parametrize(
    ("method", "example", "measures"),
    [
        ({"type": "supervised"}, None, {"loss", "mean_token_accuracy"}),
        ({"type": "dpo"}, PAIR, {"loss", "reward_accuracy", "reward_margin"}),
        (
            {"type": "reinforcement", "reinforcement": {"grader": GRADER}},
            QUESTION,
            {"mean_reward", "accuracy"},
        ),
    ],
)
def test_each_method_has_its_own_metrics(
    caller: Caller, method: dict[str, Any], example: dict[str, Any] | None, measures: set[str]
) -> None:
    """Validation metrics need a validation file; those of the full file come at the end of an epoch."""
    data = chat() if example is None else jsonl([example] * 20)
    fields: dict[str, Any] = {
        "method": method,
        "model": "o4-mini" if method["type"] == "reinforcement" else MODEL,
    }
    alone = measured(caller, caller.create(data, **fields))
    train = {f"train_{name}" for name in measures}
    assert all(found.keys() == {"step", "total_steps"} | train for found in alone)
    held_out = measured(caller, caller.create(data, data, **fields))
    valid = {f"valid_{name}" for name in measures}
    full = {f"full_valid_{name}" for name in measures}
    assert held_out[0].keys() == {"step", "total_steps"} | train | valid
    assert held_out[19].keys() == {"step", "total_steps"} | train | valid | full


def test_the_reward_margin_grows_as_the_preference_loss_falls(caller: Caller) -> None:
    """The loss is the logistic loss of the margin: log 2 for 0."""
    steps = measured(caller, caller.create(jsonl([PAIR] * 40), method={"type": "dpo"}))
    assert abs(steps[0]["train_reward_margin"]) < 0.5
    assert steps[-1]["train_reward_margin"] > 0.5
    for step in steps:
        assert (step["train_loss"] < 0.6931) == (step["train_reward_margin"] > 0)


def test_too_many_epochs_on_little_data_overfit(caller: Caller) -> None:
    """The best checkpoint is not the last, because the validation loss rises again."""
    settings = {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 20}}}
    identifier = caller.create(chat(20), chat(12), method=settings)
    steps = measured(caller, identifier)
    ends = [step for step in steps if "full_valid_loss" in step]
    losses = [step["full_valid_loss"] for step in ends]
    best = losses.index(min(losses))
    assert 0 < best < 15
    assert losses[-1] > 1.2 * min(losses)
    assert ends[-1]["train_loss"] < ends[best]["train_loss"]


def test_auto_epochs_do_not_overfit(caller: Caller) -> None:
    """The validation loss falls until the end."""
    steps = measured(caller, caller.create(chat(200), chat(20)))
    losses = [step["full_valid_loss"] for step in steps if "full_valid_loss" in step]
    assert losses == sorted(losses, reverse=True)


@pytest.mark.parametrize(
    ("model", "method"),
    [
        ("gpt-4o-mini", "reinforcement"),
        ("babbage-002", "reinforcement"),
        ("o4-mini", "dpo"),
        ("davinci-002", "dpo"),
    ],
)
def test_a_method_that_the_model_does_not_support_is_refused(caller: Caller, model: str, method: str) -> None:
    """Creation is refused with a message that names the method and the model."""
    settings: dict[str, Any] = {
        "type": method,
        method: {"grader": GRADER} if method == "reinforcement" else {},
    }
    body = {"model": model, "training_file": caller.upload(chat()), "method": settings}
    error = caller.refused(400, "POST", "/fine_tuning/jobs", json=body)
    assert (error["param"], error["code"]) == ("method.type", "unsupported_method")
    assert method in error["message"]
    assert model in error["message"]


def test_a_fine_tuned_model_supports_the_methods_of_its_base(caller: Caller) -> None:
    """It supports no other methods."""
    tuned = caller.finished(caller.create(chat()))["fine_tuned_model"]
    assert caller.finished(caller.create(jsonl([PAIR] * 20), model=tuned, method={"type": "dpo"}))
    body = {
        "model": tuned,
        "training_file": caller.upload(chat()),
        "method": {"type": "reinforcement", "reinforcement": {"grader": GRADER}},
    }
    assert caller.refused(400, "POST", "/fine_tuning/jobs", json=body)["code"] == "unsupported_method"


@pytest.mark.parametrize(
    "grader",
    [
        {**GRADER, "reference": "{{item.awnser}}"},
        {**GRADER, "reference": "{{ item.tags[3] }}"},
        {
            "type": "multi",
            "name": "all",
            "graders": {"one": GRADER, "two": {**GRADER, "input": "{{item.text.more}}"}},
            "calculate_output": "one + two",
        },
    ],
)
def test_a_grader_that_reads_a_field_that_no_row_has_fails_the_job(
    caller: Caller, grader: dict[str, Any]
) -> None:
    """The error names the placeholder."""
    method = {"type": "reinforcement", "reinforcement": {"grader": grader}}
    rows = [{**QUESTION, "tags": ["a"], "text": "t"}] * 20
    error = caller.finished(caller.create(jsonl(rows), model="o4-mini", method=method))["error"]
    assert (error["code"], error["param"]) == ("invalid_grader", "method.reinforcement.grader")
    assert "{{item." in error["message"]


def test_a_row_without_a_field_that_the_grader_reads_fails_the_job(caller: Caller) -> None:
    """The error names the row, since other rows have the field."""
    method = {"type": "reinforcement", "reinforcement": {"grader": GRADER}}
    rows = [QUESTION] * 17 + [{"messages": QUESTION["messages"]}] * 3
    error = caller.finished(caller.create(jsonl(rows), model="o4-mini", method=method))["error"]
    assert (error["code"], error["param"]) == ("invalid_training_file", "training_file")
    assert "Example 18 Missing key 'answer'" in error["message"]


@pytest.mark.parametrize("answer", [None, {"text": "yes"}, ["yes"]], ids=["null", "object", "list"])
def test_a_value_that_the_grader_cannot_compare_fails_the_job(caller: Caller, answer: Any) -> None:
    """A placeholder alone needs a text; within other text, any value except null is accepted."""
    rows = [QUESTION] * 11 + [{**QUESTION, "answer": answer}]
    method = {"type": "reinforcement", "reinforcement": {"grader": GRADER}}
    error = caller.finished(caller.create(jsonl(rows), model="o4-mini", method=method))["error"]
    assert error["code"] == "invalid_training_file"
    assert "Example 12, answer Input should be a string" in error["message"]
    worded = {**GRADER, "reference": "one of {{item.answer}}"}
    method = {"type": "reinforcement", "reinforcement": {"grader": worded}}
    status = caller.finished(caller.create(jsonl(rows), model="o4-mini", method=method))["status"]
    assert status == ("failed" if answer is None else "succeeded")


def test_settings_of_another_method_are_ignored(caller: Caller) -> None:
    """A grader in a supervised job is neither checked nor shown."""
    method = {"type": "supervised", "reinforcement": {"grader": {"type": "magic"}}}
    job = caller.job(caller.create(chat(), method=method))
    assert job["method"].keys() == {"type", "supervised"}
    assert job["method"]["supervised"].keys() == {"hyperparameters"}


@pytest.mark.parametrize(
    ("suffix", "written"),
    [("triage", "triage"), ("My Model_2", "my-model-2"), (" Büro!", "b-ro"), ("日本", ""), ("A--B", "a-b")],
)
def test_a_suffix_is_written_in_lower_case_with_dashes(caller: Caller, suffix: str, written: str) -> None:
    """The model's name has this form; the job shows the suffix unchanged."""
    job = caller.finished(caller.create(chat(), suffix=suffix))
    assert job["user_provided_suffix"] == suffix
    assert job["fine_tuned_model"].split(":")[3] == written
    assert caller.get(f"/models/{job['fine_tuned_model']}")["id"] == job["fine_tuned_model"]
