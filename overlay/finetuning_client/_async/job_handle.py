"""Handle of a job: its last known state, and its operations."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from copy import copy, deepcopy
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from ..arguments import require_callback
from ..errors import WaitTimeout
from ..event_cursor import EventCursor
from ..holders import HoldsClient, made_by
from ..operation_settings import Settings
from ..polling import WaitOptions, WakeEvent
from ..transport.drivers import AsyncDriver
from ..views import Checkpoint, Event, JobFields
from ..views.job import JobView, require_success
from .methods_of_job_handle import AsyncJobMethods

if TYPE_CHECKING:
    from typing import Unpack

    from finetuning_api.models.fine_tuning_job import FineTuningJob

    from ..plans.job_template import JobChanges
    from ..plans.responses import JsonObject
    from ..results.signs import Sign
    from ..results.snapshot import Snapshot
    from ..results.table import Metrics


@made_by("client.jobs")
class AsyncJob(HoldsClient, JobView, AsyncJobMethods):
    """Handle of a job, updated by each call that reads or changes the job. Copies share the client."""

    __slots__ = ("_chosen", "_cursor", "_driver", "_settings")

    _instead = "pickle job.id (to pass to client.jobs.retrieve) or job.snapshot()"

    def __init__(self, driver: AsyncDriver, settings: Settings, data: JsonObject | FineTuningJob) -> None:
        super().__init__(data, settings.statuses)
        self._driver = driver
        self._settings = settings
        self._cursor: EventCursor | None = None
        self._chosen: frozenset[str] = frozenset()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return copy(self)._adopt(deepcopy(self._data, memo))  # noqa: SLF001  of its own class

    @property
    def chosen_by_service(self) -> frozenset[str]:
        """Names of the hyperparameters that this handle has seen as `auto`, which the service chooses."""
        from ..plans.job_template import auto_settings

        return self._chosen | auto_settings(self.to_dict())

    @property
    def cursor(self) -> EventCursor | None:
        """Position after the last event that `follow` yielded; save `str(job.cursor)` to resume later."""
        return self._cursor

    async def best_checkpoint(self, by: str | None = None) -> Checkpoint | None:
        """Return the checkpoint with the highest mean reward or the lowest loss.

        Args:
            by: another metric to compare, such as `valid_loss` or `reward_accuracy`; losses are better when
                lower, all others when higher. Without a `full_valid_`, `valid_` or `train_` prefix, and for
                `None`, the metric over the whole validation file is used if there is one, else over a batch
                of it, else over one training batch, which is noisy.

        Returns `None` if no checkpoint has the metric. Raises `InvalidRequestError` for an unknown metric.
        """
        from ..results.checkpoints import best_of

        checkpoints = []
        async for checkpoint in self.list_checkpoints():
            checkpoints.append(checkpoint)  # noqa: PERF401  reads the same without await
        return best_of(checkpoints, by)

    async def snapshot(self, *, data: bool = True) -> Snapshot:
        """Return the job, its metrics, events and checkpoints as they are now, as picklable data.

        Args:
            data: whether to add facts about the job's data files, with statistics of those up to 32 MB.

        Raises `ApiError`, `ConnectionFailed` or `InvalidResponse`.
        """
        from ..plans.snapshot import take_snapshot

        known = JobView(self._data, self._settings.statuses)
        plan = take_snapshot(known, self._settings, updater({self.id: self}, None), data=data)
        return await self._driver.run(plan)

    async def signs(self) -> Sequence[Sign]:
        """Return the signs of problems in the training, the most serious first; empty if it looks healthy.

        Known signs are overfitting, divergence, too few epochs, a plateau, and a gamed reward. Each
        has a `code`, a `text`, the `numbers` behind it, and `advice` on what to try next.

        Raises `ApiError`, `ConnectionFailed` or `InvalidResponse`.
        """
        return (await self.snapshot(data=False)).signs

    async def report(self, path: str | Path, *, data: bool = True) -> Path:
        """Write a page about the job: its curves, checkpoints, configuration, data, cost, signs and events.

        Args:
            path: an HTML file, written completely or not at all. It loads no other resources.
            data: whether to add facts about the job's data files, with statistics of those up to 32 MB.

        Returns the path. Raises `InvalidRequestError` if the file cannot be written, `ApiError`,
        `ConnectionFailed` or `InvalidResponse`.
        """
        from ..plans.effects import work
        from ..results.report import write_report

        snapshot = await self.snapshot(data=data)
        return await self._driver.run(work(partial(write_report, snapshot, path)))

    async def clone(self, **changes: Unpack[JobChanges]) -> AsyncJob:
        """Create a job like this one that differs only in the given arguments; return its handle.

        Args:
            changes: arguments of `client.jobs.create`, such as `method=Supervised(n_epochs=2)`; `None` leaves
                out a value that this job has.

        A number that the service chose for `auto` is chosen again if this handle read the field while it was
        still `auto`.
        Raises what `client.jobs.create` raises.
        """
        from ..plans import job_creation

        if "like" in changes:
            raise TypeError("clone() has no argument 'like': call clone() on the job to repeat")
        plan = job_creation.create(self._settings, like=self, **changes)
        return AsyncJob(self._driver, self._settings, await self._driver.run(plan))

    async def wait(
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
            timeout: maximum number of seconds to wait; `None` for no limit.
            poll_interval: seconds between reads of the job; `None` to read often at first and less often
                later.
            check: if true, a job that did not succeed raises; if false, read `status`.
            on_update: called with this handle after each read.
            patience: seconds for which reads may keep failing (a lost connection, a failing server) before
                the failure is raised.
            notified: an event, such as a webhook handler's `asyncio.Event`. Setting it ends a pause early; it
                is then cleared.

        Raises `JobFailed`, `JobCancelled`, or `WaitTimeout`, in which case the job is still running.
        """
        from ..plans import waiting

        options = WaitOptions.of(timeout, poll_interval, patience, notified)
        plan = waiting.wait(self.id, self._settings, options, updater({self.id: self}, on_update))
        try:
            await self._driver.run(plan)
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
    ) -> AsyncGenerator[Event, None]:
        """Yield the job's events as they are published, each once, oldest first, until it has ended.

        Events published after the job has ended are included. A failed job does not raise: read `status`, or
        call `wait()`.

        Args:
            timeout: maximum number of seconds to follow; `None` to follow to the end.
            poll_interval: as for `wait`.
            after: event to start after: `cursor` of an earlier handle, a saved cursor, or the event's id.
            on_update: as for `wait`.
            patience: as for `wait`.
            notified: as for `wait`.

        Raises `WaitTimeout`.
        """
        from ..plans import waiting

        plan = waiting.follow(
            self.id,
            self._settings,
            WaitOptions.of(timeout, poll_interval, patience, notified),
            after=EventCursor.event_after(self.id, after),
            on_update=updater({self.id: self}, on_update),
        )
        return self._following(self._driver.stream(plan))

    async def metrics(self) -> Metrics:
        """Return the metrics of each step, in the same form whether from the result file or from events.

        Raises `InvalidResponse` for a result file in an unknown encoding.
        """
        from ..plans.metrics import job_metrics

        return await self._driver.run(job_metrics(self, self._settings))

    async def _following(self, events: AsyncGenerator[Any, None]) -> AsyncGenerator[Event, None]:
        try:
            async with aclosing(events):
                async for identity, data in events:
                    yield self._passed(identity, Event(data))
        except WaitTimeout as error:
            error.job = self
            raise

    def _adopt(self, data: Any) -> Self:
        self._chosen = self.chosen_by_service
        return super()._adopt(data)

    def _passed(self, identity: str, event: Event) -> Event:
        """Move the cursor after an event, and return the event."""
        self._cursor = EventCursor(self.id, identity)
        return event


def updater(
    handles: Mapping[str, AsyncJob], on_update: Callable[[Any], object] | None
) -> Callable[[JobFields], object]:
    """Return the function that a plan calls with each job it has read: it updates the job's handle."""
    require_callback("on_update", on_update)

    def update(read: JobFields) -> None:
        job = handles[read.id]._adopt(read._data)  # noqa: SLF001  the handle is updated for its user
        if on_update is not None:
            on_update(job)

    return update
