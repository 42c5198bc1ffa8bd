from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ... import models
from ...types import Response, plain
from .. import documented, encode_path, read_object, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request(
    fine_tuned_model_checkpoint: str, *, body: models.CreateFineTuningCheckpointPermissionRequest | Mapping[str, Any]
) -> dict[str, Any]:
    """Return the request as arguments for `httpx.Client.build_request`."""
    return {
        "method": "POST",
        "url": encode_path(
            "/fine_tuning/checkpoints/{fine_tuned_model_checkpoint}/permissions",
            {"fine_tuned_model_checkpoint": fine_tuned_model_checkpoint},
        ),
        "json": plain(body),
    }


def parse_response(
    response: httpx.Response,
) -> models.ListFineTuningCheckpointPermissionResponse | models.ErrorResponse:
    """Read the response. Raises `errors.UnusableResponse` if it is not documented."""
    status = documented(response, "200", "4XX", "5XX")
    if status == "200":
        return read_object(response, models.ListFineTuningCheckpointPermissionResponse)
    return read_object(response, models.ErrorResponse)


def sync_detailed(
    fine_tuned_model_checkpoint: str,
    *,
    client: AuthenticatedClient,
    body: models.CreateFineTuningCheckpointPermissionRequest | Mapping[str, Any],
) -> Response[models.ListFineTuningCheckpointPermissionResponse | models.ErrorResponse]:
    """Share a checkpoint with projects. Like `sync`, but returns the whole response."""
    return send(client, build_request(fine_tuned_model_checkpoint, body=body), parse_response)


def sync(
    fine_tuned_model_checkpoint: str,
    *,
    client: AuthenticatedClient,
    body: models.CreateFineTuningCheckpointPermissionRequest | Mapping[str, Any],
) -> models.ListFineTuningCheckpointPermissionResponse | models.ErrorResponse:
    """Share a checkpoint with projects.

    Lets other projects of the organization use a fine-tuned checkpoint. For organization owners, with an admin key.

    Args:
        fine_tuned_model_checkpoint: Name of the checkpoint to share, `ft:…`.
        body: The projects to share a checkpoint with.
    """
    return send(client, build_request(fine_tuned_model_checkpoint, body=body), parse_response).parsed


async def asyncio_detailed(
    fine_tuned_model_checkpoint: str,
    *,
    client: AuthenticatedClient,
    body: models.CreateFineTuningCheckpointPermissionRequest | Mapping[str, Any],
) -> Response[models.ListFineTuningCheckpointPermissionResponse | models.ErrorResponse]:
    """Share a checkpoint with projects. Like `asyncio`, but returns the whole response."""
    return await send_async(client, build_request(fine_tuned_model_checkpoint, body=body), parse_response)


async def asyncio(
    fine_tuned_model_checkpoint: str,
    *,
    client: AuthenticatedClient,
    body: models.CreateFineTuningCheckpointPermissionRequest | Mapping[str, Any],
) -> models.ListFineTuningCheckpointPermissionResponse | models.ErrorResponse:
    """Share a checkpoint with projects.

    Lets other projects of the organization use a fine-tuned checkpoint. For organization owners, with an admin key.

    Args:
        fine_tuned_model_checkpoint: Name of the checkpoint to share, `ft:…`.
        body: The projects to share a checkpoint with.
    """
    return (await send_async(client, build_request(fine_tuned_model_checkpoint, body=body), parse_response)).parsed
