"""`client.checkpoints.permissions`: sharing checkpoints with projects; needs an admin key."""

from __future__ import annotations

from collections.abc import Sequence

from ..plans import permissions as plans
from ..views import Permission
from .methods_of_permissions import AsyncPermissionsMethods


class AsyncPermissions(AsyncPermissionsMethods):
    """Which of the organization's projects may use fine-tuned checkpoints."""

    async def create(self, checkpoint: str, project_ids: Sequence[str]) -> list[Permission]:
        """Share a checkpoint with projects, each once (`createFineTuningCheckpointPermission`).

        Args:
            checkpoint: the name of the checkpoint's model, `ft:…:ckpt-step-…`.
            project_ids: the projects, `proj_…`.

        Returns the permissions, one for each project.
        """
        plan = plans.create(checkpoint, project_ids, self._settings)
        return [Permission(permission) for permission in await self._driver.run(plan)]
