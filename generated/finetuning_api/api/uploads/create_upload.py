from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...models.create_upload_request import CreateUploadRequest
from ...models.error_response import ErrorResponse
from ...models.upload import Upload
from ...types import Response
from .. import parse, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request(*, body: CreateUploadRequest) -> dict[str, Any]:
    """Describe the request by arguments for `httpx.Client.request`."""
    return {"method": "POST", "url": "/uploads", "json": body.to_dict()}


def parse_response(response: httpx.Response) -> Upload | ErrorResponse:
    """Read the answer. Raises an `errors.UnusableResponse` when it is not a documented one."""
    return parse(response, {"200": Upload, "4XX": ErrorResponse, "5XX": ErrorResponse})


def sync_detailed(*, client: AuthenticatedClient, body: CreateUploadRequest) -> Response[Upload | ErrorResponse]:
    """Begin an upload. Like `sync`, but returns the whole response."""
    return send(client, build_request(body=body), parse_response)


def sync(*, client: AuthenticatedClient, body: CreateUploadRequest) -> Upload | ErrorResponse:
    """Begin an upload.

    Opens an upload of at most 8 GB, to be filled with parts and completed within the hour. Completion turns it into
    an ordinary file.

    Args:
        body: What is going to be uploaded.
    """
    return send(client, build_request(body=body), parse_response).parsed


async def asyncio_detailed(
    *, client: AuthenticatedClient, body: CreateUploadRequest
) -> Response[Upload | ErrorResponse]:
    """Begin an upload. Like `asyncio`, but returns the whole response."""
    return await send_async(client, build_request(body=body), parse_response)


async def asyncio(*, client: AuthenticatedClient, body: CreateUploadRequest) -> Upload | ErrorResponse:
    """Begin an upload.

    Opens an upload of at most 8 GB, to be filled with parts and completed within the hour. Completion turns it into
    an ordinary file.

    Args:
        body: What is going to be uploaded.
    """
    return (await send_async(client, build_request(body=body), parse_response)).parsed
