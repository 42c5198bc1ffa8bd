from __future__ import annotations

from typing import Any, Self

from attrs import define

from ..types import UNSET, ApiObject, Unset


@define(repr=False)
class FineTuneSupervisedMethod(ApiObject):
    """Training on example answers.

    Attributes:
        hyperparameters: Settings of the training.
    """

    hyperparameters: FineTuneSupervisedHyperparameters | Unset = UNSET

    @classmethod
    def _read(cls, src: dict[str, Any]) -> Self:
        return cls(FineTuneSupervisedHyperparameters.from_dict(v) if type(v := src["hyperparameters"]) is dict else v)


from .fine_tune_supervised_hyperparameters import FineTuneSupervisedHyperparameters
