from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ... import models
from ...types import Response
from .. import documented, encode_form, encode_path, read_object, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request(upload_id: str, *, body: models.AddUploadPartRequest | Mapping[str, Any]) -> dict[str, Any]:
    """Return the request as arguments for `httpx.Client.build_request`."""
    return {
        "method": "POST",
        "url": encode_path("/uploads/{upload_id}/parts", {"upload_id": upload_id}),
        "files": encode_form(body),
    }


def parse_response(response: httpx.Response) -> models.UploadPart | models.ErrorResponse:
    """Read the response. Raises `errors.UnusableResponse` if it is not documented."""
    status = documented(response, "200", "4XX", "5XX")
    if status == "200":
        return read_object(response, models.UploadPart)
    return read_object(response, models.ErrorResponse)


def sync_detailed(
    upload_id: str, *, client: AuthenticatedClient, body: models.AddUploadPartRequest | Mapping[str, Any]
) -> Response[models.UploadPart | models.ErrorResponse]:
    """Send a part of an upload. Like `sync`, but returns the whole response."""
    return send(client, build_request(upload_id, body=body), parse_response)


def sync(
    upload_id: str, *, client: AuthenticatedClient, body: models.AddUploadPartRequest | Mapping[str, Any]
) -> models.UploadPart | models.ErrorResponse:
    """Send a part of an upload.

    Adds up to 64 MB to a pending upload. Parts may be sent at the same time and in any order: their order in the file
    is given on completion.

    Args:
        upload_id: Id of the upload, `upload_…`.
        body: A part of a file.
    """
    return send(client, build_request(upload_id, body=body), parse_response).parsed


async def asyncio_detailed(
    upload_id: str, *, client: AuthenticatedClient, body: models.AddUploadPartRequest | Mapping[str, Any]
) -> Response[models.UploadPart | models.ErrorResponse]:
    """Send a part of an upload. Like `asyncio`, but returns the whole response."""
    return await send_async(client, build_request(upload_id, body=body), parse_response)


async def asyncio(
    upload_id: str, *, client: AuthenticatedClient, body: models.AddUploadPartRequest | Mapping[str, Any]
) -> models.UploadPart | models.ErrorResponse:
    """Send a part of an upload.

    Adds up to 64 MB to a pending upload. Parts may be sent at the same time and in any order: their order in the file
    is given on completion.

    Args:
        upload_id: Id of the upload, `upload_…`.
        body: A part of a file.
    """
    return (await send_async(client, build_request(upload_id, body=body), parse_response)).parsed
