from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import models
from ...types import Response
from .. import documented, encode_path, read_object, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request(upload_id: str) -> dict[str, Any]:
    """Return the request as arguments for `httpx.Client.build_request`."""
    return {"method": "POST", "url": encode_path("/uploads/{upload_id}/cancel", {"upload_id": upload_id})}


def parse_response(response: httpx.Response) -> models.Upload | models.ErrorResponse:
    """Read the response. Raises `errors.UnusableResponse` if it is not documented."""
    status = documented(response, "200", "4XX", "5XX")
    if status == "200":
        return read_object(response, models.Upload)
    return read_object(response, models.ErrorResponse)


def sync_detailed(upload_id: str, *, client: AuthenticatedClient) -> Response[models.Upload | models.ErrorResponse]:
    """Cancel an upload. Like `sync`, but returns the whole response."""
    return send(client, build_request(upload_id), parse_response)


def sync(upload_id: str, *, client: AuthenticatedClient) -> models.Upload | models.ErrorResponse:
    """Cancel an upload.

    Cancels a pending upload. Nothing can be added afterwards.

    Args:
        upload_id: Id of the upload to cancel, `upload_…`.
    """
    return send(client, build_request(upload_id), parse_response).parsed


async def asyncio_detailed(
    upload_id: str, *, client: AuthenticatedClient
) -> Response[models.Upload | models.ErrorResponse]:
    """Cancel an upload. Like `asyncio`, but returns the whole response."""
    return await send_async(client, build_request(upload_id), parse_response)


async def asyncio(upload_id: str, *, client: AuthenticatedClient) -> models.Upload | models.ErrorResponse:
    """Cancel an upload.

    Cancels a pending upload. Nothing can be added afterwards.

    Args:
        upload_id: Id of the upload to cancel, `upload_…`.
    """
    return (await send_async(client, build_request(upload_id), parse_response)).parsed
