from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import models
from ...types import UNSET, Response, Unset
from .. import documented, encode_query, read_object, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request(
    *, after: str | Unset = UNSET, limit: int | Unset = UNSET, metadata: dict[str, str] | None | Unset = UNSET
) -> dict[str, Any]:
    """Return the request as arguments for `httpx.Client.build_request`."""
    return {
        "method": "GET",
        "url": "/fine_tuning/jobs",
        "params": encode_query(
            {"after": after, "limit": limit, "metadata": "null" if metadata is None else metadata}, {"metadata": "deep"}
        ),
    }


def parse_response(response: httpx.Response) -> models.ListPaginatedFineTuningJobsResponse | models.ErrorResponse:
    """Read the response. Raises `errors.UnusableResponse` if it is not documented."""
    status = documented(response, "200", "4XX", "5XX")
    if status == "200":
        return read_object(response, models.ListPaginatedFineTuningJobsResponse)
    return read_object(response, models.ErrorResponse)


def sync_detailed(
    *,
    client: AuthenticatedClient,
    after: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    metadata: dict[str, str] | None | Unset = UNSET,
) -> Response[models.ListPaginatedFineTuningJobsResponse | models.ErrorResponse]:
    """List fine-tuning jobs. Like `sync`, but returns the whole response."""
    return send(client, build_request(after=after, limit=limit, metadata=metadata), parse_response)


def sync(
    *,
    client: AuthenticatedClient,
    after: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    metadata: dict[str, str] | None | Unset = UNSET,
) -> models.ListPaginatedFineTuningJobsResponse | models.ErrorResponse:
    """List fine-tuning jobs.

    The organization's jobs, newest first, a page at a time.

    Args:
        after: Id of the last job of the previous page; this page starts after it.
        limit: Maximum number of jobs per page. The server uses 20 by default.
        metadata: Only jobs whose metadata has all these pairs. In the URL each is written `metadata[key]=value`,
            and `metadata=null` asks for jobs that have no metadata.
    """
    return send(client, build_request(after=after, limit=limit, metadata=metadata), parse_response).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    after: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    metadata: dict[str, str] | None | Unset = UNSET,
) -> Response[models.ListPaginatedFineTuningJobsResponse | models.ErrorResponse]:
    """List fine-tuning jobs. Like `asyncio`, but returns the whole response."""
    return await send_async(client, build_request(after=after, limit=limit, metadata=metadata), parse_response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    after: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    metadata: dict[str, str] | None | Unset = UNSET,
) -> models.ListPaginatedFineTuningJobsResponse | models.ErrorResponse:
    """List fine-tuning jobs.

    The organization's jobs, newest first, a page at a time.

    Args:
        after: Id of the last job of the previous page; this page starts after it.
        limit: Maximum number of jobs per page. The server uses 20 by default.
        metadata: Only jobs whose metadata has all these pairs. In the URL each is written `metadata[key]=value`,
            and `metadata=null` asks for jobs that have no metadata.
    """
    return (await send_async(client, build_request(after=after, limit=limit, metadata=metadata), parse_response)).parsed
