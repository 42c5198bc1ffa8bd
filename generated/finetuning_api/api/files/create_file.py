from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...models.create_file_request import CreateFileRequest
from ...models.error_response import ErrorResponse
from ...models.open_ai_file import OpenAIFile
from ...types import Response
from .. import encode_form, parse, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request(*, body: CreateFileRequest) -> dict[str, Any]:
    """Describe the request by arguments for `httpx.Client.request`."""
    return {"method": "POST", "url": "/files", "files": encode_form(body)}


def parse_response(response: httpx.Response) -> OpenAIFile | ErrorResponse:
    """Read the answer. Raises an `errors.UnusableResponse` when it is not a documented one."""
    return parse(response, {"200": OpenAIFile, "4XX": ErrorResponse, "5XX": ErrorResponse})


def sync_detailed(*, client: AuthenticatedClient, body: CreateFileRequest) -> Response[OpenAIFile | ErrorResponse]:
    """Upload a file. Like `sync`, but returns the whole response."""
    return send(client, build_request(body=body), parse_response)


def sync(*, client: AuthenticatedClient, body: CreateFileRequest) -> OpenAIFile | ErrorResponse:
    """Upload a file.

    Stores a file of at most 512 MB for later use; larger ones go through uploads. Files for fine-tuning are `.jsonl`,
    in the format that the method and the model ask for. A project may store 2.5 TB, and each user may upload 1,000
    times a minute. The file may still be processed for a while after the answer.

    Args:
        body: A file to store, with what it is for.
    """
    return send(client, build_request(body=body), parse_response).parsed


async def asyncio_detailed(
    *, client: AuthenticatedClient, body: CreateFileRequest
) -> Response[OpenAIFile | ErrorResponse]:
    """Upload a file. Like `asyncio`, but returns the whole response."""
    return await send_async(client, build_request(body=body), parse_response)


async def asyncio(*, client: AuthenticatedClient, body: CreateFileRequest) -> OpenAIFile | ErrorResponse:
    """Upload a file.

    Stores a file of at most 512 MB for later use; larger ones go through uploads. Files for fine-tuning are `.jsonl`,
    in the format that the method and the model ask for. A project may store 2.5 TB, and each user may upload 1,000
    times a minute. The file may still be processed for a while after the answer.

    Args:
        body: A file to store, with what it is for.
    """
    return (await send_async(client, build_request(body=body), parse_response)).parsed
