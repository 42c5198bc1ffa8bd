"""Controls of the emulator under /_emulator: its state, scenarios, faults and clock."""

from __future__ import annotations

import math
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from finetuning_emulator.controls.options import OptionError, convert
from finetuning_emulator.errors import ApiError
from finetuning_emulator.http.json_body import discard_body, read_json
from finetuning_emulator.http.responses import json_response
from finetuning_emulator.http.routes.organization_access import organization_of
from finetuning_emulator.operations.organization import Organization

__all__ = ["ROUTES"]

_Amount = Annotated[float, Meta(ge=0, le=10**6)]


class _Advance(msgspec.Struct):
    hours: _Amount = 0
    minutes: _Amount = 0
    seconds: _Amount = 0


async def _state(request: Request) -> Response:
    return _response(organization_of(request))


async def _reset(request: Request) -> Response:
    await discard_body(request)
    organization = organization_of(request)
    organization.reset()
    return _response(organization)


async def _add_scenario(request: Request) -> Response:
    organization = organization_of(request)
    options = await read_json(request, dict[str, Any])
    try:
        organization.scenarios.add(options)
    except OptionError as error:
        raise _refusal("scenario", error) from None
    return _response(organization)


async def _delete_scenarios(request: Request) -> Response:
    await discard_body(request)
    organization = organization_of(request)
    organization.scenarios.clear()
    return _response(organization)


async def _add_fault(request: Request) -> Response:
    organization = organization_of(request)
    options = await read_json(request, dict[str, Any])
    try:
        organization.faults.arm(options)
    except OptionError as error:
        raise _refusal("fault", error) from None
    return _response(organization)


async def _delete_faults(request: Request) -> Response:
    await discard_body(request)
    organization = organization_of(request)
    organization.faults.clear()
    return _response(organization)


async def _advance(request: Request) -> Response:
    organization = organization_of(request)
    options = await read_json(request, dict[str, Any])
    try:
        by = convert(options, _Advance)
    except OptionError as error:
        raise _refusal("clock", error) from None
    organization.advance(round((by.hours * 3600 + by.minutes * 60 + by.seconds) * 1000))
    return _response(organization)


def _refusal(what: str, error: OptionError) -> ApiError:
    return ApiError(400, f"Invalid {what}: {error}", param=error.option or None, code="invalid_value")


def _response(organization: Organization) -> Response:
    speed = organization.clock.speed
    return json_response(
        {
            "object": "emulator",
            "now": organization.clock.now() / 1000,
            "speed": "inf" if math.isinf(speed) else speed,
            "jobs": organization.jobs.count(),
            "scenarios": organization.scenarios.view(),
            "faults": organization.faults.view(),
        }
    )


ROUTES = [
    Route("/_emulator", _state, methods=["GET"]),
    Route("/_emulator", _reset, methods=["DELETE"]),
    Route("/_emulator/scenarios", _add_scenario, methods=["POST"]),
    Route("/_emulator/scenarios", _delete_scenarios, methods=["DELETE"]),
    Route("/_emulator/faults", _add_fault, methods=["POST"]),
    Route("/_emulator/faults", _delete_faults, methods=["DELETE"]),
    Route("/_emulator/clock", _advance, methods=["POST"]),
]
