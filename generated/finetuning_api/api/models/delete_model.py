from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...models.delete_model_response import DeleteModelResponse
from ...models.error_response import ErrorResponse
from ...types import Response
from .. import encode_path, parse, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request(model: str) -> dict[str, Any]:
    """Describe the request by arguments for `httpx.Client.request`."""
    return {"method": "DELETE", "url": encode_path("/models/{model}", model=model)}


def parse_response(response: httpx.Response) -> DeleteModelResponse | ErrorResponse:
    """Read the answer. Raises an `errors.UnusableResponse` when it is not a documented one."""
    return parse(response, {"200": DeleteModelResponse, "4XX": ErrorResponse, "5XX": ErrorResponse})


def sync_detailed(model: str, *, client: AuthenticatedClient) -> Response[DeleteModelResponse | ErrorResponse]:
    """Delete a fine-tuned model. Like `sync`, but returns the whole response."""
    return send(client, build_request(model), parse_response)


def sync(model: str, *, client: AuthenticatedClient) -> DeleteModelResponse | ErrorResponse:
    """Delete a fine-tuned model.

    Deletes a model that the organization has fine-tuned. Only owners of the organization may.

    Args:
        model: Id of the fine-tuned model to delete, `ft:…`.
    """
    return send(client, build_request(model), parse_response).parsed


async def asyncio_detailed(model: str, *, client: AuthenticatedClient) -> Response[DeleteModelResponse | ErrorResponse]:
    """Delete a fine-tuned model. Like `asyncio`, but returns the whole response."""
    return await send_async(client, build_request(model), parse_response)


async def asyncio(model: str, *, client: AuthenticatedClient) -> DeleteModelResponse | ErrorResponse:
    """Delete a fine-tuned model.

    Deletes a model that the organization has fine-tuned. Only owners of the organization may.

    Args:
        model: Id of the fine-tuned model to delete, `ft:…`.
    """
    return (await send_async(client, build_request(model), parse_response)).parsed
