from __future__ import annotations

from typing import Any, Literal

from attrs import define

from ..types import UNSET, ApiObject, Unset


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class FineTuneDPOHyperparameters(ApiObject):
    """Settings of direct preference optimization.

    Attributes:
        beta: How strongly the new model is kept close to the one it started from, above 0 and up to 2. `auto`
            when left out.
        n_epochs: Passes over the training file, 1 to 50. `auto` when left out.
        batch_size: Examples per training step, 1 to 256. `auto` when left out.
        learning_rate_multiplier: Multiplier for the learning rate, above 0. `auto` when left out.
    """

    beta: Literal["auto"] | float | Unset = UNSET
    n_epochs: Literal["auto"] | int | Unset = UNSET
    batch_size: Literal["auto"] | int | Unset = UNSET
    learning_rate_multiplier: Literal["auto"] | float | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.beta = src["beta"]
        self.n_epochs = src["n_epochs"]
        self.batch_size = src["batch_size"]
        self.learning_rate_multiplier = src["learning_rate_multiplier"]
