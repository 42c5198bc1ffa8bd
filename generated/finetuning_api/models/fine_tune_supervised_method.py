from __future__ import annotations

from typing import Any

from attrs import define

from ..types import UNSET, ApiObject, Unset


@define(repr=False)
class FineTuneSupervisedMethod(ApiObject):
    """Training on example answers.

    Attributes:
        hyperparameters: Settings of the training.
    """

    hyperparameters: FineTuneSupervisedHyperparameters | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.hyperparameters = (
            FineTuneSupervisedHyperparameters.from_dict(v) if type(v := src["hyperparameters"]) is dict else v
        )


from .fine_tune_supervised_hyperparameters import FineTuneSupervisedHyperparameters
