"""Choosing among the checkpoints of a job."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import InvalidRequestError
from ..views import Checkpoint
from .metrics import COLUMNS, column_of, number

_WIDEST_FIRST = ("full_valid", "valid", "train")
# Reinforcement training has rewards; its losses mean little.
_USUAL = [f"{part}_{name}" for name in ("mean_reward", "loss") for part in _WIDEST_FIRST]


def best_of(checkpoints: Iterable[Checkpoint], by: str | None = None) -> Checkpoint | None:
    """Return the checkpoint with the lowest loss or the highest reward; on a tie, that of the latest step.

    Args:
        checkpoints: the checkpoints.
        by: a metric, such as `valid_loss` or `mean_reward`. Without a prefix, or for `None`, the metric over
            the whole validation file is used if any checkpoint has it, else over a batch of it, else over the
            training batch. `None` means the mean reward if there is one, else the loss.

    Returns `None` when there is no checkpoint with the metric. Raises `InvalidRequestError` for a metric that
    is not known.
    """
    names = _USUAL if by is None else _named(by)
    found = [(checkpoint, measured(checkpoint)) for checkpoint in checkpoints]
    for name in names:
        sign = 1 if _is_loss(name) else -1
        known = [(sign * m[name], -(c.step_number or 0), c) for c, m in found if name in m]
        if known:
            return min(known, key=lambda entry: entry[:2])[2]
    return None


def measured(checkpoint: Checkpoint) -> dict[str, float]:
    """Return the metrics of a checkpoint, by column."""
    found: dict[str, float] = {}
    for name, value in checkpoint.metrics.to_dict().items():
        amount = None if isinstance(value, str) else number(value)
        if amount is not None and name != "step":
            found.setdefault(column_of(name), amount)
    return found


def _is_loss(name: str) -> bool:
    """Return whether lower values of a metric are better."""
    return name.endswith("loss")


def _named(by: object) -> list[str]:
    """Return the columns that `by` may mean, in order of preference."""
    if isinstance(by, str):
        names = [column_of(f"{part}_{by}") for part in _WIDEST_FIRST]
        if column_of(by) in COLUMNS and by not in {"reward_accuracy", "reward_margin", "mean_reward"}:
            return [column_of(by)]
        if any(name in COLUMNS for name in names):
            return names
    rule = "a loss, reward, accuracy or margin, such as 'valid_loss' or 'mean_reward'"
    raise InvalidRequestError.of("by", rule, by)
