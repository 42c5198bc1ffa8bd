from __future__ import annotations

from typing import Any

from attrs import define

from .. import models
from ..types import ApiObject, Tagged

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
class ValidateGraderRequest(ApiObject):
    """A grader to check.

    Attributes:
        grader: Grader to check.
    """

    grader: (
        models.GraderStringCheck
        | models.GraderTextSimilarity
        | models.GraderPython
        | models.GraderScoreModel
        | models.GraderMulti
    )

    def _fill(self, src: dict[str, Any]) -> None:
        self.grader = _GRADER_KINDS.read(v) if type(v := src["grader"]) is dict else v
