from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import models
from ...types import Response
from .. import documented, encode_path, read_object, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request(fine_tuning_job_id: str) -> dict[str, Any]:
    """Return the request as arguments for `httpx.Client.build_request`."""
    return {
        "method": "POST",
        "url": encode_path("/fine_tuning/jobs/{fine_tuning_job_id}/cancel", {"fine_tuning_job_id": fine_tuning_job_id}),
    }


def parse_response(response: httpx.Response) -> models.FineTuningJob | models.ErrorResponse:
    """Read the response. Raises `errors.UnusableResponse` if it is not documented."""
    status = documented(response, "200", "4XX", "5XX")
    if status == "200":
        return read_object(response, models.FineTuningJob)
    return read_object(response, models.ErrorResponse)


def sync_detailed(
    fine_tuning_job_id: str, *, client: AuthenticatedClient
) -> Response[models.FineTuningJob | models.ErrorResponse]:
    """Cancel a fine-tuning job. Like `sync`, but returns the whole response."""
    return send(client, build_request(fine_tuning_job_id), parse_response)


def sync(fine_tuning_job_id: str, *, client: AuthenticatedClient) -> models.FineTuningJob | models.ErrorResponse:
    """Cancel a fine-tuning job.

    Stops a job. Refused when the job has already ended.

    Args:
        fine_tuning_job_id: Id of the job to cancel, `ftjob-…`.
    """
    return send(client, build_request(fine_tuning_job_id), parse_response).parsed


async def asyncio_detailed(
    fine_tuning_job_id: str, *, client: AuthenticatedClient
) -> Response[models.FineTuningJob | models.ErrorResponse]:
    """Cancel a fine-tuning job. Like `asyncio`, but returns the whole response."""
    return await send_async(client, build_request(fine_tuning_job_id), parse_response)


async def asyncio(
    fine_tuning_job_id: str, *, client: AuthenticatedClient
) -> models.FineTuningJob | models.ErrorResponse:
    """Cancel a fine-tuning job.

    Stops a job. Refused when the job has already ended.

    Args:
        fine_tuning_job_id: Id of the job to cancel, `ftjob-…`.
    """
    return (await send_async(client, build_request(fine_tuning_job_id), parse_response)).parsed
