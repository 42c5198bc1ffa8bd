# Generated from _async/methods_of_permissions.py by `make generate`; do not edit.
"""Plain methods of `client.checkpoints.permissions`.

Generated from openapi.yaml by `make generate`; do not edit.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..plans import operations
from .pager import Pager
from .resource_base import Resource

if TYPE_CHECKING:
    from ..views import Deleted, Permission

__all__ = ["PermissionsMethods"]


class PermissionsMethods(Resource):
    """Which projects of an organization may use fine-tuned checkpoints. Needs an admin key.

    Methods of `Permissions` that are generated from the contract.
    """

    def list(
        self,
        checkpoint: str,
        *,
        limit: int | None = None,
        page_size: int | None = None,
        after: str | None = None,
        project_id: str | None = None,
        order: str | None = None,
    ) -> Pager[Permission]:
        """List the permissions of a checkpoint.

        The projects that a fine-tuned checkpoint is shared with, a page at a time. For organization owners,
        with an admin key.

        Args:
            checkpoint: Name of the checkpoint, `ft:…`.
            limit: maximum number of items; `None` for all.
            page_size: items per request; `None` for 100.
            after: id of the item to start after.
            project_id: Only the permission of this project.
            order: Order of the permissions by creation time. The server uses `descending` by default. One of
                `ascending`, `descending`.

        Returns `Pager[Permission]`: the items of all pages, each page requested when it is needed.
        Source: `listFineTuningCheckpointPermissions` in the contract. Raises `InvalidRequestError` before
        anything is sent, `ApiError`, `ConnectionFailed` or `InvalidResponse`.
        """
        from ..views import Permission

        listing = operations.list_fine_tuning_checkpoint_permissions(
            partial(Permission, statuses=self._settings.statuses),
            checkpoint,
            limit=limit,
            page_size=page_size,
            after=after,
            project_id=project_id,
            order=order,
            limits=self._settings.limits,
        )
        return Pager(self._driver, listing, self._settings)

    def delete(self, checkpoint: str, permission_id: str) -> Deleted:
        """Revoke a permission.

        Ends one project's access to a fine-tuned checkpoint. For organization owners, with an admin key.

        Args:
            checkpoint: Name of the checkpoint that is shared, `ft:…`.
            permission_id: Id of the permission to delete, `cp_…`.

        Returns `Deleted`. Source: `deleteFineTuningCheckpointPermission` in the contract. Raises
        `InvalidRequestError` before anything is sent, `ApiError`, `ConnectionFailed` or `InvalidResponse`.
        """
        from ..views import Deleted

        plan = operations.delete_fine_tuning_checkpoint_permission(checkpoint, permission_id, self._settings)
        return Deleted(self._driver.run(plan), self._settings.statuses)
