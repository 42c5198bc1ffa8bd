from __future__ import annotations

from typing import Any

from attrs import define

from .. import models
from ..types import READ, UNSET, ApiObject, Unset


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class FineTuneSupervisedMethod(ApiObject):
    """Supervised training on example answers.

    Attributes:
        hyperparameters: Settings of the training.
    """

    hyperparameters: models.FineTuneSupervisedHyperparameters | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.hyperparameters = (
            READ["FineTuneSupervisedHyperparameters"](v) if type(v := src["hyperparameters"]) is dict else v
        )
