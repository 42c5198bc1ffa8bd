from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...models.error_response import ErrorResponse
from ...models.file_order import FileOrder
from ...models.list_files_response import ListFilesResponse
from ...types import UNSET, Response, Unset
from .. import encode_query, parse, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request(
    *,
    purpose: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    order: FileOrder | Unset = UNSET,
    after: str | Unset = UNSET,
) -> dict[str, Any]:
    """Describe the request by arguments for `httpx.Client.request`."""
    return {
        "method": "GET",
        "url": "/files",
        "params": encode_query({"purpose": purpose, "limit": limit, "order": order, "after": after}),
    }


def parse_response(response: httpx.Response) -> ListFilesResponse | ErrorResponse:
    """Read the answer. Raises an `errors.UnusableResponse` when it is not a documented one."""
    return parse(response, {"200": ListFilesResponse, "4XX": ErrorResponse, "5XX": ErrorResponse})


def sync_detailed(
    *,
    client: AuthenticatedClient,
    purpose: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    order: FileOrder | Unset = UNSET,
    after: str | Unset = UNSET,
) -> Response[ListFilesResponse | ErrorResponse]:
    """List files. Like `sync`, but returns the whole response."""
    return send(client, build_request(purpose=purpose, limit=limit, order=order, after=after), parse_response)


def sync(
    *,
    client: AuthenticatedClient,
    purpose: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    order: FileOrder | Unset = UNSET,
    after: str | Unset = UNSET,
) -> ListFilesResponse | ErrorResponse:
    """List files.

    One page of the project's files.

    Args:
        purpose: Only files of this purpose, for instance `fine-tune` or `fine-tune-results`.
        limit: Most files to return in one page, up to 10,000, which is what the server takes when it is left out.
        order: Order of the files by `created_at`. The server takes `desc` when it is left out.
        after: Id of the last file of the page before; the page starts behind it.
    """
    return send(client, build_request(purpose=purpose, limit=limit, order=order, after=after), parse_response).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    purpose: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    order: FileOrder | Unset = UNSET,
    after: str | Unset = UNSET,
) -> Response[ListFilesResponse | ErrorResponse]:
    """List files. Like `asyncio`, but returns the whole response."""
    return await send_async(
        client, build_request(purpose=purpose, limit=limit, order=order, after=after), parse_response
    )


async def asyncio(
    *,
    client: AuthenticatedClient,
    purpose: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    order: FileOrder | Unset = UNSET,
    after: str | Unset = UNSET,
) -> ListFilesResponse | ErrorResponse:
    """List files.

    One page of the project's files.

    Args:
        purpose: Only files of this purpose, for instance `fine-tune` or `fine-tune-results`.
        limit: Most files to return in one page, up to 10,000, which is what the server takes when it is left out.
        order: Order of the files by `created_at`. The server takes `desc` when it is left out.
        after: Id of the last file of the page before; the page starts behind it.
    """
    return (
        await send_async(client, build_request(purpose=purpose, limit=limit, order=order, after=after), parse_response)
    ).parsed
