from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import models
from ...types import Response
from .. import documented, encode_path, read_object, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request(file_id: str) -> dict[str, Any]:
    """Return the request as arguments for `httpx.Client.build_request`."""
    return {"method": "DELETE", "url": encode_path("/files/{file_id}", {"file_id": file_id})}


def parse_response(response: httpx.Response) -> models.DeleteFileResponse | models.ErrorResponse:
    """Read the response. Raises `errors.UnusableResponse` if it is not documented."""
    status = documented(response, "200", "4XX", "5XX")
    if status == "200":
        return read_object(response, models.DeleteFileResponse)
    return read_object(response, models.ErrorResponse)


def sync_detailed(
    file_id: str, *, client: AuthenticatedClient
) -> Response[models.DeleteFileResponse | models.ErrorResponse]:
    """Delete a file. Like `sync`, but returns the whole response."""
    return send(client, build_request(file_id), parse_response)


def sync(file_id: str, *, client: AuthenticatedClient) -> models.DeleteFileResponse | models.ErrorResponse:
    """Delete a file.

    Permanently deletes a file, including from every vector store that holds it.

    Args:
        file_id: Id of the file to delete, `file-…`.
    """
    return send(client, build_request(file_id), parse_response).parsed


async def asyncio_detailed(
    file_id: str, *, client: AuthenticatedClient
) -> Response[models.DeleteFileResponse | models.ErrorResponse]:
    """Delete a file. Like `asyncio`, but returns the whole response."""
    return await send_async(client, build_request(file_id), parse_response)


async def asyncio(file_id: str, *, client: AuthenticatedClient) -> models.DeleteFileResponse | models.ErrorResponse:
    """Delete a file.

    Permanently deletes a file, including from every vector store that holds it.

    Args:
        file_id: Id of the file to delete, `file-…`.
    """
    return (await send_async(client, build_request(file_id), parse_response)).parsed
