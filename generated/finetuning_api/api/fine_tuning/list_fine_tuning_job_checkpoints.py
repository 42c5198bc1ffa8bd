from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import models
from ...types import UNSET, Response, Unset
from .. import documented, encode_path, encode_query, read_object, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request(fine_tuning_job_id: str, *, after: str | Unset = UNSET, limit: int | Unset = UNSET) -> dict[str, Any]:
    """Return the request as arguments for `httpx.Client.build_request`."""
    return {
        "method": "GET",
        "url": encode_path(
            "/fine_tuning/jobs/{fine_tuning_job_id}/checkpoints", {"fine_tuning_job_id": fine_tuning_job_id}
        ),
        "params": encode_query({"after": after, "limit": limit}),
    }


def parse_response(response: httpx.Response) -> models.ListFineTuningJobCheckpointsResponse | models.ErrorResponse:
    """Read the response. Raises `errors.UnusableResponse` if it is not documented."""
    status = documented(response, "200", "4XX", "5XX")
    if status == "200":
        return read_object(response, models.ListFineTuningJobCheckpointsResponse)
    return read_object(response, models.ErrorResponse)


def sync_detailed(
    fine_tuning_job_id: str, *, client: AuthenticatedClient, after: str | Unset = UNSET, limit: int | Unset = UNSET
) -> Response[models.ListFineTuningJobCheckpointsResponse | models.ErrorResponse]:
    """List the checkpoints of a fine-tuning job. Like `sync`, but returns the whole response."""
    return send(client, build_request(fine_tuning_job_id, after=after, limit=limit), parse_response)


def sync(
    fine_tuning_job_id: str, *, client: AuthenticatedClient, after: str | Unset = UNSET, limit: int | Unset = UNSET
) -> models.ListFineTuningJobCheckpointsResponse | models.ErrorResponse:
    """List the checkpoints of a fine-tuning job.

    The models that the job saved during training, newest first, a page at a time.

    Args:
        fine_tuning_job_id: Id of the job whose checkpoints are listed, `ftjob-…`.
        after: Id of the last checkpoint of the previous page; this page starts after it.
        limit: Maximum number of checkpoints per page. The server uses 10 by default.
    """
    return send(client, build_request(fine_tuning_job_id, after=after, limit=limit), parse_response).parsed


async def asyncio_detailed(
    fine_tuning_job_id: str, *, client: AuthenticatedClient, after: str | Unset = UNSET, limit: int | Unset = UNSET
) -> Response[models.ListFineTuningJobCheckpointsResponse | models.ErrorResponse]:
    """List the checkpoints of a fine-tuning job. Like `asyncio`, but returns the whole response."""
    return await send_async(client, build_request(fine_tuning_job_id, after=after, limit=limit), parse_response)


async def asyncio(
    fine_tuning_job_id: str, *, client: AuthenticatedClient, after: str | Unset = UNSET, limit: int | Unset = UNSET
) -> models.ListFineTuningJobCheckpointsResponse | models.ErrorResponse:
    """List the checkpoints of a fine-tuning job.

    The models that the job saved during training, newest first, a page at a time.

    Args:
        fine_tuning_job_id: Id of the job whose checkpoints are listed, `ftjob-…`.
        after: Id of the last checkpoint of the previous page; this page starts after it.
        limit: Maximum number of checkpoints per page. The server uses 10 by default.
    """
    return (
        await send_async(client, build_request(fine_tuning_job_id, after=after, limit=limit), parse_response)
    ).parsed
