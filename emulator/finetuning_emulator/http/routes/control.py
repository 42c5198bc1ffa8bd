"""Controls of the emulator under /_emulator: its state, scenarios, faults and clock."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeAlias

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

_Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]
_Amount = Annotated[float, Meta(ge=0, le=10**6)]


class _Duration(msgspec.Struct):
    hours: _Amount = 0
    minutes: _Amount = 0
    seconds: _Amount = 0


async def _state(request: Request) -> Response:
    return _response(organization_of(request))


def _command(what: str, carry_out: Callable[[Organization, dict[str, Any]], object]) -> _Endpoint:
    """Return an endpoint that reads the options of a command, and responds with the state after it."""

    async def respond(request: Request) -> Response:
        organization = organization_of(request)
        options = await read_json(request, dict[str, Any])
        try:
            carry_out(organization, options)
        except OptionError as error:
            message = f"Invalid {what}: {error}"
            raise ApiError(400, message, param=error.option or None, code="invalid_value") from None
        return _response(organization)

    return respond


def _deletion(delete: Callable[[Organization], object]) -> _Endpoint:
    """Return an endpoint that deletes something, and responds with the state after it."""

    async def respond(request: Request) -> Response:
        await discard_body(request)
        organization = organization_of(request)
        delete(organization)
        return _response(organization)

    return respond


def _advance(organization: Organization, options: dict[str, Any]) -> None:
    by = convert(options, _Duration)
    organization.advance(round((by.hours * 3600 + by.minutes * 60 + by.seconds) * 1000))


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


_add_scenario = _command("scenario", lambda organization, options: organization.scenarios.add(options))
_add_fault = _command("fault", lambda organization, options: organization.faults.arm(options))
_delete_scenarios = _deletion(lambda organization: organization.scenarios.clear())
_delete_faults = _deletion(lambda organization: organization.faults.clear())

ROUTES = [
    Route("/_emulator", _state, methods=["GET"]),
    Route("/_emulator", _deletion(Organization.reset), methods=["DELETE"]),
    Route("/_emulator/scenarios", _add_scenario, methods=["POST"]),
    Route("/_emulator/scenarios", _delete_scenarios, methods=["DELETE"]),
    Route("/_emulator/faults", _add_fault, methods=["POST"]),
    Route("/_emulator/faults", _delete_faults, methods=["DELETE"]),
    Route("/_emulator/clock", _command("clock", _advance), methods=["POST"]),
]
