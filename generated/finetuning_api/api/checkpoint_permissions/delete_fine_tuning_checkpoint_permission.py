from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import models
from ...types import Response
from .. import documented, encode_path, read_object, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request(fine_tuned_model_checkpoint: str, permission_id: str) -> dict[str, Any]:
    """Return the request as arguments for `httpx.Client.build_request`."""
    return {
        "method": "DELETE",
        "url": encode_path(
            "/fine_tuning/checkpoints/{fine_tuned_model_checkpoint}/permissions/{permission_id}",
            {"fine_tuned_model_checkpoint": fine_tuned_model_checkpoint, "permission_id": permission_id},
        ),
    }


def parse_response(
    response: httpx.Response,
) -> models.DeleteFineTuningCheckpointPermissionResponse | models.ErrorResponse:
    """Read the response. Raises `errors.UnusableResponse` if it is not documented."""
    status = documented(response, "200", "4XX", "5XX")
    if status == "200":
        return read_object(response, models.DeleteFineTuningCheckpointPermissionResponse)
    return read_object(response, models.ErrorResponse)


def sync_detailed(
    fine_tuned_model_checkpoint: str, permission_id: str, *, client: AuthenticatedClient
) -> Response[models.DeleteFineTuningCheckpointPermissionResponse | models.ErrorResponse]:
    """Revoke a permission. Like `sync`, but returns the whole response."""
    return send(client, build_request(fine_tuned_model_checkpoint, permission_id), parse_response)


def sync(
    fine_tuned_model_checkpoint: str, permission_id: str, *, client: AuthenticatedClient
) -> models.DeleteFineTuningCheckpointPermissionResponse | models.ErrorResponse:
    """Revoke a permission.

    Ends one project's access to a fine-tuned checkpoint. For organization owners, with an admin key.

    Args:
        fine_tuned_model_checkpoint: Name of the checkpoint that is shared, `ft:…`.
        permission_id: Id of the permission to delete, `cp_…`.
    """
    return send(client, build_request(fine_tuned_model_checkpoint, permission_id), parse_response).parsed


async def asyncio_detailed(
    fine_tuned_model_checkpoint: str, permission_id: str, *, client: AuthenticatedClient
) -> Response[models.DeleteFineTuningCheckpointPermissionResponse | models.ErrorResponse]:
    """Revoke a permission. Like `asyncio`, but returns the whole response."""
    return await send_async(client, build_request(fine_tuned_model_checkpoint, permission_id), parse_response)


async def asyncio(
    fine_tuned_model_checkpoint: str, permission_id: str, *, client: AuthenticatedClient
) -> models.DeleteFineTuningCheckpointPermissionResponse | models.ErrorResponse:
    """Revoke a permission.

    Ends one project's access to a fine-tuned checkpoint. For organization owners, with an admin key.

    Args:
        fine_tuned_model_checkpoint: Name of the checkpoint that is shared, `ft:…`.
        permission_id: Id of the permission to delete, `cp_…`.
    """
    return (await send_async(client, build_request(fine_tuned_model_checkpoint, permission_id), parse_response)).parsed
