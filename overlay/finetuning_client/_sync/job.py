# Generated from _async/job.py by `make generate`; do not edit.
"""A job handle: what the server last said of a job, and the operations on it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from copy import copy, deepcopy
from typing import TYPE_CHECKING, Any, Self

from ..errors import WaitTimeout
from ..event_cursor import EventCursor
from ..job_view import JobView, require_success
from ..plans import waiting
from ..plans.metrics import job_metrics
from ..polling import WaitOptions, WakeEvent, require_callback
from ..results.checkpoints import best_of
from ..settings import Settings
from ..transport.drivers import Driver
from ..views import Checkpoint, Event
from .methods.job_handle import JobMethods

if TYPE_CHECKING:
    from finetuning_api.models.fine_tuning_job import FineTuningJob

    from ..results.metrics import MetricRow


class Job(JobView, JobMethods):
    """A handle on a job; every operation updates it. A copy of any depth shares the client."""

    __slots__ = ("_cursor", "_driver", "_settings")

    def __init__(self, driver: Driver, settings: Settings, data: FineTuningJob) -> None:
        super().__init__(data)
        self._driver = driver
        self._settings = settings
        self._cursor: EventCursor | None = None

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return copy(self)._adopt(deepcopy(self._data, memo))  # noqa: SLF001  of its own class

    @property
    def cursor(self) -> EventCursor | None:
        """The place after the last event that `follow` returned; save `str(job.cursor)` to go on later."""
        return self._cursor

    def best_checkpoint(self) -> Checkpoint | None:
        """Return the checkpoint with the lowest loss, over the whole validation file where that was measured.

        `None` where the job has no checkpoint with a loss. Without validation data the loss is that of one
        training batch, which is noisy.
        """
        checkpoints = []
        for checkpoint in self.list_checkpoints():
            checkpoints.append(checkpoint)  # noqa: PERF401  reads the same without await
        return best_of(checkpoints)

    def wait(
        self,
        timeout: float | None = None,
        poll_interval: float | None = None,
        *,
        check: bool = True,
        on_update: Callable[[Self], object] | None = None,
        patience: float = 30.0,
        notified: WakeEvent | None = None,
    ) -> Self:
        """Wait until the job has ended, update this handle, and return it.

        Args:
            timeout: seconds to wait at most; `None` waits without limit.
            poll_interval: seconds between reads of the job; `None` reads often at first, then less.
            check: whether a job that did not succeed raises; otherwise look at `status`.
            on_update: called with this handle after each read.
            patience: seconds for which reads may fail in a row (a lost connection, a failing server) before
                the failure is raised.
            notified: an event that ends a pause early when it is set, and is cleared then, such as an
                `threading.Event` that a webhook's handler sets.

        Raises `JobFailed`, `JobCancelled`, or `WaitTimeout`, after which the job is still running.
        """
        options = WaitOptions.of(timeout, poll_interval, patience, notified)
        plan = waiting.wait(self.id, self._settings, options, self._updater(on_update))
        try:
            self._adopt(self._driver.run(plan))
        except WaitTimeout as error:
            error.job = self
            raise
        return require_success(self) if check else self

    def follow(
        self,
        timeout: float | None = None,
        poll_interval: float | None = None,
        *,
        after: EventCursor | str | None = None,
        on_update: Callable[[Self], object] | None = None,
        patience: float = 30.0,
        notified: WakeEvent | None = None,
    ) -> Generator[Event, None, None]:
        """Return the job's events as they come, oldest first, each once, to the last one after its end.

        The iteration ends however the job ends; look at `status` then, or call `wait()`.

        Args:
            timeout: seconds to follow at most; `None` follows to the end.
            poll_interval: as for `wait`.
            after: where to begin: `cursor` of an earlier handle, its saved form, or the id of an event.
            on_update: as for `wait`.
            patience: as for `wait`.
            notified: as for `wait`.

        Raises `WaitTimeout`.
        """
        plan = waiting.follow(
            self.id,
            self._settings,
            WaitOptions.of(timeout, poll_interval, patience, notified),
            after=EventCursor.event_after(self.id, after),
            on_update=self._updater(on_update),
        )
        return self._following(self._driver.stream(plan))

    def metrics(self) -> list[MetricRow]:
        """Return what was measured at each step: from the result file, else from the events so far.

        Raises `InvalidResponse` for a result file of an unknown form.
        """
        return self._driver.run(job_metrics(self._data, self._settings))

    def _following(self, events: Generator[Any, None, None]) -> Generator[Event, None, None]:
        try:
            with closing(events):
                for data in events:
                    yield self._passed(Event(data))
        except WaitTimeout as error:
            error.job = self
            raise

    def _passed(self, event: Event) -> Event:
        """Move the cursor behind an event, and return the event."""
        self._cursor = EventCursor(self.id, event.id)
        return event

    def _updater(self, on_update: Callable[[Self], object] | None) -> Callable[[FineTuningJob], object]:
        """Return what a plan calls with each reading of the job."""
        require_callback("on_update", on_update)

        def update(data: FineTuningJob) -> None:
            self._adopt(data)
            if on_update is not None:
                on_update(self)

        return update
