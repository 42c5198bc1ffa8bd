"""Routes of /models."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from finetuning_emulator.http.responses import json_response
from finetuning_emulator.http.routes.organization_access import organization_of
from finetuning_emulator.http.views import model_view
from finetuning_emulator.simulation.base_models import BASE_MODELS, resolve_alias
from finetuning_emulator.simulation.job import ORGANIZATION

__all__ = ["ROUTES"]


async def _list(request: Request) -> Response:
    fine_tuned = organization_of(request).models.fine_tuned()
    data = [model_view(name, created, "openai") for name, created in BASE_MODELS.items()]
    data += [model_view(row.id, row.available_at // 1000, ORGANIZATION) for row in fine_tuned]
    return json_response({"object": "list", "data": data})


async def _retrieve(request: Request) -> Response:
    name = request.path_params["model"]
    row = organization_of(request).models.get(name)
    if row is None:
        return json_response(model_view(name, BASE_MODELS[resolve_alias(name)], "openai"))
    return json_response(model_view(row.id, row.available_at // 1000, ORGANIZATION))


async def _delete(request: Request) -> Response:
    name = request.path_params["model"]
    organization_of(request).models.delete(name)
    return json_response({"id": name, "object": "model", "deleted": True})


ROUTES = [
    Route("/v1/models", _list, methods=["GET"]),
    Route("/v1/models/{model}", _retrieve, methods=["GET"]),
    Route("/v1/models/{model}", _delete, methods=["DELETE"]),
]
