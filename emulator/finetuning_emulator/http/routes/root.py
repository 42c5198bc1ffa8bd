"""The root path: a description of the running emulator, for people who open it in a browser."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from finetuning_emulator.http.responses import json_response
from finetuning_emulator.version import emulator_version

__all__ = ["ROUTES"]


async def _describe(request: Request) -> Response:
    root = str(request.base_url).rstrip("/")
    return json_response(
        {
            "object": "emulator",
            "name": "finetuning-emulator",
            "version": emulator_version(),
            "description": "An offline emulator of the fine-tuning API. Training is simulated.",
            "api": f"{root}/v1",
            "control": {
                "state": f"{root}/_emulator",
                "scenarios": f"{root}/_emulator/scenarios",
                "faults": f"{root}/_emulator/faults",
                "clock": f"{root}/_emulator/clock",
            },
            "docs": "docs/emulator.md in the source distribution of finetuning-client",
        }
    )


ROUTES = [Route("/", _describe, methods=["GET"])]
