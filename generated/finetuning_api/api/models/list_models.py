from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import models
from ...types import Response
from .. import documented, read_object, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request() -> dict[str, Any]:
    """Return the request as arguments for `httpx.Client.build_request`."""
    return {"method": "GET", "url": "/models"}


def parse_response(response: httpx.Response) -> models.ListModelsResponse | models.ErrorResponse:
    """Read the response. Raises `errors.UnusableResponse` if it is not documented."""
    status = documented(response, "200", "4XX", "5XX")
    if status == "200":
        return read_object(response, models.ListModelsResponse)
    return read_object(response, models.ErrorResponse)


def sync_detailed(*, client: AuthenticatedClient) -> Response[models.ListModelsResponse | models.ErrorResponse]:
    """List models. Like `sync`, but returns the whole response."""
    return send(client, build_request(), parse_response)


def sync(*, client: AuthenticatedClient) -> models.ListModelsResponse | models.ErrorResponse:
    """List models.

    All models that the key may use, fine-tuned ones included. Not paginated.
    """
    return send(client, build_request(), parse_response).parsed


async def asyncio_detailed(
    *, client: AuthenticatedClient
) -> Response[models.ListModelsResponse | models.ErrorResponse]:
    """List models. Like `asyncio`, but returns the whole response."""
    return await send_async(client, build_request(), parse_response)


async def asyncio(*, client: AuthenticatedClient) -> models.ListModelsResponse | models.ErrorResponse:
    """List models.

    All models that the key may use, fine-tuned ones included. Not paginated.
    """
    return (await send_async(client, build_request(), parse_response)).parsed
