from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...models.error_response import ErrorResponse
from ...types import File, Response
from .. import encode_path, parse, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request(file_id: str) -> dict[str, Any]:
    """Describe the request by arguments for `httpx.Client.request`."""
    return {"method": "GET", "url": encode_path("/files/{file_id}/content", file_id=file_id)}


def parse_response(response: httpx.Response) -> File | ErrorResponse:
    """Read the answer. Raises an `errors.UnusableResponse` when it is not a documented one."""
    return parse(response, {"200": File, "4XX": ErrorResponse, "5XX": ErrorResponse})


def sync_detailed(file_id: str, *, client: AuthenticatedClient) -> Response[File | ErrorResponse]:
    """Download a file's content. Like `sync`, but returns the whole response."""
    return send(client, build_request(file_id), parse_response)


def sync(file_id: str, *, client: AuthenticatedClient) -> File | ErrorResponse:
    """Download a file's content.

    The bytes of a file. Result files of jobs have been served base64-encoded as well as plain.

    Args:
        file_id: Id of the file to download, `file-…`.
    """
    return send(client, build_request(file_id), parse_response).parsed


async def asyncio_detailed(file_id: str, *, client: AuthenticatedClient) -> Response[File | ErrorResponse]:
    """Download a file's content. Like `asyncio`, but returns the whole response."""
    return await send_async(client, build_request(file_id), parse_response)


async def asyncio(file_id: str, *, client: AuthenticatedClient) -> File | ErrorResponse:
    """Download a file's content.

    The bytes of a file. Result files of jobs have been served base64-encoded as well as plain.

    Args:
        file_id: Id of the file to download, `file-…`.
    """
    return (await send_async(client, build_request(file_id), parse_response)).parsed
