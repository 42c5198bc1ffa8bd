"""`client.graders`: trying a grader before a reinforcement job pays for it, blocking and awaited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from finetuning_api.api.graders import run_grader, validate_grader
from finetuning_api.models.run_grader_request import RunGraderRequest
from finetuning_api.models.run_grader_response import RunGraderResponse
from finetuning_api.models.validate_grader_request import ValidateGraderRequest
from finetuning_api.models.validate_grader_response import ValidateGraderResponse

from .contract import require
from .drivers import AsyncDriver, Driver
from .handles import Context
from .methods import as_json
from .plans.effects import Request
from .plans.exchange import fetch

__all__ = ["AsyncGraders", "Graders"]


class Graders:
    """Graders, as models of `finetuning_api` or as dicts with their `type`."""

    def __init__(self, context: Context[Driver]) -> None:
        self._context = context

    def run(
        self, *, grader: Any, model_sample: str, item: Mapping[str, Any] | None = None
    ) -> RunGraderResponse:
        """Grade one answer (`runGrader` in the contract).

        Args:
            grader: the grader.
            model_sample: the answer of a model; JSON text is also there as `sample.output_json`.
            item: the example it answers, for the grader's `item.…` templates.

        Raises `InvalidRequestError` for a grader that breaks the contract, `ApiError`, `ConnectionFailed`.
        """
        request = _run_request(grader, model_sample, item)
        return self._context.driver.run(fetch(request, self._context.conduct, RunGraderResponse, "reward"))

    def validate(self, *, grader: Any) -> ValidateGraderResponse:
        """Have the service check a grader (`validateGrader`); the answer has it as the service reads it."""
        request = _validate_request(grader)
        plan = fetch(request, self._context.conduct, ValidateGraderResponse, "grader")
        return self._context.driver.run(plan)


class AsyncGraders:
    """Graders. `Graders` has the details."""

    def __init__(self, context: Context[AsyncDriver]) -> None:
        self._context = context

    async def run(
        self, *, grader: Any, model_sample: str, item: Mapping[str, Any] | None = None
    ) -> RunGraderResponse:
        """Grade one answer; see `Graders.run`."""
        request = _run_request(grader, model_sample, item)
        plan = fetch(request, self._context.conduct, RunGraderResponse, "reward")
        return await self._context.driver.run(plan)

    async def validate(self, *, grader: Any) -> ValidateGraderResponse:
        """Have the service check a grader; see `Graders.validate`."""
        request = _validate_request(grader)
        plan = fetch(request, self._context.conduct, ValidateGraderResponse, "grader")
        return await self._context.driver.run(plan)


def _run_request(grader: Any, model_sample: str, item: Mapping[str, Any] | None) -> Request:
    body: dict[str, Any] = {"grader": as_json("grader", grader), "model_sample": model_sample}
    if item is not None:
        body["item"] = as_json("item", item)
    require("RunGraderRequest", body)
    return Request.of(run_grader.build_request, body=RunGraderRequest.from_dict(body))


def _validate_request(grader: Any) -> Request:
    body = {"grader": as_json("grader", grader)}
    require("ValidateGraderRequest", body)
    return Request.of(validate_grader.build_request, body=ValidateGraderRequest.from_dict(body))
