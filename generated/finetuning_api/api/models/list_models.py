from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...models.error_response import ErrorResponse
from ...models.list_models_response import ListModelsResponse
from ...types import Response
from .. import parse, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request() -> dict[str, Any]:
    """Describe the request by arguments for `httpx.Client.request`."""
    return {"method": "GET", "url": "/models"}


def parse_response(response: httpx.Response) -> ListModelsResponse | ErrorResponse:
    """Read the answer. Raises an `errors.UnusableResponse` when it is not a documented one."""
    return parse(response, {"200": ListModelsResponse, "4XX": ErrorResponse, "5XX": ErrorResponse})


def sync_detailed(*, client: AuthenticatedClient) -> Response[ListModelsResponse | ErrorResponse]:
    """List models. Like `sync`, but returns the whole response."""
    return send(client, build_request(), parse_response)


def sync(*, client: AuthenticatedClient) -> ListModelsResponse | ErrorResponse:
    """List models.

    All models that the key may use, fine-tuned ones included. Not paginated.
    """
    return send(client, build_request(), parse_response).parsed


async def asyncio_detailed(*, client: AuthenticatedClient) -> Response[ListModelsResponse | ErrorResponse]:
    """List models. Like `asyncio`, but returns the whole response."""
    return await send_async(client, build_request(), parse_response)


async def asyncio(*, client: AuthenticatedClient) -> ListModelsResponse | ErrorResponse:
    """List models.

    All models that the key may use, fine-tuned ones included. Not paginated.
    """
    return (await send_async(client, build_request(), parse_response)).parsed
