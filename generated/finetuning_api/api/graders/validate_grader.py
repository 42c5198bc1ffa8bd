from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...models.error_response import ErrorResponse
from ...models.validate_grader_request import ValidateGraderRequest
from ...models.validate_grader_response import ValidateGraderResponse
from ...types import Response
from .. import parse, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request(*, body: ValidateGraderRequest) -> dict[str, Any]:
    """Describe the request by arguments for `httpx.Client.request`."""
    return {"method": "POST", "url": "/fine_tuning/alpha/graders/validate", "json": body.to_dict()}


def parse_response(response: httpx.Response) -> ValidateGraderResponse | ErrorResponse:
    """Read the answer. Raises an `errors.UnusableResponse` when it is not a documented one."""
    return parse(response, {"200": ValidateGraderResponse, "4XX": ErrorResponse, "5XX": ErrorResponse})


def sync_detailed(
    *, client: AuthenticatedClient, body: ValidateGraderRequest
) -> Response[ValidateGraderResponse | ErrorResponse]:
    """Validate a grader. Like `sync`, but returns the whole response."""
    return send(client, build_request(body=body), parse_response)


def sync(*, client: AuthenticatedClient, body: ValidateGraderRequest) -> ValidateGraderResponse | ErrorResponse:
    """Validate a grader.

    Checks the definition of a grader without running it. An alpha endpoint.

    Args:
        body: A grader to check.
    """
    return send(client, build_request(body=body), parse_response).parsed


async def asyncio_detailed(
    *, client: AuthenticatedClient, body: ValidateGraderRequest
) -> Response[ValidateGraderResponse | ErrorResponse]:
    """Validate a grader. Like `asyncio`, but returns the whole response."""
    return await send_async(client, build_request(body=body), parse_response)


async def asyncio(
    *, client: AuthenticatedClient, body: ValidateGraderRequest
) -> ValidateGraderResponse | ErrorResponse:
    """Validate a grader.

    Checks the definition of a grader without running it. An alpha endpoint.

    Args:
        body: A grader to check.
    """
    return (await send_async(client, build_request(body=body), parse_response)).parsed
