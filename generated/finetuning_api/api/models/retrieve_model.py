from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import models
from ...types import Response
from .. import documented, encode_path, read_object, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request(model: str) -> dict[str, Any]:
    """Return the request as arguments for `httpx.Client.build_request`."""
    return {"method": "GET", "url": encode_path("/models/{model}", {"model": model})}


def parse_response(response: httpx.Response) -> models.Model | models.ErrorResponse:
    """Read the response. Raises `errors.UnusableResponse` if it is not documented."""
    status = documented(response, "200", "4XX", "5XX")
    if status == "200":
        return read_object(response, models.Model)
    return read_object(response, models.ErrorResponse)


def sync_detailed(model: str, *, client: AuthenticatedClient) -> Response[models.Model | models.ErrorResponse]:
    """Retrieve a model. Like `sync`, but returns the whole response."""
    return send(client, build_request(model), parse_response)


def sync(model: str, *, client: AuthenticatedClient) -> models.Model | models.ErrorResponse:
    """Retrieve a model.

    Who owns a model, and when it was created.

    Args:
        model: Id of the model, for instance `gpt-4o-mini` or `ft:…`.
    """
    return send(client, build_request(model), parse_response).parsed


async def asyncio_detailed(model: str, *, client: AuthenticatedClient) -> Response[models.Model | models.ErrorResponse]:
    """Retrieve a model. Like `asyncio`, but returns the whole response."""
    return await send_async(client, build_request(model), parse_response)


async def asyncio(model: str, *, client: AuthenticatedClient) -> models.Model | models.ErrorResponse:
    """Retrieve a model.

    Who owns a model, and when it was created.

    Args:
        model: Id of the model, for instance `gpt-4o-mini` or `ft:…`.
    """
    return (await send_async(client, build_request(model), parse_response)).parsed
