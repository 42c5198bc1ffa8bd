from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...models.error_response import ErrorResponse
from ...models.open_ai_file import OpenAIFile
from ...types import Response
from .. import encode_path, parse, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request(file_id: str) -> dict[str, Any]:
    """Describe the request by arguments for `httpx.Client.request`."""
    return {"method": "GET", "url": encode_path("/files/{file_id}", file_id=file_id)}


def parse_response(response: httpx.Response) -> OpenAIFile | ErrorResponse:
    """Read the answer. Raises an `errors.UnusableResponse` when it is not a documented one."""
    return parse(response, {"200": OpenAIFile, "4XX": ErrorResponse, "5XX": ErrorResponse})


def sync_detailed(file_id: str, *, client: AuthenticatedClient) -> Response[OpenAIFile | ErrorResponse]:
    """Retrieve a file's description. Like `sync`, but returns the whole response."""
    return send(client, build_request(file_id), parse_response)


def sync(file_id: str, *, client: AuthenticatedClient) -> OpenAIFile | ErrorResponse:
    """Retrieve a file's description.

    Name, size, purpose and state of a file; its bytes are at `/content`.

    Args:
        file_id: Id of the file, `file-…`.
    """
    return send(client, build_request(file_id), parse_response).parsed


async def asyncio_detailed(file_id: str, *, client: AuthenticatedClient) -> Response[OpenAIFile | ErrorResponse]:
    """Retrieve a file's description. Like `asyncio`, but returns the whole response."""
    return await send_async(client, build_request(file_id), parse_response)


async def asyncio(file_id: str, *, client: AuthenticatedClient) -> OpenAIFile | ErrorResponse:
    """Retrieve a file's description.

    Name, size, purpose and state of a file; its bytes are at `/content`.

    Args:
        file_id: Id of the file, `file-…`.
    """
    return (await send_async(client, build_request(file_id), parse_response)).parsed
