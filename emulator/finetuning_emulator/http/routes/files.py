"""Routes of /files."""

from __future__ import annotations

import re
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from finetuning_emulator.controls.clock import Milliseconds
from finetuning_emulator.errors import ApiError, missing_parameter
from finetuning_emulator.http.json_body import decode_json
from finetuning_emulator.http.multipart import Form, read_form
from finetuning_emulator.http.query import choice, limit
from finetuning_emulator.http.responses import json_response, page_response
from finetuning_emulator.http.routes.organization_access import organization_of
from finetuning_emulator.http.views import file_view
from finetuning_emulator.operations.files import Lifetime, check_lifetime, check_name, check_purpose

__all__ = ["ROUTES"]

_MAX_FILE = 512 * 1024**2
_MAX_PAGE = 10_000
_FIELDS = ("purpose", "expires_after", "expires_after[anchor]", "expires_after[seconds]")
_PURPOSES = ("assistants", "batch", "fine-tune", "vision", "user_data", "evals")


async def _create(request: Request) -> Response:
    files = organization_of(request).files
    with files.receiving() as (identifier, incoming):
        form = await read_form(
            request.stream(),
            request.headers.get("content-type", ""),
            file_field="file",
            destination=incoming,
            limit=_MAX_FILE,
        )
        filename, purpose, lifetime = _checked(form)
        row = files.add(identifier, filename=filename, purpose=purpose, size=form.size, lifetime=lifetime)
    return json_response(file_view(row, row.available_at))


async def _list(request: Request) -> Response:
    organization, query = organization_of(request), request.query_params
    size = limit(request, _MAX_PAGE, _MAX_PAGE, refuse_more=True)
    order = choice(request, "order", ("desc", "asc"))
    now = organization.clock.now()
    found = organization.files.page(
        purpose=query.get("purpose"), after=query.get("after"), limit=size + 1, newest=order == "desc"
    )
    return page_response(found, size, lambda row: file_view(row, now), ids=lambda row: row.id)


async def _retrieve(request: Request) -> Response:
    organization = organization_of(request)
    row = organization.files.get(request.path_params["file_id"])
    return json_response(file_view(row, organization.clock.now()))


async def _delete(request: Request) -> Response:
    identifier = request.path_params["file_id"]
    organization_of(request).files.delete(identifier)
    return json_response({"id": identifier, "object": "file", "deleted": True})


async def _content(request: Request) -> Response:
    files = organization_of(request).files
    row = files.get(request.path_params["file_id"])
    content = files.content(row)
    kind = "application/octet-stream"
    if isinstance(content, Path):
        _check_range(request, row.bytes)
        return FileResponse(content, media_type=kind, filename=row.filename)
    return Response(content, media_type=kind)


def _check_range(request: Request, size: int) -> None:
    """Remove a `Range` header that is not a simple range; refuse one that starts after the end."""
    wanted = request.headers.get("range")
    if wanted is None:
        return
    simple = re.fullmatch(r"bytes=([0-9]{1,18})-([0-9]{0,18})", wanted)
    if simple is None or (simple[2] and int(simple[2]) < int(simple[1])):
        headers = request.scope["headers"]
        request.scope["headers"] = [pair for pair in headers if pair[0] != b"range"]
    elif int(simple[1]) >= size:
        raise ApiError(
            416,
            f"The range begins beyond the end of the file, which has {size} bytes.",
            code="invalid_range",
            headers={"content-range": f"bytes */{size}"},
        )


def _checked(form: Form) -> tuple[str, str, Milliseconds | None]:
    """Return the name, purpose and lifetime of an uploaded file, or refuse the form."""
    form.check_fields(_FIELDS)
    if form.filename is None:
        raise missing_parameter("file")
    purpose = form.fields.get("purpose")
    if purpose is None:
        raise missing_parameter("purpose")
    check_purpose(purpose, _PURPOSES)
    if form.size == 0:
        raise ApiError(400, "The uploaded file is empty.", param="file", code="empty_file")
    check_name(form.filename, purpose, param="file")
    return form.filename, purpose, _lifetime(form)


def _lifetime(form: Form) -> Milliseconds | None:
    if (whole := form.fields.get("expires_after")) is not None:
        return check_lifetime(decode_json(whole.encode(), Lifetime, inside="expires_after"))
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
