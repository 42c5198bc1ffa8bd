from __future__ import annotations

from typing import Any

from attrs import define

from ..types import UNSET, ApiObject, Unset


@define(repr=False)
class FineTuneDPOMethod(ApiObject):
    """Training on pairs of a preferred and a rejected answer (direct preference optimization).

    Attributes:
        hyperparameters: Settings of the training.
    """

    hyperparameters: FineTuneDPOHyperparameters | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.hyperparameters = (
            FineTuneDPOHyperparameters.from_dict(v) if type(v := src["hyperparameters"]) is dict else v
        )


from .fine_tune_dpo_hyperparameters import FineTuneDPOHyperparameters
