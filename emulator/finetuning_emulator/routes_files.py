"""The operations under /files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from finetuning_emulator import ids
from finetuning_emulator.answers import choice, json_answer, limit, page, service_of
from finetuning_emulator.clock import Millis
from finetuning_emulator.errors import Refusal, missing_parameter
from finetuning_emulator.files import Lifetime, check_fields, check_lifetime, check_name, check_purpose
from finetuning_emulator.multipart import Form, read_form
from finetuning_emulator.requests import decoded_json
from finetuning_emulator.store import FileRow

__all__ = ["ROUTES", "file_view"]

_LARGEST_FILE = 512 * 1024**2
_LARGEST_PAGE = 10_000
_FIELDS = ("purpose", "expires_after", "expires_after[anchor]", "expires_after[seconds]")
_PURPOSES = ("assistants", "batch", "fine-tune", "vision", "user_data", "evals")


async def _create(request: Request) -> Response:
    service = service_of(request)
    identifier = ids.fresh("file-")
    incoming = service.store.incoming_path(identifier)
    try:
        form = await read_form(
            request.stream(),
            request.headers.get("content-type", ""),
            file_field="file",
            destination=incoming,
            limit=_LARGEST_FILE,
        )
        filename, purpose, lifetime = _accepted(form)
        row = service.add_file(
            identifier, filename=filename, purpose=purpose, size=form.size, lifetime=lifetime
        )
    finally:
        incoming.unlink(missing_ok=True)
    return json_answer(file_view(row, row.available_at))


async def _list(request: Request) -> Response:
    service, query = service_of(request), request.query_params
    size = limit(request, _LARGEST_PAGE, _LARGEST_PAGE, refuse_more=True)
    order = choice(request, "order", ("desc", "asc"))
    now = service.clock.now()
    after = service.file(query["after"], param="after") if "after" in query else None
    found = service.store.files(
        now,
        purpose=query.get("purpose"),
        after=after,
        limit=size + 1,
        newest=order == "desc",
    )
    return page(found, size, lambda row: file_view(row, now), ids=True)


async def _retrieve(request: Request) -> Response:
    service = service_of(request)
    row = service.file(request.path_params["file_id"])
    return json_answer(file_view(row, service.clock.now()))


async def _delete(request: Request) -> Response:
    identifier = request.path_params["file_id"]
    service_of(request).delete_file(identifier)
    return json_answer({"id": identifier, "object": "file", "deleted": True})


async def _content(request: Request) -> Response:
    service = service_of(request)
    row = service.file(request.path_params["file_id"])
    content = service.content(row)
    kind = "application/octet-stream"
    if isinstance(content, Path):
        _check_range(request, row.bytes)
        return FileResponse(content, media_type=kind, filename=row.filename)
    return Response(content, media_type=kind)


def _check_range(request: Request, size: int) -> None:
    """Leave only a range that can be served: one that makes no sense is ignored, or refused."""
    wanted = request.headers.get("range")
    if wanted is None:
        return
    simple = re.fullmatch(r"bytes=([0-9]{1,18})-([0-9]{0,18})", wanted)
    if simple is None or (simple[2] and int(simple[2]) < int(simple[1])):
        headers = request.scope["headers"]
        request.scope["headers"] = [pair for pair in headers if pair[0] != b"range"]
    elif int(simple[1]) >= size:
        raise Refusal(
            416,
            f"The file has {size} bytes.",
            code="invalid_range",
            headers={"content-range": f"bytes */{size}"},
        )


def file_view(row: FileRow, at: Millis) -> dict[str, Any]:
    """The file as an answer shows it."""
    view: dict[str, Any] = {
        "object": "file",
        "id": row.id,
        "purpose": row.purpose,
        "filename": row.filename,
        "bytes": row.bytes,
        "created_at": row.available_at // 1000,
        "expires_at": None if row.expires_at is None else row.expires_at // 1000,
        "status": "processed" if row.processed_at <= at else "uploaded",
        "status_details": None,
    }
    return view


def _accepted(form: Form) -> tuple[str, str, Millis | None]:
    """The name, purpose and lifetime of an uploaded file, or a refusal."""
    check_fields(form, _FIELDS)
    if form.filename is None:
        raise missing_parameter("file")
    purpose = form.fields.get("purpose")
    if purpose is None:
        raise missing_parameter("purpose")
    check_purpose(purpose, _PURPOSES)
    if form.size == 0:
        raise Refusal(400, "The uploaded file is empty.", param="file", code="empty_file")
    check_name(form.filename, purpose, param="file")
    return form.filename, purpose, _lifetime(form)


def _lifetime(form: Form) -> Millis | None:
    if (whole := form.fields.get("expires_after")) is not None:
        return check_lifetime(decoded_json(whole.encode(), Lifetime, inside="expires_after"))
    anchor = form.fields.get("expires_after[anchor]")
    seconds = form.fields.get("expires_after[seconds]")
    if anchor is None and seconds is None:
        return None
    if anchor is None:
        raise missing_parameter("expires_after.anchor")
    if seconds is None:
        raise missing_parameter("expires_after.seconds")
    return check_lifetime(Lifetime(anchor, int(seconds) if re.fullmatch("[0-9]{1,9}", seconds) else 0))


ROUTES = [
    Route("/v1/files", _create, methods=["POST"]),
    Route("/v1/files", _list, methods=["GET"]),
    Route("/v1/files/{file_id}", _retrieve, methods=["GET"]),
    Route("/v1/files/{file_id}", _delete, methods=["DELETE"]),
    Route("/v1/files/{file_id}/content", _content, methods=["GET"]),
]
