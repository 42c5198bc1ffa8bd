"""`client.checkpoints.permissions`: sharing checkpoints with projects; needs an admin key."""

from __future__ import annotations

from collections.abc import Sequence

from finetuning_api.models.delete_fine_tuning_checkpoint_permission_response import (
    DeleteFineTuningCheckpointPermissionResponse,
)
from finetuning_api.models.fine_tuning_checkpoint_permission import FineTuningCheckpointPermission

from .drivers import AsyncDriver, Driver
from .handles import Context
from .pager import AsyncPager, Pager
from .plans import listings
from .plans import permissions as plans

__all__ = ["AsyncCheckpoints", "AsyncPermissions", "Checkpoints", "Permissions"]


class Permissions:
    """Who else may use a checkpoint: projects of the organisation."""

    def __init__(self, context: Context[Driver]) -> None:
        self._context = context

    def create(self, checkpoint: str, project_ids: Sequence[str]) -> list[FineTuningCheckpointPermission]:
        """Share a checkpoint with projects, each once (`createFineTuningCheckpointPermission`).

        Args:
            checkpoint: the name of the checkpoint's model, `ft:…:ckpt-step-…`.
            project_ids: the projects, `proj_…`.
        """
        plan = plans.create(checkpoint, project_ids, self._context.conduct)
        return self._context.driver.run(plan)

    def list(
        self,
        checkpoint: str,
        *,
        limit: int | None = None,
        page_size: int | None = None,
        after: str | None = None,
        project_id: str | None = None,
        order: str | None = None,
    ) -> Pager[FineTuningCheckpointPermission]:
        """A checkpoint's permissions (`listFineTuningCheckpointPermissions`).

        Args:
            checkpoint: the name of the checkpoint's model.
            limit: how many in all; `None` means every one.
            page_size: how many a request asks for.
            after: the id of the permission to begin after.
            project_id: only those of this project.
            order: `ascending` for oldest first, `descending` for newest first.
        """
        listing = listings.permissions(
            checkpoint,
            limit=limit,
            page_size=page_size,
            after=after,
            project_id=project_id,
            order=order,
        )
        return Pager(self._context.driver, listing, self._context.conduct)

    def delete(self, checkpoint: str, permission_id: str) -> DeleteFineTuningCheckpointPermissionResponse:
        """Stop sharing (`deleteFineTuningCheckpointPermission`). Raises `NotFound`."""
        plan = plans.delete(checkpoint, permission_id, self._context.conduct)
        return self._context.driver.run(plan)


class AsyncPermissions:
    """Who else may use a checkpoint. `Permissions` has the details."""

    def __init__(self, context: Context[AsyncDriver]) -> None:
        self._context = context

    async def create(
        self, checkpoint: str, project_ids: Sequence[str]
    ) -> list[FineTuningCheckpointPermission]:
        """Share a checkpoint with projects, each once; see `Permissions.create`."""
        plan = plans.create(checkpoint, project_ids, self._context.conduct)
        return await self._context.driver.run(plan)

    def list(
        self,
        checkpoint: str,
        *,
        limit: int | None = None,
        page_size: int | None = None,
        after: str | None = None,
        project_id: str | None = None,
        order: str | None = None,
    ) -> AsyncPager[FineTuningCheckpointPermission]:
        """A checkpoint's permissions; see `Permissions.list`."""
        listing = listings.permissions(
            checkpoint,
            limit=limit,
            page_size=page_size,
            after=after,
            project_id=project_id,
            order=order,
        )
        return AsyncPager(self._context.driver, listing, self._context.conduct)

    async def delete(
        self, checkpoint: str, permission_id: str
    ) -> DeleteFineTuningCheckpointPermissionResponse:
        """Stop sharing; see `Permissions.delete`."""
        plan = plans.delete(checkpoint, permission_id, self._context.conduct)
        return await self._context.driver.run(plan)


class Checkpoints:
    """What concerns checkpoints apart from their job; `job.list_checkpoints()` lists them."""

    permissions: Permissions
    """Who else may use a checkpoint."""

    def __init__(self, context: Context[Driver]) -> None:
        self.permissions = Permissions(context)


class AsyncCheckpoints:
    """What concerns checkpoints apart from their job; `job.list_checkpoints()` lists them."""

    permissions: AsyncPermissions
    """Who else may use a checkpoint."""

    def __init__(self, context: Context[AsyncDriver]) -> None:
        self.permissions = AsyncPermissions(context)
