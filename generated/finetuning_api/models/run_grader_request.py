from __future__ import annotations

from typing import Any

from attrs import define

from ..types import UNSET, ApiObject, Unset, read_tagged


@define(repr=False)
class RunGraderRequest(ApiObject):
    """A grader, and what it is to grade.

    Attributes:
        grader: Grader to run.
        model_sample: Model output to grade. It fills `{{sample.output_text}}` and, when it is JSON,
            `{{sample.output_json}}`.
        item: Row of data that fills placeholders such as `{{item.answer}}`.
    """

    grader: GraderStringCheck | GraderTextSimilarity | GraderPython | GraderScoreModel | GraderMulti
    model_sample: str
    item: dict[str, Any] | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.grader = read_tagged(v, _GRADER_TYPES) if type(v := src["grader"]) is dict else v
        self.model_sample = src["model_sample"]
        self.item = src["item"]


from .grader_multi import GraderMulti
from .grader_python import GraderPython
from .grader_score_model import GraderScoreModel
from .grader_string_check import GraderStringCheck
from .grader_text_similarity import GraderTextSimilarity

_GRADER_TYPES = {
    "string_check": GraderStringCheck,
    "text_similarity": GraderTextSimilarity,
    "python": GraderPython,
    "score_model": GraderScoreModel,
    "multi": GraderMulti,
}
