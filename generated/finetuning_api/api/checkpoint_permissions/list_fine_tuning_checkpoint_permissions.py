from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import models
from ...types import UNSET, Response, Unset
from .. import documented, encode_path, encode_query, read_object, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request(
    fine_tuned_model_checkpoint: str,
    *,
    project_id: str | Unset = UNSET,
    after: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    order: models.CheckpointPermissionOrder | Unset = UNSET,
) -> dict[str, Any]:
    """Return the request as arguments for `httpx.Client.build_request`."""
    return {
        "method": "GET",
        "url": encode_path(
            "/fine_tuning/checkpoints/{fine_tuned_model_checkpoint}/permissions",
            {"fine_tuned_model_checkpoint": fine_tuned_model_checkpoint},
        ),
        "params": encode_query({"project_id": project_id, "after": after, "limit": limit, "order": order}),
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
    project_id: str | Unset = UNSET,
    after: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    order: models.CheckpointPermissionOrder | Unset = UNSET,
) -> Response[models.ListFineTuningCheckpointPermissionResponse | models.ErrorResponse]:
    """List the permissions of a checkpoint. Like `sync`, but returns the whole response."""
    return send(
        client,
        build_request(fine_tuned_model_checkpoint, project_id=project_id, after=after, limit=limit, order=order),
        parse_response,
    )


def sync(
    fine_tuned_model_checkpoint: str,
    *,
    client: AuthenticatedClient,
    project_id: str | Unset = UNSET,
    after: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    order: models.CheckpointPermissionOrder | Unset = UNSET,
) -> models.ListFineTuningCheckpointPermissionResponse | models.ErrorResponse:
    """List the permissions of a checkpoint.

    The projects that a fine-tuned checkpoint is shared with, a page at a time. For organization owners, with an admin
    key.

    Args:
        fine_tuned_model_checkpoint: Name of the checkpoint, `ft:…`.
        project_id: Only the permission of this project.
        after: Id of the last permission of the previous page; this page starts after it.
        limit: Maximum number of permissions per page. The server uses 10 by default.
        order: Order of the permissions by creation time. The server uses `descending` by default.
    """
    return send(
        client,
        build_request(fine_tuned_model_checkpoint, project_id=project_id, after=after, limit=limit, order=order),
        parse_response,
    ).parsed


async def asyncio_detailed(
    fine_tuned_model_checkpoint: str,
    *,
    client: AuthenticatedClient,
    project_id: str | Unset = UNSET,
    after: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    order: models.CheckpointPermissionOrder | Unset = UNSET,
) -> Response[models.ListFineTuningCheckpointPermissionResponse | models.ErrorResponse]:
    """List the permissions of a checkpoint. Like `asyncio`, but returns the whole response."""
    return await send_async(
        client,
        build_request(fine_tuned_model_checkpoint, project_id=project_id, after=after, limit=limit, order=order),
        parse_response,
    )


async def asyncio(
    fine_tuned_model_checkpoint: str,
    *,
    client: AuthenticatedClient,
    project_id: str | Unset = UNSET,
    after: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    order: models.CheckpointPermissionOrder | Unset = UNSET,
) -> models.ListFineTuningCheckpointPermissionResponse | models.ErrorResponse:
    """List the permissions of a checkpoint.

    The projects that a fine-tuned checkpoint is shared with, a page at a time. For organization owners, with an admin
    key.

    Args:
        fine_tuned_model_checkpoint: Name of the checkpoint, `ft:…`.
        project_id: Only the permission of this project.
        after: Id of the last permission of the previous page; this page starts after it.
        limit: Maximum number of permissions per page. The server uses 10 by default.
        order: Order of the permissions by creation time. The server uses `descending` by default.
    """
    return (
        await send_async(
            client,
            build_request(fine_tuned_model_checkpoint, project_id=project_id, after=after, limit=limit, order=order),
            parse_response,
        )
    ).parsed
