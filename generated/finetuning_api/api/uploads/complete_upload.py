from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ... import models
from ...types import Response, plain
from .. import documented, encode_path, read_object, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request(upload_id: str, *, body: models.CompleteUploadRequest | Mapping[str, Any]) -> dict[str, Any]:
    """Return the request as arguments for `httpx.Client.build_request`."""
    return {
        "method": "POST",
        "url": encode_path("/uploads/{upload_id}/complete", {"upload_id": upload_id}),
        "json": plain(body),
    }


def parse_response(response: httpx.Response) -> models.Upload | models.ErrorResponse:
    """Read the response. Raises `errors.UnusableResponse` if it is not documented."""
    status = documented(response, "200", "4XX", "5XX")
    if status == "200":
        return read_object(response, models.Upload)
    return read_object(response, models.ErrorResponse)


def sync_detailed(
    upload_id: str, *, client: AuthenticatedClient, body: models.CompleteUploadRequest | Mapping[str, Any]
) -> Response[models.Upload | models.ErrorResponse]:
    """Complete an upload. Like `sync`, but returns the whole response."""
    return send(client, build_request(upload_id, body=body), parse_response)


def sync(
    upload_id: str, *, client: AuthenticatedClient, body: models.CompleteUploadRequest | Mapping[str, Any]
) -> models.Upload | models.ErrorResponse:
    """Complete an upload.

    Joins the parts, in the order given, into a file. Their sizes must add up to the `bytes` announced when the upload
    was created. Nothing can be added afterwards.

    Args:
        upload_id: Id of the upload to complete, `upload_…`.
        body: Parts of the file in order, and a checksum.
    """
    return send(client, build_request(upload_id, body=body), parse_response).parsed


async def asyncio_detailed(
    upload_id: str, *, client: AuthenticatedClient, body: models.CompleteUploadRequest | Mapping[str, Any]
) -> Response[models.Upload | models.ErrorResponse]:
    """Complete an upload. Like `asyncio`, but returns the whole response."""
    return await send_async(client, build_request(upload_id, body=body), parse_response)


async def asyncio(
    upload_id: str, *, client: AuthenticatedClient, body: models.CompleteUploadRequest | Mapping[str, Any]
) -> models.Upload | models.ErrorResponse:
    """Complete an upload.

    Joins the parts, in the order given, into a file. Their sizes must add up to the `bytes` announced when the upload
    was created. Nothing can be added afterwards.

    Args:
        upload_id: Id of the upload to complete, `upload_…`.
        body: Parts of the file in order, and a checksum.
    """
    return (await send_async(client, build_request(upload_id, body=body), parse_response)).parsed
