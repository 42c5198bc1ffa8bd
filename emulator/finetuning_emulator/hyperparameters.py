"""The hyperparameters that a job runs with: those asked for, and numbers where it said "auto"."""

from __future__ import annotations

import msgspec

from finetuning_emulator.dataset import Dataset
from finetuning_emulator.requests import JobRequest

__all__ = ["Hyperparameters", "resolve"]

_TARGET_EPOCHS = 3
_FEWEST_VIEWS = 100
_MOST_VIEWS = 25_000
_LARGEST_BATCH = 256
_CHAT_RATE = 1.8
_COMPLETIONS_RATE = 0.1
_BETA = 0.1


class Hyperparameters(msgspec.Struct, frozen=True, omit_defaults=True):
    """Resolved numbers; the last four are those of preference and reinforcement jobs."""

    n_epochs: int
    batch_size: int
    learning_rate_multiplier: float
    beta: float | None = None
    compute_multiplier: float | None = None
    eval_interval: int | None = None
    eval_samples: int | None = None


def resolve(request: JobRequest, data: Dataset, *, completions: bool) -> Hyperparameters:
    """Replace every "auto", and every hyperparameter left out, as the hosted service does.

    Few examples are seen more often and many less, around three epochs; a batch is about a
    five-hundredth of the data.
    """
    asked = request.asked()
    numbers: dict[str, int | float] = {
        "n_epochs": _epochs(data.examples),
        "batch_size": min(_LARGEST_BATCH, max(1, data.examples // 500)),
        "learning_rate_multiplier": _COMPLETIONS_RATE if completions else _CHAT_RATE,
    }
    if request.kind == "dpo":
        numbers["beta"] = _BETA
    if request.kind == "reinforcement":
        numbers |= {"compute_multiplier": 1.0, "eval_interval": 5, "eval_samples": 1}
    numbers |= {k: v for k, v in asked.items() if k in numbers and not isinstance(v, str)}
    return msgspec.convert(numbers, Hyperparameters)


def _epochs(examples: int) -> int:
    if examples * _TARGET_EPOCHS < _FEWEST_VIEWS:
        return min(25, max(1, _FEWEST_VIEWS // examples))
    if examples * _TARGET_EPOCHS > _MOST_VIEWS:
        return max(1, _MOST_VIEWS // examples)
    return _TARGET_EPOCHS
