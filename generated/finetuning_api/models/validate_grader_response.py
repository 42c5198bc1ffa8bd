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
class ValidateGraderResponse(ApiObject):
    """Result of checking a grader.

    Attributes:
        grader: The grader as the server understood it.
    """

    grader: (
        models.GraderStringCheck
        | models.GraderTextSimilarity
        | models.GraderPython
        | models.GraderScoreModel
        | models.GraderMulti
        | Unset
    ) = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.grader = _GRADER_KINDS.read(v) if type(v := src["grader"]) is dict else v
