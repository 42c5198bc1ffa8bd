from __future__ import annotations

from typing import Any, Literal

from attrs import define

from .. import models
from ..types import ApiObject, Tagged

_GRADERS_KINDS = Tagged(
    "type",
    {
        "string_check": "GraderStringCheck",
        "text_similarity": "GraderTextSimilarity",
        "python": "GraderPython",
        "score_model": "GraderScoreModel",
        "label_model": "GraderLabelModel",
    },
)


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class GraderMulti(ApiObject):
    """Combines the scores of other graders by a formula.

    Attributes:
        name: Name of the grader.
        graders: The graders to combine, by the names that the formula uses; or a single one.
        calculate_output: Formula of the score, for instance `0.7 * accuracy + 0.3 * style`.
        type: Always `multi`.
    """

    name: str
    graders: (
        models.GraderStringCheck
        | models.GraderTextSimilarity
        | models.GraderPython
        | models.GraderScoreModel
        | models.GraderLabelModel
        | dict[
            str,
            models.GraderStringCheck
            | models.GraderTextSimilarity
            | models.GraderPython
            | models.GraderScoreModel
            | models.GraderLabelModel,
        ]
    )
    calculate_output: str
    type: Literal["multi"] = "multi"

    def _fill(self, src: dict[str, Any]) -> None:
        self.type = src["type"]
        self.name = src["name"]
        self.graders = (
            _GRADERS_KINDS.read(v)
            if type(v := src["graders"]) is dict and _GRADERS_KINDS.knows(v)
            else {key: _GRADERS_KINDS.read(item) if type(item) is dict else item for key, item in v.items()}
            if type(v) is dict
            else v
        )
        self.calculate_output = src["calculate_output"]
