"""A request to create a job: its fields and their limits."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

__all__ = ["Integration", "JobRequest"]

_Auto = Literal["auto"]
_Epochs = _Auto | Annotated[int, Meta(ge=1, le=50)]
_BatchSize = _Auto | Annotated[int, Meta(ge=1, le=256)]
_Positive = _Auto | Annotated[float, Meta(gt=0)]
_Count = _Auto | Annotated[int, Meta(ge=1)]
_MetadataKey = Annotated[str, Meta(max_length=64)]
_MetadataValue = Annotated[str, Meta(max_length=512)]


class _Body(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    pass


class _Hyperparameters(_Body):
    n_epochs: _Epochs = "auto"
    batch_size: _BatchSize = "auto"
    learning_rate_multiplier: _Positive = "auto"


class _DpoHyperparameters(_Hyperparameters):
    beta: _Auto | Annotated[float, Meta(gt=0, le=2)] = "auto"


class _ReinforcementHyperparameters(_Hyperparameters):
    compute_multiplier: _Auto | Annotated[float, Meta(gt=0.00001, le=10)] = "auto"
    eval_interval: _Count = "auto"
    eval_samples: _Count = "auto"
    reasoning_effort: Literal["default", "low", "medium", "high"] = "default"


class _Supervised(_Body):
    hyperparameters: _Hyperparameters | None = None


class _Dpo(_Body):
    hyperparameters: _DpoHyperparameters | None = None


class _Reinforcement(_Body):
    grader: dict[str, Any]
    hyperparameters: _ReinforcementHyperparameters | None = None


class _Method(_Body):
    type: Literal["supervised", "dpo", "reinforcement"]
    supervised: _Supervised | None = None
    dpo: _Dpo | None = None
    reinforcement: _Reinforcement | None = None


class _Wandb(_Body):
    project: str
    name: str | None = None
    entity: str | None = None
    tags: list[str] = []


class Integration(_Body):
    """A service that would receive the metrics; the emulator only echoes it."""

    type: Literal["wandb"]
    wandb: _Wandb


class JobRequest(_Body):
    """The body of the request; limits that need no other knowledge are part of the types."""

    model: Annotated[str, Meta(min_length=1, max_length=256)]
    training_file: Annotated[str, Meta(min_length=1, max_length=256)]
    validation_file: str | None = None
    method: _Method | None = None
    hyperparameters: _Hyperparameters | None = None
    suffix: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    seed: Annotated[int, Meta(ge=0, le=2147483647)] | None = None
    integrations: Annotated[list[Integration], Meta(max_length=5)] | None = None
    metadata: Annotated[dict[_MetadataKey, _MetadataValue], Meta(max_length=16)] | None = None

    @property
    def kind(self) -> Literal["supervised", "dpo", "reinforcement"]:
        """The method's type; supervised if the request names none."""
        return "supervised" if self.method is None else self.method.type

    @property
    def grader(self) -> dict[str, Any] | None:
        """The grader of a reinforcement job; None for every other method."""
        if self.method is None or self.method.type != "reinforcement" or self.method.reinforcement is None:
            return None
        return self.method.reinforcement.grader

    def requested_hyperparameters(self) -> dict[str, Any]:
        """Return all hyperparameters of the method; those that the request leaves out are "auto"."""
        chosen = None if self.method is None else getattr(self.method, self.kind)
        found = None if chosen is None else chosen.hyperparameters
        if found is None and self.kind == "supervised":
            found = self.hyperparameters
        return msgspec.structs.asdict(found or _ALL_AUTO[self.kind])


_ALL_AUTO = {
    "supervised": _Hyperparameters(),
    "dpo": _DpoHyperparameters(),
    "reinforcement": _ReinforcementHyperparameters(),
}
