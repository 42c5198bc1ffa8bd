"""The names of a method's metrics, in events, checkpoints and the result file."""

from __future__ import annotations

import math

from finetuning_emulator.simulation.learning_curves import Metrics

__all__ = ["message_name", "named_metrics", "result_columns"]

# The main metric of each method, and its accuracy.
_NAMES = {
    "supervised": ("loss", "mean_token_accuracy"),
    "dpo": ("loss", "reward_accuracy"),
    "reinforcement": ("mean_reward", "accuracy"),
}


def named_metrics(kind: str, metrics: Metrics) -> dict[str, float | None]:
    """Return the metrics of a step by name, such as `train_loss`; those not measured are left out."""
    value, accuracy = _NAMES[kind]
    measured = (
        ("train", metrics.train, metrics.train_accuracy),
        ("valid", metrics.valid, metrics.valid_accuracy),
        ("full_valid", metrics.full_valid, metrics.full_valid_accuracy),
    )
    named: dict[str, float | None] = {}
    for prefix, first, second in measured:
        if first is not None:
            named |= {f"{prefix}_{value}": first, f"{prefix}_{accuracy}": second}
            if kind == "dpo":
                named[f"{prefix}_reward_margin"] = _margin(first)
    return named


def message_name(kind: str) -> str:
    """Return the name of the main metric in an event's message."""
    return "reward" if kind == "reinforcement" else "loss"


def result_columns(kind: str) -> str:
    """Return the header line of the result file."""
    if kind == "reinforcement":
        return "step,train_mean_reward,train_accuracy,valid_mean_reward,valid_accuracy"
    return "step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy"


def _margin(loss: float) -> float:
    """Return the reward margin whose logistic loss, -log(sigmoid(margin)), is this loss."""
    return round(-math.log(math.expm1(max(loss, 1e-6))), 5)
