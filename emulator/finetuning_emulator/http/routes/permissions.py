"""Routes of /fine_tuning/checkpoints, which need an admin key."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from finetuning_emulator.http.authentication import check_admin_key
from finetuning_emulator.http.json_body import read_json
from finetuning_emulator.http.query import choice, limit, unknown_cursor
from finetuning_emulator.http.responses import json_response, page_response
from finetuning_emulator.http.routes.organization_access import organization_of
from finetuning_emulator.http.views import permission_view

__all__ = ["ROUTES"]

_MAX_PAGE = 1000


class _CreateBody(msgspec.Struct, forbid_unknown_fields=True):
    project_ids: list[str]


async def _create(request: Request) -> Response:
    checkpoint = _checkpoint(request)
    body = await read_json(request, _CreateBody)
    made = organization_of(request).permissions.create(checkpoint, body.project_ids)
    return page_response(made, len(made), permission_view, ids=lambda row: row.id)


async def _list(request: Request) -> Response:
    checkpoint = _checkpoint(request)
    permissions = organization_of(request).permissions
    size = limit(request, 10, _MAX_PAGE)
    order = choice(request, "order", ("descending", "ascending"))
    cursor = request.query_params.get("after")
    after = None
    if cursor is not None and (after := permissions.find(checkpoint, cursor)) is None:
        raise unknown_cursor(cursor)
    found = permissions.page(
        checkpoint,
        project_id=request.query_params.get("project_id"),
        after=after,
        limit=size + 1,
        newest=order == "descending",
    )
    return page_response(found, size, permission_view, ids=lambda row: row.id)


async def _delete(request: Request) -> Response:
    identifier = request.path_params["permission_id"]
    organization_of(request).permissions.delete(_checkpoint(request), identifier)
    return json_response({"id": identifier, "object": "checkpoint.permission", "deleted": True})


def _checkpoint(request: Request) -> str:
    """Return the name of an existing checkpoint, or refuse the request."""
    check_admin_key(request)
    name: str = request.path_params["checkpoint"]
    organization_of(request).permissions.check_checkpoint(name)
    return name


_PERMISSIONS = "/v1/fine_tuning/checkpoints/{checkpoint}/permissions"

ROUTES = [
    Route(_PERMISSIONS, _create, methods=["POST"]),
    Route(_PERMISSIONS, _list, methods=["GET"]),
    Route(f"{_PERMISSIONS}/{{permission_id}}", _delete, methods=["DELETE"]),
]
