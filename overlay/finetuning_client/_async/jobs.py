"""`client.jobs`: creating fine-tuning jobs, and waiting for many of them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from ..errors import InvalidRequestError
from ..identifiers import FileId
from ..not_given import NOT_GIVEN
from ..polling import WaitOptions, WakeEvent
from ..views import Event
from ..views.job import JobView, require_success
from .job_handle import AsyncJob, updater
from .methods_of_jobs import AsyncJobsMethods

if TYPE_CHECKING:
    from typing import Unpack

    from finetuning_api.models.fine_tuning_integration import FineTuningIntegration

    from ..methods import Method
    from ..plans.job_template import JobChanges, JobOptions
    from ..prices import PriceTable
    from ..request_fields import CreateFineTuningJobRequestFields


class AsyncJobs(AsyncJobsMethods):
    """The fine-tuning jobs of the organization or project."""

    @overload
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
        extra: Mapping[str, Any] | None = None,
        check: bool = True,
        max_cost: float | None = None,
        prices: PriceTable | str | Path | None = None,
        **fields: Unpack[CreateFineTuningJobRequestFields],
    ) -> AsyncJob: ...
    @overload
    async def create(
        self, *, model: str, extra: Mapping[str, Any], **options: Unpack[JobOptions]
    ) -> AsyncJob: ...
    @overload
    async def create(self, *, like: JobView, **changes: Unpack[JobChanges]) -> AsyncJob: ...
    async def create(
        self,
        *,
        model: str = NOT_GIVEN,
        training_file: FileId | str | Path | None = NOT_GIVEN,
        validation_file: FileId | str | Path | None = NOT_GIVEN,
        method: Method | Mapping[str, Any] | None = NOT_GIVEN,
        suffix: str | None = NOT_GIVEN,
        seed: int | None = NOT_GIVEN,
        integrations: Sequence[FineTuningIntegration | Mapping[str, Any]] | None = NOT_GIVEN,
        metadata: Mapping[str, str] | None = NOT_GIVEN,
        hyperparameters: Mapping[str, Any] | None = NOT_GIVEN,
        extra: Mapping[str, Any] | None = None,
        check: bool = True,
        max_cost: float | None = None,
        prices: PriceTable | str | Path | None = None,
        like: JobView | None = None,
        **fields: Unpack[CreateFineTuningJobRequestFields],
    ) -> AsyncJob:
        """Create a job, exactly once (`createFineTuningJob` in the contract).

        Args:
            model: the base model, or a fine-tuned one to train further. Like `training_file`, it is required
                unless `like` is given.
            training_file: the id of an uploaded file, or the `Path` of one to be uploaded and processed
                first.
            validation_file: same as `training_file`; without one there are no validation metrics.
            method: `Supervised()`, `DPO()`, `Reinforcement()` or a `method` object; `None` for supervised.
            suffix: part of the new model's name; 1 to 64 characters.
            seed: for repeatable results as far as the service supports them; 0 to 2147483647.
            integrations: services to report to, at most 5.
            metadata: at most 16 pairs; keys of at most 64, values of at most 512 characters. One more pair,
                `finetuning_request`, is added if there is room: see `finetuning_client.plans.job_creation`.
            hyperparameters: the older form of `Supervised()`, for servers that do not know `method`.
            extra: fields that the contract does not have, such as `{"lora": True}`, for servers that accept
                them. If they supply the training data, `training_file` may be left out.
            check: if true, a file given as a `Path` is checked before it is uploaded, as by `data.check`. For
                the hosted service, Azure and loopback addresses, an error in it raises `DatasetError`; for
                other servers, or with `limits="none"`, only an unreadable line does, and the rest is logged.
            max_cost: the most that the job may cost, in the currency of the prices. A job that may cost more,
                according to `data.cost`, is refused before anything is sent. It requires a `Path` as
                `training_file`.
            prices: prices for `max_cost`, as for `data.cost`; `None` for those of this package.
            like: a job to repeat: arguments that are not given are taken from it, and `None` leaves one
                out. A number that the service chose for `auto` is chosen again if that job's handle read the
                field while it was still `auto`.
            fields: any other field that `CreateFineTuningJobRequest` has in the contract.

        Raises `InvalidRequestError` or `DatasetError` before anything is sent, `TrainingUnavailable` if the
        organization can no longer create jobs, any other `ApiError`, `ConnectionFailed` or `InvalidResponse`;
        the error's `may_exist` tells whether the job may exist.
        """
        from ..plans import job_creation

        plan = job_creation.create(
            self._settings,
            like=like,
            model=model,
            training_file=training_file,
            validation_file=validation_file,
            method=method,
            hyperparameters=hyperparameters,
            suffix=suffix,
            seed=seed,
            integrations=integrations,
            metadata=metadata,
            extra=extra,
            check=check,
            max_cost=max_cost,
            prices=prices,
            **fields,
        )
        return AsyncJob(self._driver, self._settings, await self._driver.run(plan))

    async def wait_all(
        self,
        jobs: Iterable[AsyncJob | str],
        timeout: float | None = None,
        poll_interval: float | None = None,
        *,
        check: bool = True,
        on_update: Callable[[AsyncJob], object] | None = None,
        patience: float = 30.0,
        notified: WakeEvent | None = None,
    ) -> Sequence[AsyncJob]:
        """Wait until all jobs have ended, and return their handles, in the order given.

        The jobs are read a page at a time, so a thousand take only a few more requests than ten.

        Args:
            jobs: `AsyncJob` handles or job ids.
            timeout: maximum number of seconds to wait; `None` for no limit.
            poll_interval: seconds between reads; `None` to read often at first and less often later.
            check: if true, and a job did not succeed, the error of the first such job is raised once all have
                ended.
            on_update: called with the handle of a job after each read of it.
            patience: seconds for which reads may keep failing before the failure is raised.
            notified: an event that ends a pause early when it is set.

        Raises `JobFailed`, `JobCancelled`, or `WaitTimeout`.
        """
        from ..plans import waiting

        handles = self._handles(jobs)
        options = WaitOptions.of(timeout, poll_interval, patience, notified)
        update = updater(handles, on_update)
        await self._driver.run(waiting.wait_all(list(handles), self._settings, options, update))
        return [require_success(job) if check else job for job in handles.values()]

    def follow_all(
        self,
        jobs: Iterable[AsyncJob | str],
        timeout: float | None = None,
        poll_interval: float | None = None,
        *,
        on_update: Callable[[AsyncJob], object] | None = None,
        patience: float = 30.0,
        notified: WakeEvent | None = None,
    ) -> AsyncGenerator[tuple[AsyncJob, Event], None]:
        """Yield the events of jobs as they are published, each once with its job; oldest first within a job.

        A job's events are read when its state changes, and otherwise in turn. The arguments are those of
        `wait_all`, without `check`. Raises `WaitTimeout`.
        """
        from ..plans import waiting

        handles = self._handles(jobs)
        options = WaitOptions.of(timeout, poll_interval, patience, notified)
        update = updater(handles, on_update)
        plan = waiting.follow_all(list(handles), self._settings, options, update)
        return self._following(handles, self._driver.stream(plan))

    async def _following(
        self, handles: Mapping[str, AsyncJob], events: AsyncGenerator[tuple[str, str, Any], None]
    ) -> AsyncGenerator[tuple[AsyncJob, Event], None]:
        async with aclosing(events):
            async for job_id, identity, data in events:
                job = handles[job_id]
                yield job, job._passed(identity, Event(data))  # noqa: SLF001  the handle keeps its cursor

    def _handles(self, jobs: Iterable[AsyncJob | str]) -> dict[str, AsyncJob]:
        """Return a handle for each job, by its id; a handle that was passed is kept."""
        if isinstance(jobs, str) or not isinstance(jobs, Iterable):
            raise InvalidRequestError.of("jobs", "a list of jobs or job ids", jobs)
        found = (job if isinstance(job, AsyncJob) else self._unread(job) for job in jobs)
        return {job.id: job for job in found}

    def _unread(self, job_id: object) -> AsyncJob:
        """Return a handle for a job when only its id is known."""
        if not isinstance(job_id, str) or not job_id:
            raise InvalidRequestError.of("jobs", "AsyncJob handles or job ids", job_id)
        return AsyncJob(self._driver, self._settings, {"id": job_id})
