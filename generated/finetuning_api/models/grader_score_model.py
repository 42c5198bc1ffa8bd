from __future__ import annotations

from typing import Any, Literal

from attrs import define

from .. import models
from ..types import READ, READ_ALL, UNSET, ApiObject, Unset


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class GraderScoreModel(ApiObject):
    """Has a model give a score.

    Attributes:
        name: Name of the grader.
        model: Model that grades.
        input: Messages for the grading model; may have placeholders.
        type: Always `score_model`.
        range: Lowest and highest score. 0 and 1 when left out.
        sampling_params: Sampling settings of the grading model.
    """

    name: str
    model: str
    input: list[models.EvalItem]
    type: Literal["score_model"] = "score_model"
    range: list[float] | Unset = UNSET
    sampling_params: models.GraderScoreModelSamplingParams | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.type = src["type"]
        self.name = src["name"]
        self.model = src["model"]
        self.input = v and READ_ALL["EvalItem"](v) if type(v := src["input"]) is list else v
        self.range = src["range"]
        self.sampling_params = (
            READ["GraderScoreModelSamplingParams"](v) if type(v := src["sampling_params"]) is dict else v
        )
