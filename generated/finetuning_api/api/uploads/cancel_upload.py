from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...models.error_response import ErrorResponse
from ...models.upload import Upload
from ...types import Response
from .. import encode_path, parse, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request(upload_id: str) -> dict[str, Any]:
    """Describe the request by arguments for `httpx.Client.request`."""
    return {"method": "POST", "url": encode_path("/uploads/{upload_id}/cancel", upload_id=upload_id)}


def parse_response(response: httpx.Response) -> Upload | ErrorResponse:
    """Read the answer. Raises an `errors.UnusableResponse` when it is not a documented one."""
    return parse(response, {"200": Upload, "4XX": ErrorResponse, "5XX": ErrorResponse})


def sync_detailed(upload_id: str, *, client: AuthenticatedClient) -> Response[Upload | ErrorResponse]:
    """Cancel an upload. Like `sync`, but returns the whole response."""
    return send(client, build_request(upload_id), parse_response)


def sync(upload_id: str, *, client: AuthenticatedClient) -> Upload | ErrorResponse:
    """Cancel an upload.

    Gives up a pending upload. Nothing can be added afterwards.

    Args:
        upload_id: Id of the upload to cancel, `upload_…`.
    """
    return send(client, build_request(upload_id), parse_response).parsed


async def asyncio_detailed(upload_id: str, *, client: AuthenticatedClient) -> Response[Upload | ErrorResponse]:
    """Cancel an upload. Like `asyncio`, but returns the whole response."""
    return await send_async(client, build_request(upload_id), parse_response)


async def asyncio(upload_id: str, *, client: AuthenticatedClient) -> Upload | ErrorResponse:
    """Cancel an upload.

    Gives up a pending upload. Nothing can be added afterwards.

    Args:
        upload_id: Id of the upload to cancel, `upload_…`.
    """
    return (await send_async(client, build_request(upload_id), parse_response)).parsed
