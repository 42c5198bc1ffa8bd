"""The operations under /fine_tuning/jobs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from finetuning_emulator import ids
from finetuning_emulator.answers import (
    bad_cursor,
    ignored_body,
    json_answer,
    json_body,
    limit,
    page,
    service_of,
)
from finetuning_emulator.errors import Refusal
from finetuning_emulator.history import checkpoint_id, checkpoint_view, event_view
from finetuning_emulator.requests import job_request

__all__ = ["ROUTES"]

_LARGEST_PAGE = 1000
_MOST_FILTERS = 16
_LONGEST_KEY = 64
_LONGEST_VALUE = 512


async def _create(request: Request) -> Response:
    job, created = await service_of(request).create_job(job_request(await json_body(request)))
    return json_answer(job.view(created))


async def _list(request: Request) -> Response:
    service = service_of(request)
    size = limit(request, 20, _LARGEST_PAGE)
    after = request.query_params.get("after")
    if after is not None and service.store.job(after) is None:
        raise bad_cursor(after)
    found = service.store.jobs(after=after, limit=size + 1, metadata=_metadata(request))
    now = service.clock.now()
    return page(found, size, lambda job: job.view(now))


async def _retrieve(request: Request) -> Response:
    service = service_of(request)
    job = service.job(request.path_params["job_id"])
    return json_answer(job.view(service.clock.now()))


def _interrupting(
    what: Literal["pause", "resume", "cancel"],
) -> Callable[[Request], Awaitable[Response]]:
    async def handler(request: Request) -> Response:
        await ignored_body(request)
        job, at = service_of(request).interrupt(request.path_params["job_id"], what)
        return json_answer(job.view(at))

    return handler


async def _events(request: Request) -> Response:
    service = service_of(request)
    job = service.job(request.path_params["job_id"])
    size = limit(request, 20, _LARGEST_PAGE)
    newest = job.timeline.event_count(service.clock.now()) - 1
    after = request.query_params.get("after")
    if after is not None:
        place = ids.event_place(job.id, after)
        if place is None or not 0 <= place <= newest:
            raise bad_cursor(after)
        newest = place - 1
    places = list(range(newest, max(-1, newest - size - 1), -1))
    return page(places, size, lambda place: event_view(job, place))


async def _checkpoints(request: Request) -> Response:
    service = service_of(request)
    job = service.job(request.path_params["job_id"])
    size = limit(request, 10, _LARGEST_PAGE)
    found = job.checkpoints(service.clock.now())[::-1]
    after = request.query_params.get("after")
    if after is not None:
        known = [checkpoint_id(job, step) for step, _ in found]
        if after not in known:
            raise bad_cursor(after)
        found = found[known.index(after) + 1 :]
    return page(found, size, lambda item: checkpoint_view(job, *item), ids=True)


def _metadata(request: Request) -> dict[str, str] | None:
    """The filter `metadata[key]=value`, empty for `metadata=null`, None for no filter."""
    wanted = {
        name[len("metadata[") : -1]: value
        for name, value in request.query_params.items()
        if name.startswith("metadata[") and name.endswith("]")
    }
    if len(wanted) > _MOST_FILTERS:
        raise Refusal(400, f"At most {_MOST_FILTERS} metadata filters.", param="metadata")
    if any(len(key) > _LONGEST_KEY or len(value) > _LONGEST_VALUE for key, value in wanted.items()):
        raise Refusal(
            400,
            f"Invalid value for 'metadata': a key has at most {_LONGEST_KEY} characters, and a value"
            f" at most {_LONGEST_VALUE}.",
            param="metadata",
            code="invalid_value",
        )
    if wanted:
        return wanted
    plain = request.query_params.get("metadata")
    if plain not in (None, "", "null"):
        raise Refusal(
            400,
            "Invalid value for 'metadata': write metadata[key]=value, or metadata=null.",
            param="metadata",
            code="invalid_type",
        )
    return {} if plain == "null" else None


_JOBS = "/v1/fine_tuning/jobs"
_JOB = f"{_JOBS}/{{job_id}}"

ROUTES = [
    Route(_JOBS, _create, methods=["POST"]),
    Route(_JOBS, _list, methods=["GET"]),
    Route(_JOB, _retrieve, methods=["GET"]),
    Route(f"{_JOB}/events", _events, methods=["GET"]),
    Route(f"{_JOB}/checkpoints", _checkpoints, methods=["GET"]),
    Route(f"{_JOB}/cancel", _interrupting("cancel"), methods=["POST"]),
    Route(f"{_JOB}/pause", _interrupting("pause"), methods=["POST"]),
    Route(f"{_JOB}/resume", _interrupting("resume"), methods=["POST"]),
]
