from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import models
from ...types import File, Response
from .. import documented, encode_path, read_file, read_object, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request(file_id: str) -> dict[str, Any]:
    """Return the request as arguments for `httpx.Client.build_request`."""
    return {"method": "GET", "url": encode_path("/files/{file_id}/content", {"file_id": file_id})}


def parse_response(response: httpx.Response) -> File | models.ErrorResponse:
    """Read the response. Raises `errors.UnusableResponse` if it is not documented."""
    status = documented(response, "200", "4XX", "5XX")
    if status == "200":
        return read_file(response)
    return read_object(response, models.ErrorResponse)


def sync_detailed(file_id: str, *, client: AuthenticatedClient) -> Response[File | models.ErrorResponse]:
    """Download a file's content. Like `sync`, but returns the whole response."""
    return send(client, build_request(file_id), parse_response)


def sync(file_id: str, *, client: AuthenticatedClient) -> File | models.ErrorResponse:
    """Download a file's content.

    The bytes of a file. Result files of jobs have been served base64-encoded as well as plain.

    Args:
        file_id: Id of the file to download, `file-…`.
    """
    return send(client, build_request(file_id), parse_response).parsed


async def asyncio_detailed(file_id: str, *, client: AuthenticatedClient) -> Response[File | models.ErrorResponse]:
    """Download a file's content. Like `asyncio`, but returns the whole response."""
    return await send_async(client, build_request(file_id), parse_response)


async def asyncio(file_id: str, *, client: AuthenticatedClient) -> File | models.ErrorResponse:
    """Download a file's content.

    The bytes of a file. Result files of jobs have been served base64-encoded as well as plain.

    Args:
        file_id: Id of the file to download, `file-…`.
    """
    return (await send_async(client, build_request(file_id), parse_response)).parsed
