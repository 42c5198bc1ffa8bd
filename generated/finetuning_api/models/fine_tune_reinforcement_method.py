from __future__ import annotations

from typing import Any

from attrs import define

from ..types import UNSET, ApiObject, Unset, read_tagged


@define(repr=False)
class FineTuneReinforcementMethod(ApiObject):
    """Training on the rewards that a grader gives to sampled answers.

    Attributes:
        grader: Grader that gives the rewards.
        hyperparameters: Settings of the training.
    """

    grader: GraderStringCheck | GraderTextSimilarity | GraderPython | GraderScoreModel | GraderMulti
    hyperparameters: FineTuneReinforcementHyperparameters | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.grader = read_tagged(v, _GRADER_TYPES) if type(v := src["grader"]) is dict else v
        self.hyperparameters = (
            FineTuneReinforcementHyperparameters.from_dict(v) if type(v := src["hyperparameters"]) is dict else v
        )


from .fine_tune_reinforcement_hyperparameters import FineTuneReinforcementHyperparameters
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
