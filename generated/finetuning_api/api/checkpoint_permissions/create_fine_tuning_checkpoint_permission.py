from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...models.create_fine_tuning_checkpoint_permission_request import CreateFineTuningCheckpointPermissionRequest
from ...models.error_response import ErrorResponse
from ...models.list_fine_tuning_checkpoint_permission_response import ListFineTuningCheckpointPermissionResponse
from ...types import Response
from .. import encode_path, parse, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request(
    fine_tuned_model_checkpoint: str, *, body: CreateFineTuningCheckpointPermissionRequest
) -> dict[str, Any]:
    """Describe the request by arguments for `httpx.Client.request`."""
    return {
        "method": "POST",
        "url": encode_path(
            "/fine_tuning/checkpoints/{fine_tuned_model_checkpoint}/permissions",
            fine_tuned_model_checkpoint=fine_tuned_model_checkpoint,
        ),
        "json": body.to_dict(),
    }


def parse_response(response: httpx.Response) -> ListFineTuningCheckpointPermissionResponse | ErrorResponse:
    """Read the answer. Raises an `errors.UnusableResponse` when it is not a documented one."""
    return parse(
        response, {"200": ListFineTuningCheckpointPermissionResponse, "4XX": ErrorResponse, "5XX": ErrorResponse}
    )


def sync_detailed(
    fine_tuned_model_checkpoint: str, *, client: AuthenticatedClient, body: CreateFineTuningCheckpointPermissionRequest
) -> Response[ListFineTuningCheckpointPermissionResponse | ErrorResponse]:
    """Share a checkpoint with projects. Like `sync`, but returns the whole response."""
    return send(client, build_request(fine_tuned_model_checkpoint, body=body), parse_response)


def sync(
    fine_tuned_model_checkpoint: str, *, client: AuthenticatedClient, body: CreateFineTuningCheckpointPermissionRequest
) -> ListFineTuningCheckpointPermissionResponse | ErrorResponse:
    """Share a checkpoint with projects.

    Lets other projects of the organization use a fine-tuned checkpoint. For organization owners, with an admin key.

    Args:
        fine_tuned_model_checkpoint: Name of the checkpoint to share, `ft:…`.
        body: The projects to share a checkpoint with.
    """
    return send(client, build_request(fine_tuned_model_checkpoint, body=body), parse_response).parsed


async def asyncio_detailed(
    fine_tuned_model_checkpoint: str, *, client: AuthenticatedClient, body: CreateFineTuningCheckpointPermissionRequest
) -> Response[ListFineTuningCheckpointPermissionResponse | ErrorResponse]:
    """Share a checkpoint with projects. Like `asyncio`, but returns the whole response."""
    return await send_async(client, build_request(fine_tuned_model_checkpoint, body=body), parse_response)


async def asyncio(
    fine_tuned_model_checkpoint: str, *, client: AuthenticatedClient, body: CreateFineTuningCheckpointPermissionRequest
) -> ListFineTuningCheckpointPermissionResponse | ErrorResponse:
    """Share a checkpoint with projects.

    Lets other projects of the organization use a fine-tuned checkpoint. For organization owners, with an admin key.

    Args:
        fine_tuned_model_checkpoint: Name of the checkpoint to share, `ft:…`.
        body: The projects to share a checkpoint with.
    """
    return (await send_async(client, build_request(fine_tuned_model_checkpoint, body=body), parse_response)).parsed
