from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...models.error_response import ErrorResponse
from ...models.fine_tuning_job import FineTuningJob
from ...types import Response
from .. import encode_path, parse, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request(fine_tuning_job_id: str) -> dict[str, Any]:
    """Describe the request by arguments for `httpx.Client.request`."""
    return {
        "method": "POST",
        "url": encode_path("/fine_tuning/jobs/{fine_tuning_job_id}/resume", fine_tuning_job_id=fine_tuning_job_id),
    }


def parse_response(response: httpx.Response) -> FineTuningJob | ErrorResponse:
    """Read the answer. Raises an `errors.UnusableResponse` when it is not a documented one."""
    return parse(response, {"200": FineTuningJob, "4XX": ErrorResponse, "5XX": ErrorResponse})


def sync_detailed(fine_tuning_job_id: str, *, client: AuthenticatedClient) -> Response[FineTuningJob | ErrorResponse]:
    """Resume a fine-tuning job. Like `sync`, but returns the whole response."""
    return send(client, build_request(fine_tuning_job_id), parse_response)


def sync(fine_tuning_job_id: str, *, client: AuthenticatedClient) -> FineTuningJob | ErrorResponse:
    """Resume a fine-tuning job.

    Lets a paused job go on from where it stopped.

    Args:
        fine_tuning_job_id: Id of the job to resume, `ftjob-…`.
    """
    return send(client, build_request(fine_tuning_job_id), parse_response).parsed


async def asyncio_detailed(
    fine_tuning_job_id: str, *, client: AuthenticatedClient
) -> Response[FineTuningJob | ErrorResponse]:
    """Resume a fine-tuning job. Like `asyncio`, but returns the whole response."""
    return await send_async(client, build_request(fine_tuning_job_id), parse_response)


async def asyncio(fine_tuning_job_id: str, *, client: AuthenticatedClient) -> FineTuningJob | ErrorResponse:
    """Resume a fine-tuning job.

    Lets a paused job go on from where it stopped.

    Args:
        fine_tuning_job_id: Id of the job to resume, `ftjob-…`.
    """
    return (await send_async(client, build_request(fine_tuning_job_id), parse_response)).parsed
