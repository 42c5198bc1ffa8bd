"""Progress of a job, from its events: steps, losses, the estimated end."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from finetuning_client import Event, Job

_BLOCKS = "▁▂▃▄▅▆▇█"
_EVENTS_KEPT = 6


class JobProgress:
    """State of a job that is watched.

    Attributes:
        job: its handle, which the watching keeps up to date.
        step, total: the last step, and the number of all; `None` until the first metrics.
        losses: the training loss of each step; for reinforcement the mean reward.
        measure: which of both, `loss` or `reward`.
        valid_loss: the last loss on the validation file.
        events: the newest events.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.step: int | None = None
        self.total: int | None = None
        self.losses: list[float] = []
        self.measure = "loss"
        self.valid_loss: float | None = None
        self.events: deque[Event] = deque(maxlen=_EVENTS_KEPT)
        self._first: tuple[int, datetime] | None = None
        self._last: tuple[int, datetime] | None = None

    def add(self, event: Event) -> None:
        """Take an event into account."""
        self.events.append(event)
        data = event.data
        if data.step is None:
            return
        self.step, self.total = int(data.step), data.total_steps or self.total
        reward = data.to_dict().get("train_mean_reward")
        if data.train_loss is not None:
            self.losses.append(data.train_loss)
        elif isinstance(reward, int | float):
            self.measure = "reward"
            self.losses.append(float(reward))
        for loss in (data.valid_loss, data.full_valid_loss):
            self.valid_loss = self.valid_loss if loss is None else loss
        if event.created_at is not None:
            self._last = (self.step, event.created_at)
            self._first = self._first or self._last

    @property
    def share(self) -> float | None:
        """Share of the steps that are done, 0 to 1; `None` while it is unknown."""
        if self.job.status.outcome == "succeeded":
            return 1.0
        return min(self.step / self.total, 1.0) if self.step is not None and self.total else None

    @property
    def estimated_end(self) -> datetime | None:
        """Estimated end of the job: that of the server, else by the pace of its steps."""
        if self.job.status.is_terminal:
            return None
        if self.job.estimated_finish is not None:
            return self.job.estimated_finish
        if self._first is None or self._last is None or not self.total:
            return None
        steps = self._last[0] - self._first[0]
        if steps <= 0:
            return None
        pace = (self._last[1] - self._first[1]) / steps
        left: timedelta = pace * max(self.total - self._last[0], 0)
        return self._last[1] + left


def sparkline(values: Sequence[float], width: int) -> str:
    """Return the values as a line of blocks of at most `width` characters; each is the mean of its values."""
    if not values:
        return ""
    count = min(width, len(values))
    edges = [len(values) * index // count for index in range(count + 1)]
    means = [sum(values[a:b]) / (b - a) for a, b in pairwise(edges)]
    low, span = min(means), max(means) - min(means)
    top = len(_BLOCKS) - 1
    return "".join(_BLOCKS[round((mean - low) / span * top) if span else 0] for mean in means)
