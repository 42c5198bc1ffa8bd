"""Plain methods of the handle `Job`, generated from openapi.yaml by `make generate`; do not edit."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..plans import operations
from .pager import AsyncPager

if TYPE_CHECKING:
    from typing import Self

    from ..operation_settings import Settings
    from ..plans.responses import JsonObject
    from ..transport.drivers import AsyncDriver
    from ..views import Checkpoint, Event

__all__ = ["AsyncJobMethods"]


class AsyncJobMethods:
    """Methods of `AsyncJob` that are generated from the contract.

    In the handle's list of bases, this class comes after the view, which has the `id`.
    """

    __slots__ = ()
    if TYPE_CHECKING:
        _driver: AsyncDriver
        _settings: Settings

        @property
        def id(self) -> str: ...
        def _adopt(self, data: JsonObject) -> Self: ...

    async def retrieve(self) -> Self:
        """Retrieve a fine-tuning job.

        The job as it is now.

        Updates this handle, and returns it. Source: `retrieveFineTuningJob` in the contract. Raises
        `InvalidRequestError` before anything is sent, `ApiError`, `ConnectionFailed` or `InvalidResponse`.
        """
        plan = operations.retrieve_fine_tuning_job(self.id, self._settings)
        return self._adopt(await self._driver.run(plan))

    async def cancel(self) -> Self:
        """Cancel a fine-tuning job.

        Stops a job. Refused when the job has already ended.

        Updates this handle, and returns it. Source: `cancelFineTuningJob` in the contract. Raises
        `InvalidRequestError` before anything is sent, `ApiError`, `ConnectionFailed` or `InvalidResponse`.
        """
        plan = operations.cancel_fine_tuning_job(self.id, self._settings)
        return self._adopt(await self._driver.run(plan))

    async def pause(self) -> Self:
        """Pause a fine-tuning job.

        Halts a running job until it is resumed or cancelled.

        Updates this handle, and returns it. Source: `pauseFineTuningJob` in the contract. Raises
        `InvalidRequestError` before anything is sent, `ApiError`, `ConnectionFailed` or `InvalidResponse`.
        """
        plan = operations.pause_fine_tuning_job(self.id, self._settings)
        return self._adopt(await self._driver.run(plan))

    async def resume(self) -> Self:
        """Resume a fine-tuning job.

        Continues a paused job.

        Updates this handle, and returns it. Source: `resumeFineTuningJob` in the contract. Raises
        `InvalidRequestError` before anything is sent, `ApiError`, `ConnectionFailed` or `InvalidResponse`.
        """
        plan = operations.resume_fine_tuning_job(self.id, self._settings)
        return self._adopt(await self._driver.run(plan))

    def list_events(
        self, *, limit: int | None = None, page_size: int | None = None, after: str | None = None
    ) -> AsyncPager[Event]:
        """List the events of a fine-tuning job.

        What has happened to the job, newest first, a page at a time. Events may still be added after the job
        has ended.

        Args:
            limit: maximum number of items; `None` for all.
            page_size: items per request; `None` for 100.
            after: id of the item to start after.

        Returns `AsyncPager[Event]`: the items of all pages, each page requested when it is needed. Source:
        `listFineTuningEvents` in the contract. Raises `InvalidRequestError` before anything is sent,
        `ApiError`, `ConnectionFailed` or `InvalidResponse`.
        """
        from ..views import Event

        listing = operations.list_fine_tuning_events(
            partial(Event, statuses=self._settings.statuses),
            self.id,
            limit=limit,
            page_size=page_size,
            after=after,
        )
        return AsyncPager(self._driver, listing, self._settings)

    def list_checkpoints(
        self, *, limit: int | None = None, page_size: int | None = None, after: str | None = None
    ) -> AsyncPager[Checkpoint]:
        """List the checkpoints of a fine-tuning job.

        The models that the job saved during training, newest first, a page at a time.

        Args:
            limit: maximum number of items; `None` for all.
            page_size: items per request; `None` for 100.
            after: id of the item to start after.

        Returns `AsyncPager[Checkpoint]`: the items of all pages, each page requested when it is needed.
        Source: `listFineTuningJobCheckpoints` in the contract. Raises `InvalidRequestError` before anything
        is sent, `ApiError`, `ConnectionFailed` or `InvalidResponse`.
        """
        from ..views import Checkpoint

        listing = operations.list_fine_tuning_job_checkpoints(
            partial(Checkpoint, statuses=self._settings.statuses),
            self.id,
            limit=limit,
            page_size=page_size,
            after=after,
        )
        return AsyncPager(self._driver, listing, self._settings)
