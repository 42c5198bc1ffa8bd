from __future__ import annotations

from typing import Any, Literal

from attrs import define

from ..types import ApiObject, read_tagged


@define(repr=False)
class GraderMulti(ApiObject):
    """Joins the scores of other graders by a formula.

    Attributes:
        name: Name of the grader.
        graders: The graders to join, by the names that the formula uses; or a single one.
        calculate_output: Formula of the score, for instance `0.7 * accuracy + 0.3 * style`.
        type: Always `multi`.
    """

    name: str
    graders: (
        GraderStringCheck
        | GraderTextSimilarity
        | GraderPython
        | GraderScoreModel
        | GraderLabelModel
        | dict[str, GraderStringCheck | GraderTextSimilarity | GraderPython | GraderScoreModel | GraderLabelModel]
    )
    calculate_output: str
    type: Literal["multi"] = "multi"

    def _fill(self, src: dict[str, Any]) -> None:
        self.name = src["name"]
        self.graders = (
            read_tagged(v, _GRADERS_TYPES)
            if type(v := src["graders"]) is dict and type(v.get("type")) is str
            else {key: read_tagged(item, _GRADERS_TYPES) if type(item) is dict else item for key, item in v.items()}
            if type(v) is dict
            else v
        )
        self.calculate_output = src["calculate_output"]
        self.type = src["type"]


from .grader_label_model import GraderLabelModel
from .grader_python import GraderPython
from .grader_score_model import GraderScoreModel
from .grader_string_check import GraderStringCheck
from .grader_text_similarity import GraderTextSimilarity

_GRADERS_TYPES = {
    "string_check": GraderStringCheck,
    "text_similarity": GraderTextSimilarity,
    "python": GraderPython,
    "score_model": GraderScoreModel,
    "label_model": GraderLabelModel,
}
