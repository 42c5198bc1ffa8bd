"""A job and its results, as plain data: the input for signs, reports and comparisons.

Live, asynchronous and archived jobs are read into the same form.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from ..views import Checkpoint, Event
from .checkpoints import best_of
from .signs import Sign, find_signs
from .table import Metrics

if TYPE_CHECKING:
    from ..views import JobView


class Snapshot(Struct, frozen=True, kw_only=True):
    """A job with everything known about it at one point in time. It needs no client, and can be pickled.

    Attributes:
        job: the job.
        metrics: its metrics.
        events: its events, oldest first.
        checkpoints: its checkpoints, in step order.
        data: for each of its data files, facts by name; `not counted` says why one could not be read.
        taken_at: when it was read, in UTC; `None` if that is not known.
    """

    job: JobView
    metrics: Metrics
    events: Sequence[Event] = ()
    checkpoints: Sequence[Checkpoint] = ()
    data: Mapping[str, Mapping[str, Any]] = {}
    taken_at: datetime | None = None

    @classmethod
    def of(
        cls,
        job: JobView,
        *,
        metrics: Metrics,
        events: Iterable[Event] = (),
        checkpoints: Iterable[Checkpoint] = (),
        data: Mapping[str, Mapping[str, Any]] | None = None,
        taken_at: datetime | None = None,
    ) -> Snapshot:
        """Return the snapshot of a job whose events and checkpoints may come in any order."""
        return cls(
            job=job,
            metrics=metrics,
            events=_oldest_first(list(events)),
            checkpoints=sorted(checkpoints, key=lambda checkpoint: checkpoint.step_number or 0),
            data=data or {},
            taken_at=taken_at,
        )

    @property
    def best(self) -> Checkpoint | None:
        """The best checkpoint, as `job.best_checkpoint()` chooses it."""
        return best_of(self.checkpoints)

    @property
    def signs(self) -> list[Sign]:
        """The signs of problems in the training."""
        return find_signs(self.metrics, epochs=self.epochs, has_ended=self.job.status.is_terminal)

    @property
    def epochs(self) -> float | None:
        """The number of epochs, if the server gives one."""
        for settings in (self.job.method, self.job.hyperparameters):
            epochs = getattr(settings, "n_epochs", None)
            if isinstance(epochs, int | float) and not isinstance(epochs, bool) and epochs > 0:
                return float(epochs)
        return None


def _oldest_first(events: list[Event]) -> list[Event]:
    """Return events that a server listed in either order, oldest first; newest first is assumed."""
    known = (event.created_at for event in events)
    known_from_the_end = (event.created_at for event in reversed(events))
    first, last = (next(filter(None, times), None) for times in (known, known_from_the_end))
    return events if first and last and first < last else events[::-1]
