# Generated from _async/methods_of_jobs.py by `make generate`; do not edit.
"""Plain methods of `client.jobs`, generated from openapi.yaml by `make generate`; do not edit."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from ..plans import operations
from .pager import Pager
from .resource_base import Resource

if TYPE_CHECKING:
    from ..views import Checkpoint, Event
    from .job_handle import Job

__all__ = ["JobsMethods"]


class JobsMethods(Resource):
    """Fine-tuning jobs, from creation to the finished model.

    Methods of `Jobs` that are generated from the contract.
    """

    def list(
        self,
        *,
        limit: int | None = None,
        page_size: int | None = None,
        after: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[Job]:
        """List fine-tuning jobs.

        The organization's jobs, newest first, a page at a time.

        Args:
            limit: maximum number of items; `None` for all.
            page_size: items per request; `None` for 100.
            after: id of the item to start after.
            metadata: Only jobs whose metadata has all these pairs. In the URL each is written
                `metadata[key]=value`, and `metadata=null` asks for jobs that have no metadata.

        Returns `Pager[Job]`: the items of all pages, each page requested when it is needed. Source:
        `listPaginatedFineTuningJobs` in the contract. Raises `InvalidRequestError` before anything is sent,
        `ApiError`, `ConnectionFailed` or `InvalidResponse`.
        """
        from .job_handle import Job

        listing = operations.list_paginated_fine_tuning_jobs(
            partial(Job, self._driver, self._settings),
            limit=limit,
            page_size=page_size,
            after=after,
            metadata=metadata,
            limits=self._settings.limits,
        )
        return Pager(self._driver, listing, self._settings)

    def retrieve(self, job_id: str) -> Job:
        """Retrieve a fine-tuning job.

        The job as it is now.

        Args:
            job_id: Id of the job, `ftjob-…`.

        Returns `Job`. Source: `retrieveFineTuningJob` in the contract. Raises `InvalidRequestError`
        before anything is sent, `ApiError`, `ConnectionFailed` or `InvalidResponse`.
        """
        from .job_handle import Job

        plan = operations.retrieve_fine_tuning_job(job_id, self._settings)
        return Job(self._driver, self._settings, self._driver.run(plan))

    def cancel(self, job_id: str) -> Job:
        """Cancel a fine-tuning job.

        Stops a job. Refused when the job has already ended.

        Args:
            job_id: Id of the job to cancel, `ftjob-…`.

        Returns `Job`. Source: `cancelFineTuningJob` in the contract. Raises `InvalidRequestError` before
        anything is sent, `ApiError`, `ConnectionFailed` or `InvalidResponse`.
        """
        from .job_handle import Job

        plan = operations.cancel_fine_tuning_job(job_id, self._settings)
        return Job(self._driver, self._settings, self._driver.run(plan))

    def pause(self, job_id: str) -> Job:
        """Pause a fine-tuning job.

        Halts a running job until it is resumed or cancelled.

        Args:
            job_id: Id of the job to pause, `ftjob-…`.

        Returns `Job`. Source: `pauseFineTuningJob` in the contract. Raises `InvalidRequestError` before
        anything is sent, `ApiError`, `ConnectionFailed` or `InvalidResponse`.
        """
        from .job_handle import Job

        plan = operations.pause_fine_tuning_job(job_id, self._settings)
        return Job(self._driver, self._settings, self._driver.run(plan))

    def resume(self, job_id: str) -> Job:
        """Resume a fine-tuning job.

        Continues a paused job.

        Args:
            job_id: Id of the job to resume, `ftjob-…`.

        Returns `Job`. Source: `resumeFineTuningJob` in the contract. Raises `InvalidRequestError` before
        anything is sent, `ApiError`, `ConnectionFailed` or `InvalidResponse`.
        """
        from .job_handle import Job

        plan = operations.resume_fine_tuning_job(job_id, self._settings)
        return Job(self._driver, self._settings, self._driver.run(plan))

    def list_events(
        self, job_id: str, *, limit: int | None = None, page_size: int | None = None, after: str | None = None
    ) -> Pager[Event]:
        """List the events of a fine-tuning job.

        What has happened to the job, newest first, a page at a time. Events may still be added after the job
        has ended.

        Args:
            job_id: Id of the job whose events are listed, `ftjob-…`.
            limit: maximum number of items; `None` for all.
            page_size: items per request; `None` for 100.
            after: id of the item to start after.

        Returns `Pager[Event]`: the items of all pages, each page requested when it is needed. Source:
        `listFineTuningEvents` in the contract. Raises `InvalidRequestError` before anything is sent,
        `ApiError`, `ConnectionFailed` or `InvalidResponse`.
        """
        from ..views import Event

        listing = operations.list_fine_tuning_events(
            partial(Event, statuses=self._settings.statuses),
            job_id,
            limit=limit,
            page_size=page_size,
            after=after,
        )
        return Pager(self._driver, listing, self._settings)

    def list_checkpoints(
        self, job_id: str, *, limit: int | None = None, page_size: int | None = None, after: str | None = None
    ) -> Pager[Checkpoint]:
        """List the checkpoints of a fine-tuning job.

        The models that the job saved during training, newest first, a page at a time.

        Args:
            job_id: Id of the job whose checkpoints are listed, `ftjob-…`.
            limit: maximum number of items; `None` for all.
            page_size: items per request; `None` for 100.
            after: id of the item to start after.

        Returns `Pager[Checkpoint]`: the items of all pages, each page requested when it is needed.
        Source: `listFineTuningJobCheckpoints` in the contract. Raises `InvalidRequestError` before anything
        is sent, `ApiError`, `ConnectionFailed` or `InvalidResponse`.
        """
        from ..views import Checkpoint

        listing = operations.list_fine_tuning_job_checkpoints(
            partial(Checkpoint, statuses=self._settings.statuses),
            job_id,
            limit=limit,
            page_size=page_size,
            after=after,
        )
        return Pager(self._driver, listing, self._settings)
