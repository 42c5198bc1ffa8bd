# Generated from _async/methods_of_graders.py by `make generate`; do not edit.
"""Plain methods of `client.graders`, generated from openapi.yaml by `make generate`; do not edit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..plans import operations
from .resource_base import Resource

if TYPE_CHECKING:
    from finetuning_api.models.run_grader_response import RunGraderResponse
    from finetuning_api.models.validate_grader_response import ValidateGraderResponse
    from finetuning_api.types import ApiObject

__all__ = ["GradersMethods"]


class GradersMethods(Resource):
    """Scoring of model outputs, as used by reinforcement fine-tuning.

    Methods of `Graders` that are generated from the contract.
    """

    def run(
        self,
        *,
        grader: ApiObject | Mapping[str, Any],
        model_sample: str,
        item: Mapping[str, Any] | None = None,
    ) -> RunGraderResponse:
        """Run a grader.

        Scores one model output with a grader, without a job. An alpha endpoint.

        Args:
            grader: Grader to run.
            model_sample: Model output to grade. It fills `{{sample.output_text}}` and, when it is JSON,
                `{{sample.output_json}}`.
            item: Row of data that fills placeholders such as `{{item.answer}}`.

        Returns `RunGraderResponse`. Source: `runGrader` in the contract. Raises `InvalidRequestError` before
        anything is sent, `ApiError`, `ConnectionFailed` or `InvalidResponse`.
        """
        from finetuning_api.models.run_grader_response import RunGraderResponse

        plan = operations.run_grader(self._settings, grader=grader, model_sample=model_sample, item=item)
        return RunGraderResponse.from_dict(self._driver.run(plan))

    def validate(self, *, grader: ApiObject | Mapping[str, Any]) -> ValidateGraderResponse:
        """Validate a grader.

        Checks the definition of a grader without running it. An alpha endpoint.

        Args:
            grader: Grader to check.

        Returns `ValidateGraderResponse`. Source: `validateGrader` in the contract. Raises
        `InvalidRequestError` before anything is sent, `ApiError`, `ConnectionFailed` or `InvalidResponse`.
        """
        from finetuning_api.models.validate_grader_response import ValidateGraderResponse

        plan = operations.validate_grader(self._settings, grader=grader)
        return ValidateGraderResponse.from_dict(self._driver.run(plan))
