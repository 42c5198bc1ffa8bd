from __future__ import annotations

from typing import Any

from attrs import define

from .. import models
from ..types import READ, UNSET, ApiObject, Tagged, Unset

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
class FineTuneReinforcementMethod(ApiObject):
    """Training on the rewards that a grader gives to sampled answers.

    Attributes:
        grader: Grader that gives the rewards.
        hyperparameters: Settings of the training.
    """

    grader: (
        models.GraderStringCheck
        | models.GraderTextSimilarity
        | models.GraderPython
        | models.GraderScoreModel
        | models.GraderMulti
    )
    hyperparameters: models.FineTuneReinforcementHyperparameters | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.grader = _GRADER_KINDS.read(v) if type(v := src["grader"]) is dict else v
        self.hyperparameters = (
            READ["FineTuneReinforcementHyperparameters"](v) if type(v := src["hyperparameters"]) is dict else v
        )
