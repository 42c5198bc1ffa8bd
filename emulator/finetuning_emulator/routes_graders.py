"""The operations under /fine_tuning/alpha/graders."""

from __future__ import annotations

from typing import Any

import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from finetuning_emulator.answers import json_answer, json_body, service_of
from finetuning_emulator.grading import run
from finetuning_emulator.requests import decoded_json, sound_grader

__all__ = ["ROUTES"]


class _RunBody(msgspec.Struct):
    grader: dict[str, Any]
    model_sample: str
    item: dict[str, Any] = {}


class _ValidateBody(msgspec.Struct):
    grader: dict[str, Any]


async def _run(request: Request) -> Response:
    body = decoded_json(await json_body(request), _RunBody)
    grader = sound_grader(body.grader, "grader")
    allowed = service_of(request).python_graders
    result = await anyio.to_thread.run_sync(lambda: run(grader, body.model_sample, body.item, python=allowed))
    return json_answer(result.view(grader))


async def _validate(request: Request) -> Response:
    body = decoded_json(await json_body(request), _ValidateBody)
    sound_grader(body.grader, "grader")
    return json_answer({"grader": body.grader})


ROUTES = [
    Route("/v1/fine_tuning/alpha/graders/run", _run, methods=["POST"]),
    Route("/v1/fine_tuning/alpha/graders/validate", _validate, methods=["POST"]),
]
