from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ... import models
from ...types import Response
from .. import documented, encode_form, read_object, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request(*, body: models.CreateFileRequest | Mapping[str, Any]) -> dict[str, Any]:
    """Return the request as arguments for `httpx.Client.build_request`."""
    return {"method": "POST", "url": "/files", "files": encode_form(body, {"expires_after": "deep"})}


def parse_response(response: httpx.Response) -> models.OpenAIFile | models.ErrorResponse:
    """Read the response. Raises `errors.UnusableResponse` if it is not documented."""
    status = documented(response, "200", "4XX", "5XX")
    if status == "200":
        return read_object(response, models.OpenAIFile)
    return read_object(response, models.ErrorResponse)


def sync_detailed(
    *, client: AuthenticatedClient, body: models.CreateFileRequest | Mapping[str, Any]
) -> Response[models.OpenAIFile | models.ErrorResponse]:
    """Upload a file. Like `sync`, but returns the whole response."""
    return send(client, build_request(body=body), parse_response)


def sync(
    *, client: AuthenticatedClient, body: models.CreateFileRequest | Mapping[str, Any]
) -> models.OpenAIFile | models.ErrorResponse:
    """Upload a file.

    Stores a file of at most 512 MB for later use; larger ones go through uploads. Files for fine-tuning are `.jsonl`,
    in the format that the method and the model require. A project may store 2.5 TB, and each user may upload 1,000
    times a minute. Processing of the file may continue for a while after the response.

    Args:
        body: A file to store, with its purpose.
    """
    return send(client, build_request(body=body), parse_response).parsed


async def asyncio_detailed(
    *, client: AuthenticatedClient, body: models.CreateFileRequest | Mapping[str, Any]
) -> Response[models.OpenAIFile | models.ErrorResponse]:
    """Upload a file. Like `asyncio`, but returns the whole response."""
    return await send_async(client, build_request(body=body), parse_response)


async def asyncio(
    *, client: AuthenticatedClient, body: models.CreateFileRequest | Mapping[str, Any]
) -> models.OpenAIFile | models.ErrorResponse:
    """Upload a file.

    Stores a file of at most 512 MB for later use; larger ones go through uploads. Files for fine-tuning are `.jsonl`,
    in the format that the method and the model require. A project may store 2.5 TB, and each user may upload 1,000
    times a minute. Processing of the file may continue for a while after the response.

    Args:
        body: A file to store, with its purpose.
    """
    return (await send_async(client, build_request(body=body), parse_response)).parsed
