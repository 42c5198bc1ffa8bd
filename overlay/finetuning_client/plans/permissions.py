"""Sharing a checkpoint with projects: each permission is made at most once, even when answers are lost."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Any

from finetuning_api.api.checkpoint_permissions import (
    create_fine_tuning_checkpoint_permission,
    delete_fine_tuning_checkpoint_permission,
)
from finetuning_api.models.create_fine_tuning_checkpoint_permission_request import (
    CreateFineTuningCheckpointPermissionRequest,
)
from finetuning_api.models.delete_fine_tuning_checkpoint_permission_response import (
    DeleteFineTuningCheckpointPermissionResponse,
)
from finetuning_api.models.fine_tuning_checkpoint_permission import FineTuningCheckpointPermission
from finetuning_api.models.list_fine_tuning_checkpoint_permission_response import (
    ListFineTuningCheckpointPermissionResponse,
)

from ..contract import require
from ..errors import FineTuningError, InvalidRequestError, InvalidResponse
from ..policies import Conduct
from . import listings
from .effects import Now, Plan, Request
from .exchange import Attempts, noted, remove
from .pages import every_item
from .search import search

__all__ = ["create", "delete"]

_Permission = FineTuningCheckpointPermission


def create(checkpoint: str, project_ids: Sequence[str], conduct: Conduct) -> Plan[list[_Permission]]:
    """Share a checkpoint with projects; return the permissions.

    When an answer is lost, the permissions there are looked up, and only those still missing are asked for.
    """
    many = isinstance(project_ids, Sequence | AbstractSet) and not isinstance(project_ids, str)
    given: Any = list(project_ids) if many else [project_ids]
    require("CreateFineTuningCheckpointPermissionRequest", {"project_ids": given})
    wanted = list(dict.fromkeys(given))
    if not all(wanted) or not wanted:
        rule = "at least one id of a project"
        raise InvalidRequestError(
            f"project_ids: must be {rule}, not {given!r}", field="project_ids", limit=rule, value=given
        )
    there: list[_Permission] = []
    attempts = Attempts(_create_request(checkpoint, wanted), conduct)
    while True:
        sent: float = yield Now()
        outcome = yield from attempts.send()
        result = yield from attempts.judge(outcome, ListFineTuningCheckpointPermissionResponse, "data")
        if isinstance(result, ListFineTuningCheckpointPermissionResponse):
            if not _missing(wanted, there + result.data):
                return there + result.data
            result = InvalidResponse(
                f"{attempts.request}: the answer does not name each project's permission"
            )
        if result is not None:
            if not conduct.exactly_once:
                raise noted(result, "Whether the permissions were made is not known: list them.")
            found = yield from search(partial(_all, checkpoint, wanted, there, conduct, result), sent)
            if found is not None:
                return found
            if isinstance(result, InvalidResponse):
                raise result
            attempts.request = _create_request(checkpoint, _missing(wanted, there))
        yield from attempts.pause_or_raise(outcome)


def _all(
    checkpoint: str, wanted: Sequence[str], there: list[_Permission], conduct: Conduct, lost: FineTuningError
) -> Plan[list[_Permission] | None]:
    """The permissions, if all exist; `there` holds those that do. Raises `lost` where it cannot be told."""
    try:
        found = yield from every_item(listings.permissions(checkpoint), conduct)
    except FineTuningError as error:
        raise noted(lost, f"Which permissions were made could not be found out ({error}).") from error
    there[:] = [permission for permission in found if permission.project_id in wanted]
    return None if _missing(wanted, there) else there


def _missing(wanted: Sequence[str], there: Sequence[_Permission]) -> list[str]:
    named = {
        permission.project_id for permission in there if isinstance(permission.id, str) and permission.id
    }
    return [project_id for project_id in wanted if project_id not in named]


def delete(
    checkpoint: str, permission_id: str, conduct: Conduct
) -> Plan[DeleteFineTuningCheckpointPermissionResponse]:
    """Stop sharing."""
    build = delete_fine_tuning_checkpoint_permission.build_request
    gone = DeleteFineTuningCheckpointPermissionResponse(
        id=permission_id, object="checkpoint.permission", deleted=True
    )
    return remove(Request.of(build, checkpoint, permission_id).for_admin, gone, conduct)


def _create_request(checkpoint: str, project_ids: list[str]) -> Request:
    body = CreateFineTuningCheckpointPermissionRequest(project_ids=project_ids)
    return Request.of(create_fine_tuning_checkpoint_permission.build_request, checkpoint, body=body).for_admin
