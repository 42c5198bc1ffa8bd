"""What each method's jobs measure, seen from outside; and what training too long looks like."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import MODEL, Caller, chat, jsonl

PAIR = {
    "input": {"messages": [{"role": "user", "content": "?"}]},
    "preferred_output": [{"role": "assistant", "content": "yes"}],
    "non_preferred_output": [{"role": "assistant", "content": "no"}],
}
QUESTION = {"messages": [{"role": "user", "content": "?"}], "answer": "yes"}
GRADER = {
    "type": "string_check",
    "name": "right",
    "input": "{{sample.output_text}}",
    "reference": "{{item.answer}}",
    "operation": "eq",
}


def measured(caller: Caller, identifier: str) -> list[dict[str, Any]]:
    """The data of all steps of a job that is finished, oldest first."""
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
def test_each_method_has_its_own_measures(
    caller: Caller, method: dict[str, Any], example: dict[str, Any] | None, measures: set[str]
) -> None:
    """Those of validation come only with a validation file, the full ones when an epoch ends."""
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


def test_preferences_grow_as_their_loss_falls(caller: Caller) -> None:
    """The margin is the one that the loss is the logistic loss of: 0 at the logarithm of 2."""
    steps = measured(caller, caller.create(jsonl([PAIR] * 40), method={"type": "dpo"}))
    assert abs(steps[0]["train_reward_margin"]) < 0.5
    assert steps[-1]["train_reward_margin"] > 0.5
    for step in steps:
        assert (step["train_loss"] < 0.6931) == (step["train_reward_margin"] > 0)


def test_training_too_long_on_few_data_shows(caller: Caller) -> None:
    """The best checkpoint is not the last: training loss falls on, validation loss turns."""
    settings = {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 20}}}
    identifier = caller.create(chat(20), chat(12), method=settings)
    steps = measured(caller, identifier)
    ends = [step for step in steps if "full_valid_loss" in step]
    losses = [step["full_valid_loss"] for step in ends]
    best = losses.index(min(losses))
    assert 0 < best < 15
    assert losses[-1] > 1.2 * min(losses)
    assert ends[-1]["train_loss"] < ends[best]["train_loss"]


def test_enough_epochs_do_no_harm(caller: Caller) -> None:
    """What "auto" chooses does not overfit."""
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
    """At once, with both names; also for models that were fine-tuned from it."""
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
    """And no others."""
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
def test_a_grader_of_a_field_that_no_row_has_fails_the_job(caller: Caller, grader: dict[str, Any]) -> None:
    """The error names the placeholder."""
    method = {"type": "reinforcement", "reinforcement": {"grader": grader}}
    rows = [{**QUESTION, "tags": ["a"], "text": "t"}] * 20
    error = caller.finished(caller.create(jsonl(rows), model="o4-mini", method=method))["error"]
    assert (error["code"], error["param"]) == ("invalid_grader", "method.reinforcement.grader")
    assert "{{item." in error["message"]


def test_a_grader_of_a_field_that_some_rows_have_is_no_mistake(caller: Caller) -> None:
    """The first row need not be one of them."""
    method = {"type": "reinforcement", "reinforcement": {"grader": GRADER}}
    rows = [{"messages": QUESTION["messages"]}] * 19 + [QUESTION]
    assert (
        caller.finished(caller.create(jsonl(rows), model="o4-mini", method=method))["status"] == "succeeded"
    )


def test_settings_of_another_method_are_not_those_of_the_job(caller: Caller) -> None:
    """A grader beside a supervised method neither runs nor appears."""
    method = {"type": "supervised", "reinforcement": {"grader": {"type": "magic"}}}
    job = caller.job(caller.create(chat(), method=method))
    assert job["method"].keys() == {"type", "supervised"}
    assert job["method"]["supervised"].keys() == {"hyperparameters"}


@pytest.mark.parametrize(
    ("suffix", "written"),
    [("triage", "triage"), ("My Model_2", "my-model-2"), (" Büro!", "b-ro"), ("日本", ""), ("A--B", "a-b")],
)
def test_a_suffix_is_written_in_lower_case_with_dashes(caller: Caller, suffix: str, written: str) -> None:
    """In the model's name; the job keeps it as it was given."""
    job = caller.finished(caller.create(chat(), suffix=suffix))
    assert job["user_provided_suffix"] == suffix
    assert job["fine_tuned_model"].split(":")[3] == written
    assert caller.get(f"/models/{job['fine_tuned_model']}")["id"] == job["fine_tuned_model"]
