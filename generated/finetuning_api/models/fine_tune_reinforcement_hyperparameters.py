from __future__ import annotations

from typing import Any, Literal

from attrs import define

from .. import models
from ..types import UNSET, ApiObject, Members, Unset

_FineTuneReasoningEffort = Members("FineTuneReasoningEffort")


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class FineTuneReinforcementHyperparameters(ApiObject):
    """Settings of reinforcement training.

    Attributes:
        n_epochs: Passes over the training file, 1 to 50. `auto` when left out.
        batch_size: Examples per training step, 1 to 256. `auto` when left out.
        learning_rate_multiplier: Multiplier for the learning rate, above 0. `auto` when left out.
        reasoning_effort: Amount of reasoning during training. `default` when left out.
        compute_multiplier: Multiplier for the compute spent exploring answers, above 0.00001 and up to 10. `auto`
            when left out.
        eval_interval: Training steps between evaluations, at least 1. `auto` when left out.
        eval_samples: Answers sampled for evaluation at each step, at least 1. `auto` when left out.
    """

    n_epochs: Literal["auto"] | int | Unset = UNSET
    batch_size: Literal["auto"] | int | Unset = UNSET
    learning_rate_multiplier: Literal["auto"] | float | Unset = UNSET
    reasoning_effort: models.FineTuneReasoningEffort | Unset = UNSET
    compute_multiplier: Literal["auto"] | float | Unset = UNSET
    eval_interval: Literal["auto"] | int | Unset = UNSET
    eval_samples: Literal["auto"] | int | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.n_epochs = src["n_epochs"]
        self.batch_size = src["batch_size"]
        self.learning_rate_multiplier = src["learning_rate_multiplier"]
        self.reasoning_effort = _FineTuneReasoningEffort[v] if type(v := src["reasoning_effort"]) is str else v
        self.compute_multiplier = src["compute_multiplier"]
        self.eval_interval = src["eval_interval"]
        self.eval_samples = src["eval_samples"]
