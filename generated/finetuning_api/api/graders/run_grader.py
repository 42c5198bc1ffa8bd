from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...models.error_response import ErrorResponse
from ...models.run_grader_request import RunGraderRequest
from ...models.run_grader_response import RunGraderResponse
from ...types import Response
from .. import parse, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request(*, body: RunGraderRequest) -> dict[str, Any]:
    """Describe the request by arguments for `httpx.Client.request`."""
    return {"method": "POST", "url": "/fine_tuning/alpha/graders/run", "json": body.to_dict()}


def parse_response(response: httpx.Response) -> RunGraderResponse | ErrorResponse:
    """Read the answer. Raises an `errors.UnusableResponse` when it is not a documented one."""
    return parse(response, {"200": RunGraderResponse, "4XX": ErrorResponse, "5XX": ErrorResponse})


def sync_detailed(
    *, client: AuthenticatedClient, body: RunGraderRequest
) -> Response[RunGraderResponse | ErrorResponse]:
    """Run a grader. Like `sync`, but returns the whole response."""
    return send(client, build_request(body=body), parse_response)


def sync(*, client: AuthenticatedClient, body: RunGraderRequest) -> RunGraderResponse | ErrorResponse:
    """Run a grader.

    Scores one model output with a grader, without a job. An alpha endpoint.

    Args:
        body: A grader, and what it is to grade.
    """
    return send(client, build_request(body=body), parse_response).parsed


async def asyncio_detailed(
    *, client: AuthenticatedClient, body: RunGraderRequest
) -> Response[RunGraderResponse | ErrorResponse]:
    """Run a grader. Like `asyncio`, but returns the whole response."""
    return await send_async(client, build_request(body=body), parse_response)


async def asyncio(*, client: AuthenticatedClient, body: RunGraderRequest) -> RunGraderResponse | ErrorResponse:
    """Run a grader.

    Scores one model output with a grader, without a job. An alpha endpoint.

    Args:
        body: A grader, and what it is to grade.
    """
    return (await send_async(client, build_request(body=body), parse_response)).parsed
