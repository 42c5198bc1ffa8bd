from __future__ import annotations

from typing import Any

from attrs import define

from ..types import UNSET, ApiObject, Unset, read_tagged


@define(repr=False)
class ValidateGraderResponse(ApiObject):
    """Result of checking a grader.

    Attributes:
        grader: The grader as the server understood it.
    """

    grader: GraderStringCheck | GraderTextSimilarity | GraderPython | GraderScoreModel | GraderMulti | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.grader = read_tagged(v, _GRADER_TYPES) if type(v := src["grader"]) is dict else v


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
