from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ... import models
from ...types import Response, plain
from .. import documented, read_object, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request(*, body: models.RunGraderRequest | Mapping[str, Any]) -> dict[str, Any]:
    """Return the request as arguments for `httpx.Client.build_request`."""
    return {"method": "POST", "url": "/fine_tuning/alpha/graders/run", "json": plain(body)}


def parse_response(response: httpx.Response) -> models.RunGraderResponse | models.ErrorResponse:
    """Read the response. Raises `errors.UnusableResponse` if it is not documented."""
    status = documented(response, "200", "4XX", "5XX")
    if status == "200":
        return read_object(response, models.RunGraderResponse)
    return read_object(response, models.ErrorResponse)


def sync_detailed(
    *, client: AuthenticatedClient, body: models.RunGraderRequest | Mapping[str, Any]
) -> Response[models.RunGraderResponse | models.ErrorResponse]:
    """Run a grader. Like `sync`, but returns the whole response."""
    return send(client, build_request(body=body), parse_response)


def sync(
    *, client: AuthenticatedClient, body: models.RunGraderRequest | Mapping[str, Any]
) -> models.RunGraderResponse | models.ErrorResponse:
    """Run a grader.

    Scores one model output with a grader, without a job. An alpha endpoint.

    Args:
        body: A grader, and the data to grade.
    """
    return send(client, build_request(body=body), parse_response).parsed


async def asyncio_detailed(
    *, client: AuthenticatedClient, body: models.RunGraderRequest | Mapping[str, Any]
) -> Response[models.RunGraderResponse | models.ErrorResponse]:
    """Run a grader. Like `asyncio`, but returns the whole response."""
    return await send_async(client, build_request(body=body), parse_response)


async def asyncio(
    *, client: AuthenticatedClient, body: models.RunGraderRequest | Mapping[str, Any]
) -> models.RunGraderResponse | models.ErrorResponse:
    """Run a grader.

    Scores one model output with a grader, without a job. An alpha endpoint.

    Args:
        body: A grader, and the data to grade.
    """
    return (await send_async(client, build_request(body=body), parse_response)).parsed
