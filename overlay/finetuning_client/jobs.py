"""`client.jobs`: creating, finding and steering fine-tuning jobs, blocking and awaited."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Mapping, Sequence
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from finetuning_api.models.fine_tuning_job import FineTuningJob
from finetuning_api.models.fine_tuning_job_checkpoint import FineTuningJobCheckpoint
from finetuning_api.models.fine_tuning_job_event import FineTuningJobEvent

from .drivers import AsyncDriver, Driver
from .errors import InvalidRequestError
from .handles import AsyncJob, Context, Job, checked_end
from .identifiers import FileId
from .methods import Method
from .pager import AsyncPager, Pager
from .plans import jobs as plans
from .plans import listings, waiting
from .plans.submission import job_body, submit
from .policies import Event, Watch, callback

if TYPE_CHECKING:
    from finetuning_api.models.fine_tuning_integration import FineTuningIntegration

__all__ = ["AsyncJobs", "Jobs"]


class Jobs:
    """The fine-tuning jobs of the organisation or project."""

    def __init__(self, context: Context[Driver]) -> None:
        self._context = context

    def create(
        self,
        *,
        model: str,
        training_file: FileId | str | Path,
        validation_file: FileId | str | Path | None = None,
        method: Method | Mapping[str, Any] | None = None,
        suffix: str | None = None,
        seed: int | None = None,
        integrations: Sequence[FineTuningIntegration | Mapping[str, Any]] | None = None,
        metadata: Mapping[str, str] | None = None,
        hyperparameters: Mapping[str, Any] | None = None,
    ) -> Job:
        """Create a job, exactly once (`createFineTuningJob` in the contract).

        Args:
            model: the base model, or a fine-tuned one to train further.
            training_file: the id of an uploaded file, or a `Path`: it is uploaded first, and waited for.
            validation_file: likewise; without one there are no validation metrics.
            method: `Supervised()`, `DPO()` or `Reinforcement()`, or the object itself; `None` is supervised.
            suffix: becomes part of the model's name; 1 to 64 characters.
            seed: makes the job repeatable as far as the service can; 0 to 2147483647.
            integrations: where to report to, at most 5.
            metadata: at most 16 pairs; keys of at most 64, values of at most 512 characters. One more pair,
                `finetuning_request`, is added where there is room: see `finetuning_client.plans.creation`.
            hyperparameters: the older form of `Supervised()`, for servers that know no `method`.

        Raises `InvalidRequestError` or `DatasetError` before anything is sent, `TrainingUnavailable` where
        the organisation can no longer create jobs, any other `ApiError`, `ConnectionFailed`.
        """
        body = job_body(
            model=model,
            training_file=training_file,
            validation_file=validation_file,
            method=method,
            hyperparameters=hyperparameters,
            suffix=suffix,
            seed=seed,
            integrations=integrations,
            metadata=metadata,
        )
        context = self._context
        plan = submit(body, _fresh_token(), context.conduct)
        return Job(context, context.driver.run(plan))

    def retrieve(self, job_id: str) -> Job:
        """Read a job (`retrieveFineTuningJob`). Raises `NotFound`."""
        return Job(self._context, self._context.driver.run(plans.retrieve(job_id, self._context.conduct)))

    def list(
        self,
        *,
        limit: int | None = None,
        page_size: int | None = None,
        after: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[Job]:
        """The jobs, newest first, over all pages (`listPaginatedFineTuningJobs`); requested as needed.

        Args:
            limit: how many jobs in all; `None` means every one.
            page_size: how many a request asks for.
            after: the id of the job to begin after.
            metadata: pairs that a job must have.
        """
        listing = listings.jobs(
            partial(Job, self._context),
            limit=limit,
            page_size=page_size,
            after=after,
            metadata=metadata,
        )
        return Pager(self._context.driver, listing, self._context.conduct)

    def cancel(self, job_id: str) -> Job:
        """Cancel a job (`cancelFineTuningJob`). Raises `BadRequest` if it has ended."""
        return Job(self._context, self._context.driver.run(plans.cancel(job_id, self._context.conduct)))

    def pause(self, job_id: str) -> Job:
        """Pause a job (`pauseFineTuningJob`)."""
        return Job(self._context, self._context.driver.run(plans.pause(job_id, self._context.conduct)))

    def resume(self, job_id: str) -> Job:
        """Let a paused job go on (`resumeFineTuningJob`)."""
        return Job(self._context, self._context.driver.run(plans.resume(job_id, self._context.conduct)))

    def list_events(
        self,
        job_id: str,
        *,
        limit: int | None = None,
        page_size: int | None = None,
        after: str | None = None,
    ) -> Pager[FineTuningJobEvent]:
        """A job's events, newest first (`listFineTuningEvents`)."""
        listing = listings.events(job_id, limit=limit, page_size=page_size, after=after)
        return Pager(self._context.driver, listing, self._context.conduct)

    def list_checkpoints(
        self,
        job_id: str,
        *,
        limit: int | None = None,
        page_size: int | None = None,
        after: str | None = None,
    ) -> Pager[FineTuningJobCheckpoint]:
        """A job's checkpoints, newest first (`listFineTuningJobCheckpoints`)."""
        listing = listings.checkpoints(job_id, limit=limit, page_size=page_size, after=after)
        return Pager(self._context.driver, listing, self._context.conduct)

    def wait_all(
        self,
        jobs: Iterable[Job | str],
        timeout: float | None = None,
        poll_interval: float | None = None,
        *,
        check: bool = True,
        on_update: Callable[[Job], object] | None = None,
        patience: float = 30.0,
        notified: Event | None = None,
    ) -> Sequence[Job]:
        """Wait until all of many jobs have ended, and return their handles, in the order given.

        The jobs are looked at by lists, so a thousand cost little more than ten. With `check`, the first that
        did not succeed raises, once all have ended. The other arguments are those of `Job.wait`.
        """
        handles = self._handles(jobs)
        watch = Watch.of(timeout, poll_interval, patience, notified)
        update = _updater(handles, on_update)
        self._context.driver.run(waiting.wait_all(list(handles), self._context.conduct, watch, update))
        return [checked_end(job) if check else job for job in handles.values()]

    def follow_all(
        self,
        jobs: Iterable[Job | str],
        timeout: float | None = None,
        poll_interval: float | None = None,
        *,
        on_update: Callable[[Job], object] | None = None,
        patience: float = 30.0,
        notified: Event | None = None,
    ) -> Generator[tuple[Job, FineTuningJobEvent], None, None]:
        """The events of many jobs as they come, each with its job; of one job oldest first, each once.

        A job's events are read when its state changes, and otherwise in turn. The arguments are those of
        `Job.follow`.
        """
        handles = self._handles(jobs)
        watch = Watch.of(timeout, poll_interval, patience, notified)
        update = _updater(handles, on_update)
        plan = waiting.follow_all(list(handles), self._context.conduct, watch, update)
        return self._following(handles, self._context.driver.stream(plan))

    def _following(
        self, handles: Mapping[str, Job], events: Generator[tuple[str, FineTuningJobEvent], None, None]
    ) -> Generator[tuple[Job, FineTuningJobEvent], None, None]:
        for job_id, event in events:
            yield handles[job_id]._passed(event), event  # noqa: SLF001  the handle keeps the place

    def _handles(self, jobs: Iterable[Job | str]) -> dict[str, Job]:
        """A handle for each job, by its id; one that was given is kept."""
        found = (job if isinstance(job, Job) else Job(self._context, _unread(job)) for job in _several(jobs))
        return {job.id: job for job in found}


class AsyncJobs:
    """The fine-tuning jobs of the organisation or project. `Jobs` has the details."""

    def __init__(self, context: Context[AsyncDriver]) -> None:
        self._context = context

    async def create(
        self,
        *,
        model: str,
        training_file: FileId | str | Path,
        validation_file: FileId | str | Path | None = None,
        method: Method | Mapping[str, Any] | None = None,
        suffix: str | None = None,
        seed: int | None = None,
        integrations: Sequence[FineTuningIntegration | Mapping[str, Any]] | None = None,
        metadata: Mapping[str, str] | None = None,
        hyperparameters: Mapping[str, Any] | None = None,
    ) -> AsyncJob:
        """Create a job, exactly once; see `Jobs.create`."""
        body = job_body(
            model=model,
            training_file=training_file,
            validation_file=validation_file,
            method=method,
            hyperparameters=hyperparameters,
            suffix=suffix,
            seed=seed,
            integrations=integrations,
            metadata=metadata,
        )
        context = self._context
        plan = submit(body, _fresh_token(), context.conduct)
        return AsyncJob(context, await context.driver.run(plan))

    async def retrieve(self, job_id: str) -> AsyncJob:
        """Read a job (`retrieveFineTuningJob`). Raises `NotFound`."""
        plan = plans.retrieve(job_id, self._context.conduct)
        return AsyncJob(self._context, await self._context.driver.run(plan))

    def list(
        self,
        *,
        limit: int | None = None,
        page_size: int | None = None,
        after: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[AsyncJob]:
        """The jobs, newest first, over all pages; see `Jobs.list`."""
        listing = listings.jobs(
            partial(AsyncJob, self._context),
            limit=limit,
            page_size=page_size,
            after=after,
            metadata=metadata,
        )
        return AsyncPager(self._context.driver, listing, self._context.conduct)

    async def cancel(self, job_id: str) -> AsyncJob:
        """Cancel a job (`cancelFineTuningJob`). Raises `BadRequest` if it has ended."""
        plan = plans.cancel(job_id, self._context.conduct)
        return AsyncJob(self._context, await self._context.driver.run(plan))

    async def pause(self, job_id: str) -> AsyncJob:
        """Pause a job (`pauseFineTuningJob`)."""
        plan = plans.pause(job_id, self._context.conduct)
        return AsyncJob(self._context, await self._context.driver.run(plan))

    async def resume(self, job_id: str) -> AsyncJob:
        """Let a paused job go on (`resumeFineTuningJob`)."""
        plan = plans.resume(job_id, self._context.conduct)
        return AsyncJob(self._context, await self._context.driver.run(plan))

    def list_events(
        self,
        job_id: str,
        *,
        limit: int | None = None,
        page_size: int | None = None,
        after: str | None = None,
    ) -> AsyncPager[FineTuningJobEvent]:
        """A job's events, newest first (`listFineTuningEvents`)."""
        listing = listings.events(job_id, limit=limit, page_size=page_size, after=after)
        return AsyncPager(self._context.driver, listing, self._context.conduct)

    def list_checkpoints(
        self,
        job_id: str,
        *,
        limit: int | None = None,
        page_size: int | None = None,
        after: str | None = None,
    ) -> AsyncPager[FineTuningJobCheckpoint]:
        """A job's checkpoints, newest first (`listFineTuningJobCheckpoints`)."""
        listing = listings.checkpoints(job_id, limit=limit, page_size=page_size, after=after)
        return AsyncPager(self._context.driver, listing, self._context.conduct)

    async def wait_all(
        self,
        jobs: Iterable[AsyncJob | str],
        timeout: float | None = None,
        poll_interval: float | None = None,
        *,
        check: bool = True,
        on_update: Callable[[AsyncJob], object] | None = None,
        patience: float = 30.0,
        notified: Event | None = None,
    ) -> Sequence[AsyncJob]:
        """Wait until all of many jobs have ended; see `Jobs.wait_all`."""
        handles = self._handles(jobs)
        watch = Watch.of(timeout, poll_interval, patience, notified)
        update = _updater(handles, on_update)
        await self._context.driver.run(waiting.wait_all(list(handles), self._context.conduct, watch, update))
        return [checked_end(job) if check else job for job in handles.values()]

    def follow_all(
        self,
        jobs: Iterable[AsyncJob | str],
        timeout: float | None = None,
        poll_interval: float | None = None,
        *,
        on_update: Callable[[AsyncJob], object] | None = None,
        patience: float = 30.0,
        notified: Event | None = None,
    ) -> AsyncGenerator[tuple[AsyncJob, FineTuningJobEvent], None]:
        """The events of many jobs as they come, each with its job; see `Jobs.follow_all`."""
        handles = self._handles(jobs)
        watch = Watch.of(timeout, poll_interval, patience, notified)
        update = _updater(handles, on_update)
        plan = waiting.follow_all(list(handles), self._context.conduct, watch, update)
        return self._following(handles, self._context.driver.stream(plan))

    async def _following(
        self, handles: Mapping[str, AsyncJob], events: AsyncGenerator[tuple[str, FineTuningJobEvent], None]
    ) -> AsyncGenerator[tuple[AsyncJob, FineTuningJobEvent], None]:
        async with aclosing(events):
            async for job_id, event in events:
                yield handles[job_id]._passed(event), event  # noqa: SLF001  the handle keeps the place

    def _handles(self, jobs: Iterable[AsyncJob | str]) -> dict[str, AsyncJob]:
        """A handle for each job, by its id; one that was given is kept."""
        found = (
            job if isinstance(job, AsyncJob) else AsyncJob(self._context, _unread(job))
            for job in _several(jobs)
        )
        return {job.id: job for job in found}


def _fresh_token() -> str:
    return uuid.uuid4().hex


def _several(jobs: Any) -> Iterable[Any]:
    if isinstance(jobs, str) or not isinstance(jobs, Iterable):
        rule = "a list of jobs or of their ids"
        raise InvalidRequestError(f"jobs: must be {rule}, not {jobs!r}", field="jobs", limit=rule, value=jobs)
    return jobs


def _unread(job_id: Any) -> FineTuningJob:
    """What is known of a job of which there is only the id."""
    if not isinstance(job_id, str) or not job_id:
        rule = "jobs of this kind of client, or ids"
        raise InvalidRequestError(
            f"jobs: must be {rule}, not {job_id!r}", field="jobs", limit=rule, value=job_id
        )
    return FineTuningJob.from_dict({"id": job_id})


V = TypeVar("V", Job, AsyncJob)


def _updater(
    handles: Mapping[str, V], on_update: Callable[[V], object] | None
) -> Callable[[FineTuningJob], object]:
    callback("on_update", on_update)

    def update(data: FineTuningJob) -> None:
        handle = handles[data.id]
        handle._adopt(data)  # noqa: SLF001  the handle is brought up to date for its user
        if on_update is not None:
            on_update(handle)

    return update
