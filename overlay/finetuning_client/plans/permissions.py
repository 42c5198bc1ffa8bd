"""Sharing a checkpoint with projects: each permission is made at most once, even when answers are lost."""

from __future__ import annotations

from collections.abc import Sequence, Set
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
from ..errors import FineTuningError, InvalidResponse
from ..policies import Conduct
from . import listings
from .effects import Pause, Plan, Request
from .exchange import Attempts, noted, remove
from .pages import every_item

__all__ = ["create", "delete"]

_Permission = FineTuningCheckpointPermission


def create(checkpoint: str, project_ids: Sequence[str], conduct: Conduct) -> Plan[list[_Permission]]:
    """Share a checkpoint with projects; return the permissions.

    When an answer is lost, the permissions there are looked up, and only those still missing are asked for.
    """
    many = isinstance(project_ids, Sequence | Set) and not isinstance(project_ids, str)
    given: Any = list(project_ids) if many else [project_ids]
    require("CreateFineTuningCheckpointPermissionRequest", {"project_ids": given})
    wanted = list(dict.fromkeys(given))
    there: list[_Permission] = []
    attempts = Attempts(_create_request(checkpoint, wanted), conduct)
    while True:
        outcome = yield from attempts.send()
        result = yield from attempts.judge(outcome, ListFineTuningCheckpointPermissionResponse, "data")
        if isinstance(result, ListFineTuningCheckpointPermissionResponse):
            return there + result.data
        if result is not None:
            there = yield from _there(checkpoint, wanted, conduct, result)
            missing = [p for p in wanted if p not in {permission.project_id for permission in there}]
            if not missing:
                return there
            if isinstance(result, InvalidResponse):
                raise result
            attempts.request = _create_request(checkpoint, missing)
        yield from attempts.pause_or_raise(outcome)


def _there(
    checkpoint: str, wanted: Sequence[str], conduct: Conduct, lost: FineTuningError
) -> Plan[list[_Permission]]:
    """Those of the permissions that exist. Raises `lost` where that cannot be told, or is not to be asked."""
    if not conduct.exactly_once:
        raise noted(lost, "Whether the permissions were made is not known: list them.")
    yield Pause(conduct.retry.backoff(1, 0.0))
    try:
        found = yield from every_item(listings.permissions(checkpoint), conduct)
    except FineTuningError as error:
        raise noted(lost, f"Which permissions were made could not be found out ({error}).") from error
    return [permission for permission in found if permission.project_id in wanted]


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
