"""The operations under /fine_tuning/checkpoints, which need an admin key."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from finetuning_emulator.answers import (
    bad_cursor,
    choice,
    json_answer,
    json_body,
    limit,
    page,
    service_of,
)
from finetuning_emulator.errors import Refusal, not_found
from finetuning_emulator.permissions import PermissionRow
from finetuning_emulator.requests import decoded_json

__all__ = ["ROUTES"]

_LARGEST_PAGE = 1000
_ADMIN = "sk-admin"


class _CreateBody(msgspec.Struct, forbid_unknown_fields=True):
    project_ids: list[str]


async def _create(request: Request) -> Response:
    checkpoint = _checkpoint(request)
    body = decoded_json(await json_body(request), _CreateBody)
    made = service_of(request).permissions.create(checkpoint, body.project_ids)
    return page(made, len(made), _view, ids=True)


async def _list(request: Request) -> Response:
    checkpoint = _checkpoint(request)
    permissions = service_of(request).permissions
    size = limit(request, 10, _LARGEST_PAGE)
    order = choice(request, "order", ("descending", "ascending"))
    cursor = request.query_params.get("after")
    after = None
    if cursor is not None and (after := permissions.find(checkpoint, cursor)) is None:
        raise bad_cursor(cursor)
    found = permissions.page(
        checkpoint,
        project_id=request.query_params.get("project_id"),
        after=after,
        limit=size + 1,
        newest=order == "descending",
    )
    return page(found, size, _view, ids=True)


async def _delete(request: Request) -> Response:
    identifier = request.path_params["permission_id"]
    service_of(request).permissions.delete(_checkpoint(request), identifier)
    return json_answer({"id": identifier, "object": "checkpoint.permission", "deleted": True})


def _checkpoint(request: Request) -> str:
    """The name of a checkpoint that exists, asked about with an admin key; else a refusal."""
    _, _, key = request.headers["authorization"].partition(" ")
    if not key.strip().startswith(_ADMIN):
        raise Refusal(
            403,
            "You have insufficient permissions for this operation: it needs an admin key"
            f" (here, one that begins with '{_ADMIN}').",
            code="insufficient_permissions",
        )
    name: str = request.path_params["checkpoint"]
    service = service_of(request)
    if service.store.model(name, service.clock.now()) is None:
        raise not_found(
            f"The checkpoint '{name}' does not exist",
            param="fine_tuned_model_checkpoint",
            code="model_not_found",
        )
    return name


def _view(row: PermissionRow) -> dict[str, Any]:
    return {
        "object": "checkpoint.permission",
        "id": row.id,
        "created_at": row.created_at // 1000,
        "project_id": row.project_id,
    }


_PERMISSIONS = "/v1/fine_tuning/checkpoints/{checkpoint}/permissions"

ROUTES = [
    Route(_PERMISSIONS, _create, methods=["POST"]),
    Route(_PERMISSIONS, _list, methods=["GET"]),
    Route(f"{_PERMISSIONS}/{{permission_id}}", _delete, methods=["DELETE"]),
]
