from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...models.error_response import ErrorResponse
from ...models.list_paginated_fine_tuning_jobs_response import ListPaginatedFineTuningJobsResponse
from ...types import UNSET, Response, Unset
from .. import encode_query, parse, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request(
    *, after: str | Unset = UNSET, limit: int | Unset = UNSET, metadata: dict[str, str] | None | Unset = UNSET
) -> dict[str, Any]:
    """Describe the request by arguments for `httpx.Client.request`."""
    return {
        "method": "GET",
        "url": "/fine_tuning/jobs",
        "params": encode_query({"after": after, "limit": limit, "metadata": "null" if metadata is None else metadata}),
    }


def parse_response(response: httpx.Response) -> ListPaginatedFineTuningJobsResponse | ErrorResponse:
    """Read the answer. Raises an `errors.UnusableResponse` when it is not a documented one."""
    return parse(response, {"200": ListPaginatedFineTuningJobsResponse, "4XX": ErrorResponse, "5XX": ErrorResponse})


def sync_detailed(
    *,
    client: AuthenticatedClient,
    after: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    metadata: dict[str, str] | None | Unset = UNSET,
) -> Response[ListPaginatedFineTuningJobsResponse | ErrorResponse]:
    """List fine-tuning jobs. Like `sync`, but returns the whole response."""
    return send(client, build_request(after=after, limit=limit, metadata=metadata), parse_response)


def sync(
    *,
    client: AuthenticatedClient,
    after: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    metadata: dict[str, str] | None | Unset = UNSET,
) -> ListPaginatedFineTuningJobsResponse | ErrorResponse:
    """List fine-tuning jobs.

    One page of the organization's jobs, newest first.

    Args:
        after: Id of the last job of the page before; the page starts behind it.
        limit: Most jobs to return in one page. The server takes 20 when it is left out.
        metadata: Only jobs whose metadata has all these pairs, written `metadata[key]=value`. The plain
            `metadata=null` asks for jobs that have no metadata.
    """
    return send(client, build_request(after=after, limit=limit, metadata=metadata), parse_response).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    after: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    metadata: dict[str, str] | None | Unset = UNSET,
) -> Response[ListPaginatedFineTuningJobsResponse | ErrorResponse]:
    """List fine-tuning jobs. Like `asyncio`, but returns the whole response."""
    return await send_async(client, build_request(after=after, limit=limit, metadata=metadata), parse_response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    after: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    metadata: dict[str, str] | None | Unset = UNSET,
) -> ListPaginatedFineTuningJobsResponse | ErrorResponse:
    """List fine-tuning jobs.

    One page of the organization's jobs, newest first.

    Args:
        after: Id of the last job of the page before; the page starts behind it.
        limit: Most jobs to return in one page. The server takes 20 when it is left out.
        metadata: Only jobs whose metadata has all these pairs, written `metadata[key]=value`. The plain
            `metadata=null` asks for jobs that have no metadata.
    """
    return (await send_async(client, build_request(after=after, limit=limit, metadata=metadata), parse_response)).parsed
