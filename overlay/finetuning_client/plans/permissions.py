"""Sharing of a checkpoint with projects: each permission is created at most once."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from finetuning_api.api.checkpoint_permissions import create_fine_tuning_checkpoint_permission
from finetuning_api.models.create_fine_tuning_checkpoint_permission_request import (
    CreateFineTuningCheckpointPermissionRequest,
)
from finetuning_api.models.fine_tuning_checkpoint_permission import FineTuningCheckpointPermission
from finetuning_api.models.list_fine_tuning_checkpoint_permission_response import (
    ListFineTuningCheckpointPermissionResponse,
)

from ..errors import InvalidRequestError
from ..operation_settings import Settings
from ..validation import require
from . import operations
from .effects import Plan, Request, Response
from .exactly_once import Creation, create_once
from .list_pages import as_listed, every_item

_Permission = FineTuningCheckpointPermission


def create(checkpoint: str, project_ids: Sequence[str], settings: Settings) -> Plan[list[_Permission]]:
    """Share a checkpoint with projects; return the permissions.

    When a response is lost, the checkpoint's permissions are listed, and only the missing ones are requested.
    """
    is_list = isinstance(project_ids, Sequence | AbstractSet) and not isinstance(project_ids, str)
    given: Any = list(project_ids) if is_list else [project_ids]
    require("CreateFineTuningCheckpointPermissionRequest", {"project_ids": given}, limits=settings.limits)
    wanted = list(dict.fromkeys(given))
    if not all(wanted) or not wanted:
        raise InvalidRequestError.of("project_ids", "a list of one or more non-empty project ids", given)
    return create_once(_Sharing(checkpoint, wanted, settings))


class _Sharing(Creation[list[_Permission]]):
    """The creation of permissions, some of which may exist already."""

    noun = "permission"
    advice = "Check client.checkpoints.permissions.list(checkpoint)"

    def __init__(self, checkpoint: str, wanted: list[str], settings: Settings) -> None:
        super().__init__(settings)
        self._checkpoint = checkpoint
        self._wanted = wanted
        self._found: list[_Permission] = []

    def request(self) -> Request:
        """Return the request for the permissions that are still missing."""
        body = CreateFineTuningCheckpointPermissionRequest(project_ids=self._missing(self._found))
        build = create_fine_tuning_checkpoint_permission.build_request
        return Request.of(build, self._checkpoint, body=body).for_admin

    def read(self, response: Response) -> list[_Permission]:
        """Read the permissions; together with those found earlier, they must be complete."""
        created = self.read_as(ListFineTuningCheckpointPermissionResponse, response)
        permissions = self._found + created.data
        if missing := self._missing(permissions):
            raise self.invalid(response, f"the body lists no permission for {', '.join(missing)}")
        return permissions

    def look(self) -> Plan[list[_Permission] | None]:
        """List the checkpoint's permissions; `None` if a requested one is missing."""
        listing = operations.list_fine_tuning_checkpoint_permissions(
            as_listed, self._checkpoint, page_size=100
        )
        listed = yield from every_item(listing, self.settings)
        self._found = [permission for permission in listed if permission.project_id in self._wanted]
        return None if self._missing(self._found) else self._found

    def _missing(self, permissions: Sequence[_Permission]) -> list[str]:
        named = {p.project_id for p in permissions if isinstance(p.id, str) and p.id}
        return [project_id for project_id in self._wanted if project_id not in named]
