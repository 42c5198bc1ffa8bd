from __future__ import annotations

from typing import Any

from attrs import define

from .. import models
from ..types import READ, UNSET, ApiObject, Unset


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class RunGraderMetadata(ApiObject):
    """Details of a grader run.

    Attributes:
        name: Name of the grader.
        type: Type of the grader, for instance `string_check`.
        errors: Errors of the grader run.
        execution_time: Time that the grader took, in seconds.
        scores: Further scores, by name.
        token_usage: Tokens used by the grading model; null when there is none.
        sampled_model_name: Model that graded; null when there is none.
    """

    name: str
    type: str
    errors: models.RunGraderErrors
    execution_time: float | Unset = UNSET
    scores: dict[str, Any] | Unset = UNSET
    token_usage: int | None | Unset = UNSET
    sampled_model_name: str | None | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.name = src["name"]
        self.type = src["type"]
        self.errors = READ["RunGraderErrors"](v) if type(v := src["errors"]) is dict else v
        self.execution_time = src["execution_time"]
        self.scores = src["scores"]
        self.token_usage = src["token_usage"]
        self.sampled_model_name = src["sampled_model_name"]
