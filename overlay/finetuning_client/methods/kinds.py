"""Training methods, each with flat keyword hyperparameters.

Generated from openapi.yaml by `make generate`; do not edit.

`None` leaves a hyperparameter out of the request, so that the service chooses it; `auto` requests that
explicitly. The limits of the contract are checked when the object is created.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal, TypeAlias

import attrs

from .base import TrainingMethod

__all__ = ["DPO", "Method", "Reinforcement", "Supervised"]


@attrs.frozen(kw_only=True)
class Supervised(TrainingMethod):
    """Supervised training on example answers.

    Attributes:
        n_epochs: Passes over the training file, 1 to 50. `auto` when left out.
        batch_size: Examples per training step, 1 to 256. `auto` when left out.
        learning_rate_multiplier: Multiplier for the learning rate, above 0. `auto` when left out.

    Source: `FineTuneSupervisedMethod` in the contract.
    """

    type: ClassVar[str] = "supervised"
    schema: ClassVar[str] = "FineTuneSupervisedMethod"
    settings: ClassVar[str] = "FineTuneSupervisedHyperparameters"
    n_epochs: int | Literal["auto"] | None = None
    batch_size: int | Literal["auto"] | None = None
    learning_rate_multiplier: float | Literal["auto"] | None = None


@attrs.frozen(kw_only=True)
class DPO(TrainingMethod):
    """Training on pairs of a preferred and a rejected answer (direct preference optimization).

    Attributes:
        beta: How strongly the new model is kept close to the one it started from, above 0 and up to 2. `auto`
            when left out.
        n_epochs: Passes over the training file, 1 to 50. `auto` when left out.
        batch_size: Examples per training step, 1 to 256. `auto` when left out.
        learning_rate_multiplier: Multiplier for the learning rate, above 0. `auto` when left out.

    Source: `FineTuneDPOMethod` in the contract.
    """

    type: ClassVar[str] = "dpo"
    schema: ClassVar[str] = "FineTuneDPOMethod"
    settings: ClassVar[str] = "FineTuneDPOHyperparameters"
    beta: float | Literal["auto"] | None = None
    n_epochs: int | Literal["auto"] | None = None
    batch_size: int | Literal["auto"] | None = None
    learning_rate_multiplier: float | Literal["auto"] | None = None


@attrs.frozen(kw_only=True)
class Reinforcement(TrainingMethod):
    """Training on the rewards that a grader gives to sampled answers.

    Attributes:
        grader: Grader that gives the rewards.
        n_epochs: Passes over the training file, 1 to 50. `auto` when left out.
        batch_size: Examples per training step, 1 to 256. `auto` when left out.
        learning_rate_multiplier: Multiplier for the learning rate, above 0. `auto` when left out.
        reasoning_effort: Amount of reasoning during training. `default` when left out.
        compute_multiplier: Multiplier for the compute spent exploring answers, above 0.00001 and up to 10.
            `auto` when left out.
        eval_interval: Training steps between evaluations, at least 1. `auto` when left out.
        eval_samples: Answers sampled for evaluation at each step, at least 1. `auto` when left out.

    Source: `FineTuneReinforcementMethod` in the contract.
    """

    type: ClassVar[str] = "reinforcement"
    schema: ClassVar[str] = "FineTuneReinforcementMethod"
    settings: ClassVar[str] = "FineTuneReinforcementHyperparameters"
    grader: Any
    n_epochs: int | Literal["auto"] | None = None
    batch_size: int | Literal["auto"] | None = None
    learning_rate_multiplier: float | Literal["auto"] | None = None
    reasoning_effort: str | None = None
    compute_multiplier: float | Literal["auto"] | None = None
    eval_interval: int | Literal["auto"] | None = None
    eval_samples: int | Literal["auto"] | None = None


Method: TypeAlias = Supervised | DPO | Reinforcement
"""Any of the training methods."""
