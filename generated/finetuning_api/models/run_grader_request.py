from __future__ import annotations

from typing import Any

from attrs import define

from .. import models
from ..types import UNSET, ApiObject, Tagged, Unset

_GRADER_KINDS = Tagged(
    "type",
    {
        "string_check": "GraderStringCheck",
        "text_similarity": "GraderTextSimilarity",
        "python": "GraderPython",
        "score_model": "GraderScoreModel",
        "multi": "GraderMulti",
    },
)


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class RunGraderRequest(ApiObject):
    """A grader, and the data to grade.

    Attributes:
        grader: Grader to run.
        model_sample: Model output to grade. It fills `{{sample.output_text}}` and, when it is JSON,
            `{{sample.output_json}}`.
        item: Row of data that fills placeholders such as `{{item.answer}}`.
    """

    grader: (
        models.GraderStringCheck
        | models.GraderTextSimilarity
        | models.GraderPython
        | models.GraderScoreModel
        | models.GraderMulti
    )
    model_sample: str
    item: dict[str, Any] | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.grader = _GRADER_KINDS.read(v) if type(v := src["grader"]) is dict else v
        self.item = src["item"]
        self.model_sample = src["model_sample"]
