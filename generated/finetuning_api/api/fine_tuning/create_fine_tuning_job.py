from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ... import models
from ...types import Response, plain
from .. import documented, read_object, send, send_async

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient


def build_request(*, body: models.CreateFineTuningJobRequest | Mapping[str, Any]) -> dict[str, Any]:
    """Return the request as arguments for `httpx.Client.build_request`."""
    return {"method": "POST", "url": "/fine_tuning/jobs", "json": plain(body)}


def parse_response(response: httpx.Response) -> models.FineTuningJob | models.ErrorResponse:
    """Read the response. Raises `errors.UnusableResponse` if it is not documented."""
    status = documented(response, "200", "4XX", "5XX")
    if status == "200":
        return read_object(response, models.FineTuningJob)
    return read_object(response, models.ErrorResponse)


def sync_detailed(
    *, client: AuthenticatedClient, body: models.CreateFineTuningJobRequest | Mapping[str, Any]
) -> Response[models.FineTuningJob | models.ErrorResponse]:
    """Create a fine-tuning job. Like `sync`, but returns the whole response."""
    return send(client, build_request(body=body), parse_response)


def sync(
    *, client: AuthenticatedClient, body: models.CreateFineTuningJobRequest | Mapping[str, Any]
) -> models.FineTuningJob | models.ErrorResponse:
    """Create a fine-tuning job.

    Starts the training of a new model on an uploaded file. The response is the job as it was accepted; its data is
    checked afterwards, so bad data shows up later as a failed job. Training is billed, and the call takes no
    idempotency key, so sending it twice creates two jobs.

    Args:
        body: Model, files, method and options of a new job.
    """
    return send(client, build_request(body=body), parse_response).parsed


async def asyncio_detailed(
    *, client: AuthenticatedClient, body: models.CreateFineTuningJobRequest | Mapping[str, Any]
) -> Response[models.FineTuningJob | models.ErrorResponse]:
    """Create a fine-tuning job. Like `asyncio`, but returns the whole response."""
    return await send_async(client, build_request(body=body), parse_response)


async def asyncio(
    *, client: AuthenticatedClient, body: models.CreateFineTuningJobRequest | Mapping[str, Any]
) -> models.FineTuningJob | models.ErrorResponse:
    """Create a fine-tuning job.

    Starts the training of a new model on an uploaded file. The response is the job as it was accepted; its data is
    checked afterwards, so bad data shows up later as a failed job. Training is billed, and the call takes no
    idempotency key, so sending it twice creates two jobs.

    Args:
        body: Model, files, method and options of a new job.
    """
    return (await send_async(client, build_request(body=body), parse_response)).parsed
