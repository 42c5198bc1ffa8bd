"""Routes of /fine_tuning/jobs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from finetuning_emulator.http.json_body import decode_job_request, discard_body, receive_json
from finetuning_emulator.http.query import limit, metadata_filter, unknown_cursor
from finetuning_emulator.http.responses import json_response, page_response
from finetuning_emulator.http.routes.organization_access import organization_of
from finetuning_emulator.http.views import checkpoint_id, checkpoint_view, event_view, job_view, recorded_view
from finetuning_emulator.identifiers import event_position
from finetuning_emulator.simulation.recorded_job import RecordedJob
from finetuning_emulator.simulation.timeline import Action

__all__ = ["ROUTES"]

_MAX_PAGE = 1000


async def _create(request: Request) -> Response:
    body = decode_job_request(await receive_json(request))
    job, created = await organization_of(request).jobs.create(body)
    return json_response(job_view(job, created))


async def _list(request: Request) -> Response:
    organization = organization_of(request)
    size = limit(request, 20, _MAX_PAGE)
    metadata = metadata_filter(request)
    after = request.query_params.get("after")
    if after is not None and not organization.jobs.exists(after):
        raise unknown_cursor(after)
    found = organization.jobs.page(after=after, limit=size + 1, metadata=metadata)
    now = organization.clock.now()
    return page_response(found, size, lambda job: job_view(job, now))


async def _retrieve(request: Request) -> Response:
    organization = organization_of(request)
    job = organization.jobs.get(request.path_params["job_id"])
    return json_response(job_view(job, organization.clock.now()))


def _interrupt(action: Action) -> Callable[[Request], Awaitable[Response]]:
    async def handler(request: Request) -> Response:
        await discard_body(request)
        job, at = organization_of(request).jobs.interrupt(request.path_params["job_id"], action)
        return json_response(job_view(job, at))

    return handler


async def _events(request: Request) -> Response:
    organization = organization_of(request)
    job = organization.jobs.get(request.path_params["job_id"])
    size = limit(request, 20, _MAX_PAGE)
    if isinstance(job, RecordedJob):
        return _recorded(request, job, "event", size)
    newest = job.timeline.event_count(organization.clock.now()) - 1
    after = request.query_params.get("after")
    if after is not None:
        position = event_position(job.id, after)
        if position is None or not 0 <= position <= newest:
            raise unknown_cursor(after)
        newest = position - 1
    positions = list(range(newest, max(-1, newest - size - 1), -1))
    return page_response(positions, size, lambda position: event_view(job, position))


async def _checkpoints(request: Request) -> Response:
    organization = organization_of(request)
    job = organization.jobs.get(request.path_params["job_id"])
    size = limit(request, 10, _MAX_PAGE)
    if isinstance(job, RecordedJob):
        return _recorded(request, job, "checkpoint", size)
    found = job.checkpoints(organization.clock.now())[::-1]
    after = request.query_params.get("after")
    if after is not None:
        known = [checkpoint_id(job, step) for step, _ in found]
        if after not in known:
            raise unknown_cursor(after)
        found = found[known.index(after) + 1 :]
    return page_response(
        found, size, lambda item: checkpoint_view(job, *item), ids=lambda i: checkpoint_id(job, i[0])
    )


def _recorded(
    request: Request, job: RecordedJob, kind: Literal["event", "checkpoint"], size: int
) -> Response:
    """Return a page of the events or checkpoints of a recorded job."""
    after = request.query_params.get("after")
    found = organization_of(request).jobs.recorded_items(job, kind, after=after, limit=size + 1)
    if found is None:
        raise unknown_cursor(str(after))
    ids = (lambda item: item.id) if kind == "checkpoint" else None
    return page_response(found, size, lambda item: recorded_view(item.body), ids=ids)


_JOBS = "/v1/fine_tuning/jobs"
_JOB = f"{_JOBS}/{{job_id}}"

ROUTES = [
    Route(_JOBS, _create, methods=["POST"]),
    Route(_JOBS, _list, methods=["GET"]),
    Route(_JOB, _retrieve, methods=["GET"]),
    Route(f"{_JOB}/events", _events, methods=["GET"]),
    Route(f"{_JOB}/checkpoints", _checkpoints, methods=["GET"]),
    Route(f"{_JOB}/cancel", _interrupt("cancel"), methods=["POST"]),
    Route(f"{_JOB}/pause", _interrupt("pause"), methods=["POST"]),
    Route(f"{_JOB}/resume", _interrupt("resume"), methods=["POST"]),
]
