"""Choosing among the checkpoints of a job."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from ..views import Checkpoint

_LOSSES = ("full_valid_loss", "valid_loss", "train_loss")


def best_of(checkpoints: Iterable[Checkpoint]) -> Checkpoint | None:
    """Return the checkpoint with the lowest loss; of equals, the one of the latest step.

    Losses over the whole validation file are compared where any checkpoint has one, else over a batch of it,
    else over the training file. `None` when there is no checkpoint with a loss.
    """
    found = list(checkpoints)
    for loss in map(attrgetter, _LOSSES):
        measured = [(loss(c.metrics), -(c.step_number or 0), c) for c in found]
        known = [entry for entry in measured if entry[0] is not None]
        if known:
            return min(known, key=lambda entry: entry[:2])[2]
    return None
