from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...models.error_response import ErrorResponse
from ...models.model import Model
from ...types import Response
from .. import encode_path, parse, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request(model: str) -> dict[str, Any]:
    """Describe the request by arguments for `httpx.Client.request`."""
    return {"method": "GET", "url": encode_path("/models/{model}", model=model)}


def parse_response(response: httpx.Response) -> Model | ErrorResponse:
    """Read the answer. Raises an `errors.UnusableResponse` when it is not a documented one."""
    return parse(response, {"200": Model, "4XX": ErrorResponse, "5XX": ErrorResponse})


def sync_detailed(model: str, *, client: AuthenticatedClient) -> Response[Model | ErrorResponse]:
    """Retrieve a model. Like `sync`, but returns the whole response."""
    return send(client, build_request(model), parse_response)


def sync(model: str, *, client: AuthenticatedClient) -> Model | ErrorResponse:
    """Retrieve a model.

    Who owns a model and since when it exists.

    Args:
        model: Id of the model, for instance `gpt-4o-mini` or `ft:…`.
    """
    return send(client, build_request(model), parse_response).parsed


async def asyncio_detailed(model: str, *, client: AuthenticatedClient) -> Response[Model | ErrorResponse]:
    """Retrieve a model. Like `asyncio`, but returns the whole response."""
    return await send_async(client, build_request(model), parse_response)


async def asyncio(model: str, *, client: AuthenticatedClient) -> Model | ErrorResponse:
    """Retrieve a model.

    Who owns a model and since when it exists.

    Args:
        model: Id of the model, for instance `gpt-4o-mini` or `ft:…`.
    """
    return (await send_async(client, build_request(model), parse_response)).parsed
