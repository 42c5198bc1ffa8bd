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
