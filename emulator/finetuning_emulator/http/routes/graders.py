"""Routes of /fine_tuning/alpha/graders."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from finetuning_emulator.http.json_body import decode_grader, read_json
from finetuning_emulator.http.responses import json_response
from finetuning_emulator.http.routes.organization_access import organization_of
from finetuning_emulator.operations.graders import grade

__all__ = ["ROUTES"]


class _RunBody(msgspec.Struct):
    grader: dict[str, Any]
    model_sample: str
    item: dict[str, Any] = {}


class _ValidateBody(msgspec.Struct):
    grader: dict[str, Any]


async def _run(request: Request) -> Response:
    body = await read_json(request, _RunBody)
    grader = decode_grader(body.grader, "grader")
    allowed = organization_of(request).python_graders
    result = await grade(grader, body.model_sample, body.item, python=allowed)
    return json_response(result.view(grader))


async def _validate(request: Request) -> Response:
    body = await read_json(request, _ValidateBody)
    decode_grader(body.grader, "grader")
    return json_response({"grader": body.grader})


ROUTES = [
    Route("/v1/fine_tuning/alpha/graders/run", _run, methods=["POST"]),
    Route("/v1/fine_tuning/alpha/graders/validate", _validate, methods=["POST"]),
]
