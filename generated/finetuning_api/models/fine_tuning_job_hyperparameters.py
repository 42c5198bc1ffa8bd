from __future__ import annotations

from typing import Any, Literal

from attrs import define

from ..types import UNSET, ApiObject, Unset


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class FineTuningJobHyperparameters(ApiObject):
    """Settings of supervised training; `auto` until the job runs, then the numbers chosen.

    Attributes:
        n_epochs: Passes over the training file.
        batch_size: Examples per training step.
        learning_rate_multiplier: Multiplier for the learning rate.
    """

    n_epochs: Literal["auto"] | int | None | Unset = UNSET
    batch_size: Literal["auto"] | int | None | Unset = UNSET
    learning_rate_multiplier: Literal["auto"] | float | None | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.n_epochs = src["n_epochs"]
        self.batch_size = src["batch_size"]
        self.learning_rate_multiplier = src["learning_rate_multiplier"]
