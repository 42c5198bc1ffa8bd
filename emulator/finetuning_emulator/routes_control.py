"""What only the emulator has, under /_emulator: its scenarios, faults and clock, seen and set."""

from __future__ import annotations

import math
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from finetuning_emulator.answers import ignored_body, json_answer, json_body, service_of
from finetuning_emulator.faults import Fault
from finetuning_emulator.requests import decoded_json
from finetuning_emulator.scenarios import Scenario, Times
from finetuning_emulator.service import Service

__all__ = ["ROUTES"]

_Amount = Annotated[float, Meta(ge=0, le=10**6)]


class _Advance(msgspec.Struct, forbid_unknown_fields=True):
    hours: _Amount = 0
    minutes: _Amount = 0
    seconds: _Amount = 0


class _NextScenario(Scenario, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    times: Times = 1


async def _state(request: Request) -> Response:
    return json_answer(_view(service_of(request)))


async def _reset(request: Request) -> Response:
    await ignored_body(request)
    service = service_of(request)
    service.reset()
    return json_answer(_view(service))


async def _add_scenario(request: Request) -> Response:
    service = service_of(request)
    asked = decoded_json(await json_body(request), _NextScenario)
    service.scenarios.add(asked, asked.times)
    return json_answer(_view(service))


async def _forget_scenarios(request: Request) -> Response:
    await ignored_body(request)
    service = service_of(request)
    service.scenarios.clear()
    return json_answer(_view(service))


async def _add_fault(request: Request) -> Response:
    service = service_of(request)
    service.faults.arm(decoded_json(await json_body(request), Fault))
    return json_answer(_view(service))


async def _forget_faults(request: Request) -> Response:
    await ignored_body(request)
    service = service_of(request)
    service.faults.clear()
    return json_answer(_view(service))


async def _advance(request: Request) -> Response:
    service = service_of(request)
    by = decoded_json(await json_body(request), _Advance)
    service.advance(round((by.hours * 3600 + by.minutes * 60 + by.seconds) * 1000))
    return json_answer(_view(service))


def _view(service: Service) -> dict[str, Any]:
    speed = service.clock.speed
    return {
        "object": "emulator",
        "now": service.clock.now() / 1000,
        "speed": "inf" if math.isinf(speed) else speed,
        "jobs": service.store.job_count(),
        "scenarios": service.scenarios.view(),
        "faults": service.faults.view(),
    }


ROUTES = [
    Route("/_emulator", _state, methods=["GET"]),
    Route("/_emulator", _reset, methods=["DELETE"]),
    Route("/_emulator/scenarios", _add_scenario, methods=["POST"]),
    Route("/_emulator/scenarios", _forget_scenarios, methods=["DELETE"]),
    Route("/_emulator/faults", _add_fault, methods=["POST"]),
    Route("/_emulator/faults", _forget_faults, methods=["DELETE"]),
    Route("/_emulator/clock", _advance, methods=["POST"]),
]
