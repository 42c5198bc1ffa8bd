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
    return {"method": "DELETE", "url": encode_path("/models/{model}", {"model": model})}


def parse_response(response: httpx.Response) -> models.DeleteModelResponse | models.ErrorResponse:
    """Read the response. Raises `errors.UnusableResponse` if it is not documented."""
    status = documented(response, "200", "4XX", "5XX")
    if status == "200":
        return read_object(response, models.DeleteModelResponse)
    return read_object(response, models.ErrorResponse)


def sync_detailed(
    model: str, *, client: AuthenticatedClient
) -> Response[models.DeleteModelResponse | models.ErrorResponse]:
    """Delete a fine-tuned model. Like `sync`, but returns the whole response."""
    return send(client, build_request(model), parse_response)


def sync(model: str, *, client: AuthenticatedClient) -> models.DeleteModelResponse | models.ErrorResponse:
    """Delete a fine-tuned model.

    Deletes a model that the organization has fine-tuned. Only organization owners can delete models.

    Args:
        model: Id of the fine-tuned model to delete, `ft:…`.
    """
    return send(client, build_request(model), parse_response).parsed


async def asyncio_detailed(
    model: str, *, client: AuthenticatedClient
) -> Response[models.DeleteModelResponse | models.ErrorResponse]:
    """Delete a fine-tuned model. Like `asyncio`, but returns the whole response."""
    return await send_async(client, build_request(model), parse_response)


async def asyncio(model: str, *, client: AuthenticatedClient) -> models.DeleteModelResponse | models.ErrorResponse:
    """Delete a fine-tuned model.

    Deletes a model that the organization has fine-tuned. Only organization owners can delete models.

    Args:
        model: Id of the fine-tuned model to delete, `ft:…`.
    """
    return (await send_async(client, build_request(model), parse_response)).parsed
