"""Routes of /uploads."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from finetuning_emulator.errors import missing_parameter
from finetuning_emulator.http.json_body import discard_body, read_json
from finetuning_emulator.http.multipart import read_form
from finetuning_emulator.http.responses import json_response
from finetuning_emulator.http.routes.organization_access import organization_of
from finetuning_emulator.http.views import part_view, upload_view
from finetuning_emulator.operations.files import Lifetime, check_lifetime, check_name, check_purpose
from finetuning_emulator.operations.uploads import MAX_PART_BYTES

__all__ = ["ROUTES"]

_PURPOSES = ("assistants", "batch", "fine-tune", "vision")


class _CreateBody(msgspec.Struct, forbid_unknown_fields=True):
    filename: str
    purpose: str
    bytes: Annotated[int, Meta(ge=1, le=8 * 1024**3)]
    mime_type: str
    expires_after: Lifetime | msgspec.UnsetType = msgspec.UNSET


class _CompleteBody(msgspec.Struct, forbid_unknown_fields=True):
    part_ids: list[str]
    md5: str | msgspec.UnsetType = msgspec.UNSET


async def _create(request: Request) -> Response:
    body = await read_json(request, _CreateBody)
    check_purpose(body.purpose, _PURPOSES)
    check_name(body.filename, body.purpose, param="filename")
    expiry = body.expires_after
    upload = organization_of(request).uploads.create(
        filename=body.filename,
        purpose=body.purpose,
        size=body.bytes,
        lifetime=None if isinstance(expiry, msgspec.UnsetType) else check_lifetime(expiry),
    )
    return json_response(upload_view(upload))


async def _add_part(request: Request) -> Response:
    uploads = organization_of(request).uploads
    upload = uploads.pending(request.path_params["upload_id"])
    with uploads.receiving_part() as (identifier, incoming):
        form = await read_form(
            request.stream(),
            request.headers.get("content-type", ""),
            file_field="data",
            destination=incoming,
            limit=MAX_PART_BYTES,
        )
        form.check_fields(())
        if form.filename is None:
            raise missing_parameter("data")
        part = uploads.add_part(upload, identifier, form.size)
    return json_response(part_view(part))


async def _complete(request: Request) -> Response:
    uploads = organization_of(request).uploads
    identifier = request.path_params["upload_id"]
    uploads.pending(identifier)
    body = await read_json(request, _CompleteBody)
    md5 = None if isinstance(body.md5, msgspec.UnsetType) else body.md5
    upload, file = await uploads.complete(identifier, body.part_ids, md5)
    return json_response(upload_view(upload, file))


async def _cancel(request: Request) -> Response:
    await discard_body(request)
    upload = organization_of(request).uploads.cancel(request.path_params["upload_id"])
    return json_response(upload_view(upload))


ROUTES = [
    Route("/v1/uploads", _create, methods=["POST"]),
    Route("/v1/uploads/{upload_id}/parts", _add_part, methods=["POST"]),
    Route("/v1/uploads/{upload_id}/complete", _complete, methods=["POST"]),
    Route("/v1/uploads/{upload_id}/cancel", _cancel, methods=["POST"]),
]
