"""A job in hand: `Job` and `AsyncJob` hold what the server last said of a job, and act on it.

Both read the same way (`JobView`); their methods are the same plans on two drivers.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from finetuning_api.models.fine_tuning_job_checkpoint import FineTuningJobCheckpoint
from finetuning_api.models.fine_tuning_job_event import FineTuningJobEvent
from finetuning_api.types import Unset

from . import listings
from .drivers import AsyncDriver, Driver
from .errors import FineTuningError, JobCancelled, JobFailed, WaitTimeout
from .identifiers import FileId, JobId, ModelId, OrganizationId
from .metrics import MetricRow
from .pager import AsyncPager, Pager
from .plans import jobs as plans
from .plans import results
from .plans.creation import TOKEN_KEY
from .policies import PollPolicy, RetryPolicy, allowed_time
from .statuses import JobStatus

if TYPE_CHECKING:
    from finetuning_api.models.fine_tune_method import FineTuneMethod
    from finetuning_api.models.fine_tuning_integration import FineTuningIntegration
    from finetuning_api.models.fine_tuning_job import FineTuningJob
    from finetuning_api.models.fine_tuning_job_error import FineTuningJobError
    from finetuning_api.models.fine_tuning_job_hyperparameters import (
        FineTuningJobHyperparameters,
    )

__all__ = ["AsyncJob", "Context", "Job", "JobView"]

D = TypeVar("D", Driver, AsyncDriver)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Context(Generic[D]):
    """What the resources of one client share.

    Attributes:
        driver: runs the plans.
        retry: how requests are tried.
        exactly_once: whether lost creations are looked up; see `finetuning_client.plans.creation`.
    """

    driver: D
    retry: RetryPolicy
    exactly_once: bool = True


class JobView:
    """A fine-tuning job as the server last described it (`FineTuningJob` in the contract).

    What the server left out, or sent as null, reads as `None`. Handles of the same job are equal.
    """

    __slots__ = ("_data",)

    def __init__(self, data: FineTuningJob) -> None:
        self._data = data

    @property
    def id(self) -> JobId:
        """The job's id, `ftjob-…`."""
        return JobId(self._data.id)

    @property
    def status(self) -> JobStatus:
        """Where the job stands; a status this release does not know is kept as it is."""
        return JobStatus(_text(self._data.status) or "unknown")

    @property
    def model(self) -> ModelId | None:
        """The base model."""
        return _named(ModelId, self._data.model)

    @property
    def fine_tuned_model(self) -> ModelId | None:
        """The name of the model the job made, once it has succeeded."""
        return _named(ModelId, self._data.fine_tuned_model)

    @property
    def created_at(self) -> datetime | None:
        """When the job was created, in UTC."""
        return _moment(self._data.created_at)

    @property
    def finished_at(self) -> datetime | None:
        """When the job ended, in UTC; `None` while it has not."""
        return _moment(self._data.finished_at)

    @property
    def estimated_finish(self) -> datetime | None:
        """When the service expects the job to end, in UTC; `None` where it does not say."""
        return _moment(self._data.estimated_finish)

    @property
    def error(self) -> FineTuningJobError | None:
        """Why the job failed: `code`, `message`, `param`; `None` unless there is an error to tell of."""
        error = self._data.error
        if not error or not hasattr(error, "to_dict"):
            return None
        # Healthy jobs have been served with `{}` and with an object of nulls.
        return error if any(value is not None for value in error.to_dict().values()) else None

    @property
    def organization_id(self) -> OrganizationId | None:
        """The organisation that owns the job."""
        return _named(OrganizationId, self._data.organization_id)

    @property
    def training_file(self) -> FileId | None:
        """The file the job learns from."""
        return _named(FileId, self._data.training_file)

    @property
    def validation_file(self) -> FileId | None:
        """The file the job is validated on."""
        return _named(FileId, self._data.validation_file)

    @property
    def result_files(self) -> list[FileId]:
        """The files with the job's metrics; empty until it has ended. `metrics()` reads them."""
        found = self._data.result_files
        return [FileId(name) for name in found if isinstance(name, str)] if isinstance(found, list) else []

    @property
    def trained_tokens(self) -> int | None:
        """How many billable tokens were trained on; `None` while the job has not ended."""
        return _given(self._data.trained_tokens)

    @property
    def hyperparameters(self) -> FineTuningJobHyperparameters | None:
        """The hyperparameters, `"auto"` until the job runs; `None` on jobs that are not supervised."""
        return _given(self._data.hyperparameters)

    @property
    def method(self) -> FineTuneMethod | None:
        """How the job trains."""
        return _given(self._data.method)

    @property
    def seed(self) -> int | None:
        """The seed of the job's randomness."""
        return _given(self._data.seed)

    @property
    def integrations(self) -> list[FineTuningIntegration]:
        """Where the job reports to."""
        return _given(self._data.integrations) or []

    @property
    def metadata(self) -> dict[str, str]:
        """The user's pairs, without the one that this client adds to recognise its own request."""
        pairs = self._data.metadata
        if not isinstance(pairs, dict):
            return {}
        return {key: value for key, value in pairs.items() if key != TOKEN_KEY}

    def to_dict(self) -> dict[str, Any]:
        """What the server sent, unknown fields included."""
        return self._data.to_dict()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, JobView) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        result = f" -> {self.fine_tuned_model}" if self.fine_tuned_model else ""
        return f"<{type(self).__name__} {self.id}: {self.status}, {self.model}{result}>"

    def _adopt(self, data: FineTuningJob) -> Self:
        self._data = data
        return self

    def _ended(self, data: FineTuningJob, check: bool) -> Self:
        """Take the last state; raise the error that an unhappy end stands for."""
        self._adopt(data)
        error = _end_error(self) if check else None
        if error is not None:
            raise error
        return self


class Job(JobView):
    """A handle on a job; its methods block."""

    __slots__ = ("_context",)

    def __init__(self, context: Context[Driver], data: FineTuningJob) -> None:
        super().__init__(data)
        self._context = context

    def retrieve(self) -> Self:
        """Read the job again, update this handle, and return it."""
        plan = plans.retrieve(self.id, self._context.retry)
        return self._adopt(self._context.driver.run(plan))

    def cancel(self) -> Self:
        """Cancel the job, update this handle, and return it. Raises `BadRequest` if it has ended."""
        plan = plans.cancel(self.id, self._context.retry)
        return self._adopt(self._context.driver.run(plan))

    def pause(self) -> Self:
        """Pause the job, update this handle, and return it."""
        plan = plans.pause(self.id, self._context.retry)
        return self._adopt(self._context.driver.run(plan))

    def resume(self) -> Self:
        """Let the paused job go on, update this handle, and return it."""
        plan = plans.resume(self.id, self._context.retry)
        return self._adopt(self._context.driver.run(plan))

    def list_events(
        self, *, limit: int | None = None, page_size: int | None = None, after: str | None = None
    ) -> Pager[FineTuningJobEvent]:
        """The job's events, newest first; `follow()` gives them oldest first, as they come."""
        listing = listings.events(self.id, limit=limit, page_size=page_size, after=after)
        return Pager(self._context.driver, listing, self._context.retry)

    def list_checkpoints(
        self, *, limit: int | None = None, page_size: int | None = None, after: str | None = None
    ) -> Pager[FineTuningJobCheckpoint]:
        """The job's checkpoints, newest first."""
        listing = listings.checkpoints(self.id, limit=limit, page_size=page_size, after=after)
        return Pager(self._context.driver, listing, self._context.retry)

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
    ) -> Self:
        """Wait until the job has ended, update this handle, and return it.

        Args:
            timeout: seconds to wait at most; `None` waits for ever.
            poll_interval: seconds between looks; `None` looks often at first, then less.
            check: whether a job that did not succeed raises; otherwise look at `status`.
            on_update: called with this handle after each look.

        Raises `JobFailed`, `JobCancelled`, or `WaitTimeout`; the job itself goes on after the last.
        """
        plan = plans.wait(
            self.id,
            self._context.retry,
            PollPolicy.every(poll_interval),
            timeout=allowed_time(timeout),
            on_update=_updater(self, on_update),
        )
        try:
            return self._ended(self._context.driver.run(plan), check)
        except WaitTimeout as error:
            error.job = self
            raise

    def follow(
        self,
        timeout: float | None = None,
        poll_interval: float | None = None,
        *,
        after: str | None = None,
        on_update: Callable[[Self], object] | None = None,
    ) -> Iterator[FineTuningJobEvent]:
        """The job's events as they come, oldest first, each once, to the last one after its end.

        However the job ends, the iteration just ends; look at `status` then, or call `wait()`.

        Args:
            timeout: seconds to follow at most; `None` follows to the end.
            poll_interval: as for `wait`.
            after: the id of an event to begin after, to go on where an earlier `follow` stopped.
            on_update: as for `wait`.

        Raises `WaitTimeout`.
        """
        plan = plans.follow(
            self.id,
            self._context.retry,
            PollPolicy.every(poll_interval),
            timeout=allowed_time(timeout),
            after=after,
            on_update=_updater(self, on_update),
        )
        return self._following(self._context.driver.stream(plan))

    def _following(self, events: Iterator[FineTuningJobEvent]) -> Iterator[FineTuningJobEvent]:
        try:
            yield from events
        except WaitTimeout as error:
            error.job = self
            raise

    def metrics(self) -> list[MetricRow]:
        """What was measured at each step: from the result file, else from the events so far."""
        return self._context.driver.run(results.metrics(self._data, self._context.retry))


class AsyncJob(JobView):
    """A handle on a job; its methods are awaited. `Job` has the details."""

    __slots__ = ("_context",)

    def __init__(self, context: Context[AsyncDriver], data: FineTuningJob) -> None:
        super().__init__(data)
        self._context = context

    async def retrieve(self) -> Self:
        """Read the job again, update this handle, and return it."""
        plan = plans.retrieve(self.id, self._context.retry)
        return self._adopt(await self._context.driver.run(plan))

    async def cancel(self) -> Self:
        """Cancel the job, update this handle, and return it. Raises `BadRequest` if it has ended."""
        plan = plans.cancel(self.id, self._context.retry)
        return self._adopt(await self._context.driver.run(plan))

    async def pause(self) -> Self:
        """Pause the job, update this handle, and return it."""
        plan = plans.pause(self.id, self._context.retry)
        return self._adopt(await self._context.driver.run(plan))

    async def resume(self) -> Self:
        """Let the paused job go on, update this handle, and return it."""
        plan = plans.resume(self.id, self._context.retry)
        return self._adopt(await self._context.driver.run(plan))

    def list_events(
        self, *, limit: int | None = None, page_size: int | None = None, after: str | None = None
    ) -> AsyncPager[FineTuningJobEvent]:
        """The job's events, newest first; `follow()` gives them oldest first, as they come."""
        listing = listings.events(self.id, limit=limit, page_size=page_size, after=after)
        return AsyncPager(self._context.driver, listing, self._context.retry)

    def list_checkpoints(
        self, *, limit: int | None = None, page_size: int | None = None, after: str | None = None
    ) -> AsyncPager[FineTuningJobCheckpoint]:
        """The job's checkpoints, newest first."""
        listing = listings.checkpoints(self.id, limit=limit, page_size=page_size, after=after)
        return AsyncPager(self._context.driver, listing, self._context.retry)

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
    ) -> Self:
        """Wait until the job has ended, update this handle, and return it; see `Job.wait`."""
        plan = plans.wait(
            self.id,
            self._context.retry,
            PollPolicy.every(poll_interval),
            timeout=allowed_time(timeout),
            on_update=_updater(self, on_update),
        )
        try:
            return self._ended(await self._context.driver.run(plan), check)
        except WaitTimeout as error:
            error.job = self
            raise

    def follow(
        self,
        timeout: float | None = None,
        poll_interval: float | None = None,
        *,
        after: str | None = None,
        on_update: Callable[[Self], object] | None = None,
    ) -> AsyncIterator[FineTuningJobEvent]:
        """The job's events as they come, oldest first, each once; see `Job.follow`."""
        plan = plans.follow(
            self.id,
            self._context.retry,
            PollPolicy.every(poll_interval),
            timeout=allowed_time(timeout),
            after=after,
            on_update=_updater(self, on_update),
        )
        return self._following(self._context.driver.stream(plan))

    async def _following(
        self, events: AsyncIterator[FineTuningJobEvent]
    ) -> AsyncIterator[FineTuningJobEvent]:
        try:
            async for event in events:
                yield event
        except WaitTimeout as error:
            error.job = self
            raise

    async def metrics(self) -> list[MetricRow]:
        """What was measured at each step: from the result file, else from the events so far."""
        return await self._context.driver.run(results.metrics(self._data, self._context.retry))


def best_of(checkpoints: Iterable[FineTuningJobCheckpoint]) -> FineTuningJobCheckpoint | None:
    """The checkpoint with the lowest loss; of equals, the one of the latest step.

    Losses over the whole validation file are compared where any checkpoint has one, else over a batch of it,
    else over the training file. `None` when there is no checkpoint with a loss.
    """
    found = list(checkpoints)
    for name in ("full_valid_loss", "valid_loss", "train_loss"):
        losses = [(getattr(c.metrics, name, None), c) for c in found]
        measured = [(loss, c) for loss, c in losses if isinstance(loss, int | float)]
        if measured:
            return min(measured, key=lambda pair: (pair[0], -_step(pair[1])))[1]
    return None


def _step(checkpoint: FineTuningJobCheckpoint) -> int:
    return checkpoint.step_number if isinstance(checkpoint.step_number, int) else 0


def _end_error(job: JobView) -> FineTuningError | None:
    if job.status is JobStatus.CANCELLED:
        return JobCancelled(f"{job.id} was cancelled", job=job)
    if job.status is not JobStatus.FAILED:
        return None
    error = job.error
    if error is None:
        return JobFailed(f"{job.id} failed, and the service does not say why", job=job)
    code, param = _text(error.code), _text(error.param)
    where = f" ({param})" if param else ""
    reason = ": ".join(part for part in (code, _text(error.message)) if part)
    return JobFailed(f"{job.id} failed: {reason}{where}", job=job, code=code, param=param)


V = TypeVar("V", bound=JobView)


def _updater(job: V, on_update: Callable[[V], object] | None) -> Callable[[FineTuningJob], object]:
    def update(data: FineTuningJob) -> None:
        job._adopt(data)  # noqa: SLF001  the handle hands itself to its plan
        if on_update is not None:
            on_update(job)

    return update


def _given(value: T | Unset | None) -> T | None:
    return None if isinstance(value, Unset) else value


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str) and value else None


def _named(kind: Callable[[str], T], value: object) -> T | None:
    return kind(value) if isinstance(value, str) and value else None


def _moment(value: object) -> datetime | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError):
        return None
