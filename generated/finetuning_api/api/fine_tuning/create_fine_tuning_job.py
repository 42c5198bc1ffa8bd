from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...models.create_fine_tuning_job_request import CreateFineTuningJobRequest
from ...models.error_response import ErrorResponse
from ...models.fine_tuning_job import FineTuningJob
from ...types import Response
from .. import parse, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request(*, body: CreateFineTuningJobRequest) -> dict[str, Any]:
    """Describe the request by arguments for `httpx.Client.request`."""
    return {"method": "POST", "url": "/fine_tuning/jobs", "json": body.to_dict()}


def parse_response(response: httpx.Response) -> FineTuningJob | ErrorResponse:
    """Read the answer. Raises an `errors.UnusableResponse` when it is not a documented one."""
    return parse(response, {"200": FineTuningJob, "4XX": ErrorResponse, "5XX": ErrorResponse})


def sync_detailed(
    *, client: AuthenticatedClient, body: CreateFineTuningJobRequest
) -> Response[FineTuningJob | ErrorResponse]:
    """Create a fine-tuning job. Like `sync`, but returns the whole response."""
    return send(client, build_request(body=body), parse_response)


def sync(*, client: AuthenticatedClient, body: CreateFineTuningJobRequest) -> FineTuningJob | ErrorResponse:
    """Create a fine-tuning job.

    Starts the training of a new model on an uploaded file. The answer is the job as it was accepted; its data is
    checked afterwards, so bad data shows up later as a failed job. Training is billed, and the call takes no
    idempotency key: sending it twice makes two jobs.

    Args:
        body: What to train, on what, and how.
    """
    return send(client, build_request(body=body), parse_response).parsed


async def asyncio_detailed(
    *, client: AuthenticatedClient, body: CreateFineTuningJobRequest
) -> Response[FineTuningJob | ErrorResponse]:
    """Create a fine-tuning job. Like `asyncio`, but returns the whole response."""
    return await send_async(client, build_request(body=body), parse_response)


async def asyncio(*, client: AuthenticatedClient, body: CreateFineTuningJobRequest) -> FineTuningJob | ErrorResponse:
    """Create a fine-tuning job.

    Starts the training of a new model on an uploaded file. The answer is the job as it was accepted; its data is
    checked afterwards, so bad data shows up later as a failed job. Training is billed, and the call takes no
    idempotency key: sending it twice makes two jobs.

    Args:
        body: What to train, on what, and how.
    """
    return (await send_async(client, build_request(body=body), parse_response)).parsed
