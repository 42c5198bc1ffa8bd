from __future__ import annotations

from typing import Any

from attrs import define

from .. import models
from ..types import READ, UNSET, ApiObject, Unset


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class FineTuneDPOMethod(ApiObject):
    """Training on pairs of a preferred and a rejected answer (direct preference optimization).

    Attributes:
        hyperparameters: Settings of the training.
    """

    hyperparameters: models.FineTuneDPOHyperparameters | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.hyperparameters = READ["FineTuneDPOHyperparameters"](v) if type(v := src["hyperparameters"]) is dict else v
