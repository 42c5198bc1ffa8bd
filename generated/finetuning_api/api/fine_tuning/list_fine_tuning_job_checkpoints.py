from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import models
from ...types import UNSET, Response, Unset
from .. import documented, encode_path, encode_query, read_object, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request(fine_tuning_job_id: str, *, after: str | Unset = UNSET, limit: int | Unset = UNSET) -> dict[str, Any]:
    """Describe the request by arguments for `httpx.Client.build_request`."""
    return {
        "method": "GET",
        "url": encode_path(
            "/fine_tuning/jobs/{fine_tuning_job_id}/checkpoints", {"fine_tuning_job_id": fine_tuning_job_id}
        ),
        "params": encode_query({"after": after, "limit": limit}),
    }


def parse_response(response: httpx.Response) -> models.ListFineTuningJobCheckpointsResponse | models.ErrorResponse:
    """Read the response. Raises an `errors.UnusableResponse` when it is not a documented one."""
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

    One page of the models that the job saved on its way, newest first.

    Args:
        fine_tuning_job_id: Id of the job whose checkpoints are listed, `ftjob-…`.
        after: Id of the last checkpoint of the page before; the page starts behind it.
        limit: Most checkpoints to return in one page. The server takes 10 when it is left out.
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

    One page of the models that the job saved on its way, newest first.

    Args:
        fine_tuning_job_id: Id of the job whose checkpoints are listed, `ftjob-…`.
        after: Id of the last checkpoint of the page before; the page starts behind it.
        limit: Most checkpoints to return in one page. The server takes 10 when it is left out.
    """
    return (
        await send_async(client, build_request(fine_tuning_job_id, after=after, limit=limit), parse_response)
    ).parsed
