from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import models
from ...types import UNSET, Response, Unset
from .. import documented, encode_query, read_object, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request(
    *,
    purpose: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    order: models.FileOrder | Unset = UNSET,
    after: str | Unset = UNSET,
) -> dict[str, Any]:
    """Return the request as arguments for `httpx.Client.build_request`."""
    return {
        "method": "GET",
        "url": "/files",
        "params": encode_query({"purpose": purpose, "limit": limit, "order": order, "after": after}),
    }


def parse_response(response: httpx.Response) -> models.ListFilesResponse | models.ErrorResponse:
    """Read the response. Raises `errors.UnusableResponse` if it is not documented."""
    status = documented(response, "200", "4XX", "5XX")
    if status == "200":
        return read_object(response, models.ListFilesResponse)
    return read_object(response, models.ErrorResponse)


def sync_detailed(
    *,
    client: AuthenticatedClient,
    purpose: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    order: models.FileOrder | Unset = UNSET,
    after: str | Unset = UNSET,
) -> Response[models.ListFilesResponse | models.ErrorResponse]:
    """List files. Like `sync`, but returns the whole response."""
    return send(client, build_request(purpose=purpose, limit=limit, order=order, after=after), parse_response)


def sync(
    *,
    client: AuthenticatedClient,
    purpose: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    order: models.FileOrder | Unset = UNSET,
    after: str | Unset = UNSET,
) -> models.ListFilesResponse | models.ErrorResponse:
    """List files.

    The project's files, a page at a time.

    Args:
        purpose: Only files of this purpose, for instance `fine-tune` or `fine-tune-results`.
        limit: Maximum number of files per page, up to 10,000, which the server uses by default.
        order: Order of the files by `created_at`. The server uses `desc` by default.
        after: Id of the last file of the previous page; this page starts after it.
    """
    return send(client, build_request(purpose=purpose, limit=limit, order=order, after=after), parse_response).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    purpose: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    order: models.FileOrder | Unset = UNSET,
    after: str | Unset = UNSET,
) -> Response[models.ListFilesResponse | models.ErrorResponse]:
    """List files. Like `asyncio`, but returns the whole response."""
    return await send_async(
        client, build_request(purpose=purpose, limit=limit, order=order, after=after), parse_response
    )


async def asyncio(
    *,
    client: AuthenticatedClient,
    purpose: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    order: models.FileOrder | Unset = UNSET,
    after: str | Unset = UNSET,
) -> models.ListFilesResponse | models.ErrorResponse:
    """List files.

    The project's files, a page at a time.

    Args:
        purpose: Only files of this purpose, for instance `fine-tune` or `fine-tune-results`.
        limit: Maximum number of files per page, up to 10,000, which the server uses by default.
        order: Order of the files by `created_at`. The server uses `desc` by default.
        after: Id of the last file of the previous page; this page starts after it.
    """
    return (
        await send_async(client, build_request(purpose=purpose, limit=limit, order=order, after=after), parse_response)
    ).parsed
