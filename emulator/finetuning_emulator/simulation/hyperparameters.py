"""The hyperparameters that a job trains with: the requested numbers, and numbers in place of "auto"."""

from __future__ import annotations

import msgspec

from finetuning_emulator.simulation.dataset import Dataset
from finetuning_emulator.simulation.job_request import JobRequest

__all__ = ["Hyperparameters", "resolve_auto"]

_DEFAULT_EPOCHS = 3
_MIN_EXAMPLES_SEEN = 100
_MAX_EXAMPLES_SEEN = 25_000
_MAX_EPOCHS = 25
_MAX_BATCH_SIZE = 256
_CHAT_RATE_MULTIPLIER = 1.8
_COMPLETIONS_RATE_MULTIPLIER = 0.1
_BETA = 0.1


class Hyperparameters(msgspec.Struct, frozen=True, omit_defaults=True):
    """Resolved numbers; the last four belong to preference and reinforcement jobs."""

    n_epochs: int
    batch_size: int
    learning_rate_multiplier: float
    beta: float | None = None
    compute_multiplier: float | None = None
    eval_interval: int | None = None
    eval_samples: int | None = None


def resolve_auto(request: JobRequest, data: Dataset, *, completions: bool) -> Hyperparameters:
    """Return the hyperparameters with a number for every "auto", chosen as the hosted service does.

    The number of epochs is about three, more for small files and fewer for large ones; a batch is about a
    five-hundredth of the examples.
    """
    requested = request.requested_hyperparameters()
    numbers: dict[str, int | float] = {
        "n_epochs": _epochs(data.examples),
        "batch_size": min(_MAX_BATCH_SIZE, max(1, data.examples // 500)),
        "learning_rate_multiplier": _COMPLETIONS_RATE_MULTIPLIER if completions else _CHAT_RATE_MULTIPLIER,
    }
    if request.kind == "dpo":
        numbers["beta"] = _BETA
    if request.kind == "reinforcement":
        numbers |= {"compute_multiplier": 1.0, "eval_interval": 5, "eval_samples": 1}
    numbers |= {k: v for k, v in requested.items() if k in numbers and not isinstance(v, str)}
    return msgspec.convert(numbers, Hyperparameters)


def _epochs(examples: int) -> int:
    if examples * _DEFAULT_EPOCHS < _MIN_EXAMPLES_SEEN:
        return min(_MAX_EPOCHS, max(1, _MIN_EXAMPLES_SEEN // examples))
    if examples * _DEFAULT_EPOCHS > _MAX_EXAMPLES_SEEN:
        return max(1, _MAX_EXAMPLES_SEEN // examples)
    return _DEFAULT_EPOCHS
