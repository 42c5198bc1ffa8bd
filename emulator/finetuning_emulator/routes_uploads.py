"""The operations under /uploads."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from finetuning_emulator import ids
from finetuning_emulator.answers import ignored_body, json_answer, json_body, service_of
from finetuning_emulator.errors import missing_parameter
from finetuning_emulator.files import Lifetime, check_fields, check_lifetime, check_name, check_purpose
from finetuning_emulator.multipart import read_form
from finetuning_emulator.requests import decoded_json
from finetuning_emulator.routes_files import file_view
from finetuning_emulator.store import FileRow
from finetuning_emulator.uploads import LARGEST_PART, UploadRow

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
    body = decoded_json(await json_body(request), _CreateBody)
    check_purpose(body.purpose, _PURPOSES)
    check_name(body.filename, body.purpose, param="filename")
    wanted = body.expires_after
    upload = service_of(request).uploads.create(
        filename=body.filename,
        purpose=body.purpose,
        size=body.bytes,
        lifetime=None if isinstance(wanted, msgspec.UnsetType) else check_lifetime(wanted),
    )
    return json_answer(_view(upload))


async def _add_part(request: Request) -> Response:
    service = service_of(request)
    upload = service.uploads.pending(request.path_params["upload_id"])
    identifier = ids.fresh("part_")
    incoming = service.store.incoming_path(identifier)
    try:
        form = await read_form(
            request.stream(),
            request.headers.get("content-type", ""),
            file_field="data",
            destination=incoming,
            limit=LARGEST_PART,
        )
        check_fields(form, ())
        if form.filename is None:
            raise missing_parameter("data")
        part = service.uploads.add_part(upload, identifier, form.size)
    finally:
        incoming.unlink(missing_ok=True)
    return json_answer(
        {
            "id": part.id,
            "object": "upload.part",
            "created_at": part.created_at // 1000,
            "upload_id": part.upload_id,
        }
    )


async def _complete(request: Request) -> Response:
    uploads = service_of(request).uploads
    identifier = request.path_params["upload_id"]
    uploads.pending(identifier)
    body = decoded_json(await json_body(request), _CompleteBody)
    md5 = None if isinstance(body.md5, msgspec.UnsetType) else body.md5
    upload, file = await uploads.complete(identifier, body.part_ids, md5)
    return json_answer(_view(upload, file))


async def _cancel(request: Request) -> Response:
    await ignored_body(request)
    return json_answer(_view(service_of(request).uploads.cancel(request.path_params["upload_id"])))


def _view(upload: UploadRow, file: FileRow | None = None) -> dict[str, Any]:
    return {
        "id": upload.id,
        "object": "upload",
        "created_at": upload.created_at // 1000,
        "filename": upload.filename,
        "bytes": upload.bytes,
        "purpose": upload.purpose,
        "status": upload.status,
        "expires_at": upload.expires_at // 1000,
        "file": None if file is None else file_view(file, file.available_at),
    }


ROUTES = [
    Route("/v1/uploads", _create, methods=["POST"]),
    Route("/v1/uploads/{upload_id}/parts", _add_part, methods=["POST"]),
    Route("/v1/uploads/{upload_id}/complete", _complete, methods=["POST"]),
    Route("/v1/uploads/{upload_id}/cancel", _cancel, methods=["POST"]),
]
