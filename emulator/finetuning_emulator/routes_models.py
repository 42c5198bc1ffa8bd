"""The operations under /models."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from finetuning_emulator.answers import json_answer, service_of
from finetuning_emulator.catalogue import BASE_MODELS, resolved_name
from finetuning_emulator.jobs import ORGANIZATION

__all__ = ["ROUTES"]


async def _list(request: Request) -> Response:
    service = service_of(request)
    tuned = service.store.models(service.clock.now())
    data = [_view(name, created, "openai") for name, created in BASE_MODELS.items()]
    data += [_view(row.id, row.available_at // 1000, ORGANIZATION) for row in tuned]
    return json_answer({"object": "list", "data": data})


async def _retrieve(request: Request) -> Response:
    name = request.path_params["model"]
    row = service_of(request).model(name)
    if row is None:
        return json_answer(_view(name, BASE_MODELS[resolved_name(name)], "openai"))
    return json_answer(_view(row.id, row.available_at // 1000, ORGANIZATION))


async def _delete(request: Request) -> Response:
    name = request.path_params["model"]
    service_of(request).delete_model(name)
    return json_answer({"id": name, "object": "model", "deleted": True})


def _view(name: str, created: int, owner: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": created, "owned_by": owner}


ROUTES = [
    Route("/v1/models", _list, methods=["GET"]),
    Route("/v1/models/{model}", _retrieve, methods=["GET"]),
    Route("/v1/models/{model}", _delete, methods=["DELETE"]),
]
