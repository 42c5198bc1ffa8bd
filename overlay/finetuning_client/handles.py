"""A job in hand: `Job` and `AsyncJob` hold what the server last said of a job, and act on it.

Both read the same way (`JobView`); their methods are the same plans on two drivers.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import aclosing
from copy import copy, deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from finetuning_api.models.fine_tuning_job_checkpoint import FineTuningJobCheckpoint
from finetuning_api.models.fine_tuning_job_event import FineTuningJobEvent

from .cursors import EventCursor
from .drivers import AsyncDriver, Driver
from .errors import JobCancelled, JobFailed, WaitTimeout
from .metrics import MetricRow, best_of
from .pager import AsyncPager, Pager
from .plans import jobs as plans
from .plans import listings, results, waiting
from .policies import Conduct, Event, Watch, callback
from .statuses import JobStatus
from .view import JobView

if TYPE_CHECKING:
    from finetuning_api.models.fine_tuning_job import FineTuningJob

__all__ = ["AsyncJob", "Context", "Job", "checked_end"]

D = TypeVar("D", Driver, AsyncDriver)
V = TypeVar("V", bound=JobView)


@dataclass(frozen=True, slots=True)
class Context(Generic[D]):
    """What the resources of one client share.

    Attributes:
        driver: runs the plans.
        conduct: how they go about it.
    """

    driver: D
    conduct: Conduct


class _Handle(JobView, Generic[D]):
    """A job that can be followed, whoever runs the plans. A copy of any depth shares the client."""

    __slots__ = ("_context", "_cursor")

    def __init__(self, context: Context[D], data: FineTuningJob) -> None:
        super().__init__(data)
        self._context: Context[D] = context
        self._cursor: EventCursor | None = None

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return copy(self)._adopt(deepcopy(self._data, memo))  # noqa: SLF001  of its own class

    @property
    def cursor(self) -> EventCursor | None:
        """The place after the last event that `follow` gave out; save `str(job.cursor)` to go on later."""
        return self._cursor

    def _passed(self, event: FineTuningJobEvent) -> Self:
        self._cursor = EventCursor(self.id, event.id)
        return self


class Job(_Handle[Driver]):
    """A handle on a job; its methods block."""

    __slots__ = ()

    def retrieve(self) -> Self:
        """Read the job again, update this handle, and return it."""
        plan = plans.retrieve(self.id, self._context.conduct)
        return self._adopt(self._context.driver.run(plan))

    def cancel(self) -> Self:
        """Cancel the job, update this handle, and return it. Raises `BadRequest` if it has ended."""
        plan = plans.cancel(self.id, self._context.conduct)
        return self._adopt(self._context.driver.run(plan))

    def pause(self) -> Self:
        """Pause the job, update this handle, and return it."""
        plan = plans.pause(self.id, self._context.conduct)
        return self._adopt(self._context.driver.run(plan))

    def resume(self) -> Self:
        """Let the paused job go on, update this handle, and return it."""
        plan = plans.resume(self.id, self._context.conduct)
        return self._adopt(self._context.driver.run(plan))

    def list_events(
        self, *, limit: int | None = None, page_size: int | None = None, after: str | None = None
    ) -> Pager[FineTuningJobEvent]:
        """The job's events, newest first; `follow()` gives them oldest first, as they come."""
        listing = listings.events(self.id, limit=limit, page_size=page_size, after=after)
        return Pager(self._context.driver, listing, self._context.conduct)

    def list_checkpoints(
        self, *, limit: int | None = None, page_size: int | None = None, after: str | None = None
    ) -> Pager[FineTuningJobCheckpoint]:
        """The job's checkpoints, newest first."""
        listing = listings.checkpoints(self.id, limit=limit, page_size=page_size, after=after)
        return Pager(self._context.driver, listing, self._context.conduct)

    def best_checkpoint(self) -> FineTuningJobCheckpoint | None:
        """The checkpoint with the lowest loss, over the whole validation file where that was measured."""
        return best_of(self.list_checkpoints())

    def wait(
        self,
        timeout: float | None = None,
        poll_interval: float | None = None,
        *,
        check: bool = True,
        on_update: Callable[[Self], object] | None = None,
        patience: float = 30.0,
        notified: Event | None = None,
    ) -> Self:
        """Wait until the job has ended, update this handle, and return it.

        Args:
            timeout: seconds to wait at most; `None` waits for ever.
            poll_interval: seconds between looks; `None` looks often at first, then less.
            check: whether a job that did not succeed raises; otherwise look at `status`.
            on_update: called with this handle after each look.
            patience: seconds for which looks may fail in a row (a lost connection, a failing server) before
                the failure is raised.
            notified: an event that ends a pause early when it is set, and is cleared then: a
                `threading.Event` for a webhook's handler to set, an `asyncio.Event` for an `AsyncJob`.

        Raises `JobFailed`, `JobCancelled`, or `WaitTimeout`; the job itself goes on after the last.
        """
        watch = Watch.of(timeout, poll_interval, patience, notified)
        plan = waiting.wait(self.id, self._context.conduct, watch, _updater(self, on_update))
        try:
            self._adopt(self._context.driver.run(plan))
        except WaitTimeout as error:
            error.job = self
            raise
        return checked_end(self) if check else self

    def follow(
        self,
        timeout: float | None = None,
        poll_interval: float | None = None,
        *,
        after: EventCursor | str | None = None,
        on_update: Callable[[Self], object] | None = None,
        patience: float = 30.0,
        notified: Event | None = None,
    ) -> Generator[FineTuningJobEvent, None, None]:
        """The job's events as they come, oldest first, each once, to the last one after its end.

        However the job ends, the iteration just ends; look at `status` then, or call `wait()`.

        Args:
            timeout: seconds to follow at most; `None` follows to the end.
            poll_interval: as for `wait`.
            after: where to begin: `cursor` of an earlier handle, its saved form, or the id of an event.
            on_update: as for `wait`.
            patience: as for `wait`.
            notified: as for `wait`.

        Raises `WaitTimeout`.
        """
        watch = Watch.of(timeout, poll_interval, patience, notified)
        plan = waiting.follow(
            self.id,
            self._context.conduct,
            watch,
            after=EventCursor.event_after(self.id, after),
            on_update=_updater(self, on_update),
        )
        return self._following(self._context.driver.stream(plan))

    def _following(
        self, events: Generator[FineTuningJobEvent, None, None]
    ) -> Generator[FineTuningJobEvent, None, None]:
        try:
            for event in events:
                self._passed(event)
                yield event
        except WaitTimeout as error:
            error.job = self
            raise

    def metrics(self) -> list[MetricRow]:
        """What was measured at each step: from the result file, else from the events so far."""
        return self._context.driver.run(results.metrics(self._data, self._context.conduct))


class AsyncJob(_Handle[AsyncDriver]):
    """A handle on a job; its methods are awaited. `Job` has the details."""

    __slots__ = ()

    async def retrieve(self) -> Self:
        """Read the job again, update this handle, and return it."""
        plan = plans.retrieve(self.id, self._context.conduct)
        return self._adopt(await self._context.driver.run(plan))

    async def cancel(self) -> Self:
        """Cancel the job, update this handle, and return it. Raises `BadRequest` if it has ended."""
        plan = plans.cancel(self.id, self._context.conduct)
        return self._adopt(await self._context.driver.run(plan))

    async def pause(self) -> Self:
        """Pause the job, update this handle, and return it."""
        plan = plans.pause(self.id, self._context.conduct)
        return self._adopt(await self._context.driver.run(plan))

    async def resume(self) -> Self:
        """Let the paused job go on, update this handle, and return it."""
        plan = plans.resume(self.id, self._context.conduct)
        return self._adopt(await self._context.driver.run(plan))

    def list_events(
        self, *, limit: int | None = None, page_size: int | None = None, after: str | None = None
    ) -> AsyncPager[FineTuningJobEvent]:
        """The job's events, newest first; `follow()` gives them oldest first, as they come."""
        listing = listings.events(self.id, limit=limit, page_size=page_size, after=after)
        return AsyncPager(self._context.driver, listing, self._context.conduct)

    def list_checkpoints(
        self, *, limit: int | None = None, page_size: int | None = None, after: str | None = None
    ) -> AsyncPager[FineTuningJobCheckpoint]:
        """The job's checkpoints, newest first."""
        listing = listings.checkpoints(self.id, limit=limit, page_size=page_size, after=after)
        return AsyncPager(self._context.driver, listing, self._context.conduct)

    async def best_checkpoint(self) -> FineTuningJobCheckpoint | None:
        """The checkpoint with the lowest loss, over the whole validation file where that was measured."""
        return best_of([checkpoint async for checkpoint in self.list_checkpoints()])

    async def wait(
        self,
        timeout: float | None = None,
        poll_interval: float | None = None,
        *,
        check: bool = True,
        on_update: Callable[[Self], object] | None = None,
        patience: float = 30.0,
        notified: Event | None = None,
    ) -> Self:
        """Wait until the job has ended, update this handle, and return it; see `Job.wait`."""
        watch = Watch.of(timeout, poll_interval, patience, notified)
        plan = waiting.wait(self.id, self._context.conduct, watch, _updater(self, on_update))
        try:
            self._adopt(await self._context.driver.run(plan))
        except WaitTimeout as error:
            error.job = self
            raise
        return checked_end(self) if check else self

    def follow(
        self,
        timeout: float | None = None,
        poll_interval: float | None = None,
        *,
        after: EventCursor | str | None = None,
        on_update: Callable[[Self], object] | None = None,
        patience: float = 30.0,
        notified: Event | None = None,
    ) -> AsyncGenerator[FineTuningJobEvent, None]:
        """The job's events as they come, oldest first, each once; see `Job.follow`."""
        watch = Watch.of(timeout, poll_interval, patience, notified)
        plan = waiting.follow(
            self.id,
            self._context.conduct,
            watch,
            after=EventCursor.event_after(self.id, after),
            on_update=_updater(self, on_update),
        )
        return self._following(self._context.driver.stream(plan))

    async def _following(
        self, events: AsyncGenerator[FineTuningJobEvent, None]
    ) -> AsyncGenerator[FineTuningJobEvent, None]:
        try:
            async with aclosing(events):
                async for event in events:
                    self._passed(event)
                    yield event
        except WaitTimeout as error:
            error.job = self
            raise

    async def metrics(self) -> list[MetricRow]:
        """What was measured at each step: from the result file, else from the events so far."""
        return await self._context.driver.run(results.metrics(self._data, self._context.conduct))


def checked_end(job: V) -> V:
    """The job, if it has not failed and was not cancelled; else the error that says so."""
    if job.status is JobStatus.CANCELLED:
        raise JobCancelled(f"{job.id} was cancelled", job=job)
    if job.status is not JobStatus.FAILED:
        return job
    error = job.error
    if error is None:
        raise JobFailed(f"{job.id} failed, and the service does not say why", job=job)
    code, message, param = (
        value if isinstance(value, str) and value else None
        for value in (error.code, error.message, error.param)
    )
    where = f" ({param})" if param else ""
    reason = ": ".join(part for part in (code, message) if part) or repr(error.to_dict())
    raise JobFailed(f"{job.id} failed: {reason}{where}", job=job, code=code, param=param)


def _updater(job: V, on_update: Callable[[V], object] | None) -> Callable[[FineTuningJob], object]:
    callback("on_update", on_update)

    def update(data: FineTuningJob) -> None:
        job._adopt(data)  # noqa: SLF001  the handle hands itself to its plan
        if on_update is not None:
            on_update(job)

    return update
