"""The three ways to train, each with flat keyword hyperparameters: `Supervised`, `DPO`, `Reinforcement`.

`None` leaves a hyperparameter out of the request, and the service decides; `"auto"` asks it to in so many
words. Limits are the contract's, and are checked when the object is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal, TypeAlias

from .contract import require
from .errors import InvalidRequestError

__all__ = ["DPO", "Auto", "Method", "Reinforcement", "Supervised", "as_json"]

Auto: TypeAlias = Literal["auto"]


class _Method:
    """What the three share: hyperparameters become the `method` object of a request."""

    type: ClassVar[str]
    _schema: ClassVar[str]

    def __post_init__(self) -> None:
        require(self._schema, self.hyperparameters())

    def hyperparameters(self) -> dict[str, Any]:
        """The hyperparameters that are set, by their names in the contract."""
        given = {f.name: getattr(self, f.name) for f in fields(self)}  # type: ignore[arg-type]
        return {k: v for k, v in given.items() if v is not None and k != "grader"}

    def to_dict(self) -> dict[str, Any]:
        """The `method` object of the request (`FineTuneMethod` in the contract)."""
        inner: dict[str, Any] = {}
        if hyperparameters := self.hyperparameters():
            inner["hyperparameters"] = hyperparameters
        return {"type": self.type, self.type: inner}


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervised(_Method):
    """Learn from example conversations (`FineTuneSupervisedHyperparameters`).

    Attributes:
        n_epochs: passes over the training file, 1 to 50.
        batch_size: examples per step, 1 to 256.
        learning_rate_multiplier: a factor on the service's learning rate, over 0.
    """

    type: ClassVar[str] = "supervised"
    _schema: ClassVar[str] = "FineTuneSupervisedHyperparameters"

    n_epochs: int | Auto | None = None
    batch_size: int | Auto | None = None
    learning_rate_multiplier: float | Auto | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DPO(_Method):
    """Learn from preferred and rejected answers (`FineTuneDPOHyperparameters`).

    Attributes:
        beta: how closely the model keeps to what it was, over 0, at most 2.
        n_epochs, batch_size, learning_rate_multiplier: as for `Supervised`.
    """

    type: ClassVar[str] = "dpo"
    _schema: ClassVar[str] = "FineTuneDPOHyperparameters"

    beta: float | Auto | None = None
    n_epochs: int | Auto | None = None
    batch_size: int | Auto | None = None
    learning_rate_multiplier: float | Auto | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reinforcement(_Method):
    """Learn from a grader's scores (`FineTuneReinforcementHyperparameters`).

    Attributes:
        grader: the grader, as a model of `finetuning_api` or a dict with its `type`.
        reasoning_effort: `default`, `low`, `medium` or `high`.
        compute_multiplier: how much is explored, over 0.00001, at most 10.
        eval_interval: steps between evaluations, at least 1.
        eval_samples: samples per evaluation, at least 1.
        n_epochs, batch_size, learning_rate_multiplier: as for `Supervised`.
    """

    type: ClassVar[str] = "reinforcement"
    _schema: ClassVar[str] = "FineTuneReinforcementHyperparameters"

    grader: Any
    n_epochs: int | Auto | None = None
    batch_size: int | Auto | None = None
    learning_rate_multiplier: float | Auto | None = None
    reasoning_effort: str | None = None
    compute_multiplier: float | Auto | None = None
    eval_interval: int | Auto | None = None
    eval_samples: int | Auto | None = None

    def __post_init__(self) -> None:
        # Named in full: dataclass slots make a new class, which the bare super() does not know.
        _Method.__post_init__(self)
        require("FineTuneReinforcementMethod", {"grader": as_json("grader", self.grader)})

    def to_dict(self) -> dict[str, Any]:
        """The `method` object of the request (`FineTuneMethod` in the contract)."""
        whole = _Method.to_dict(self)
        whole[self.type]["grader"] = as_json("grader", self.grader)
        return whole


Method: TypeAlias = Supervised | DPO | Reinforcement


def as_json(field: str, value: Any) -> Any:
    """A dict, a method, or a model of the generated library as the JSON object that is sent."""
    if isinstance(value, Mapping):
        return dict(value)
    to_dict = getattr(value, "to_dict", None)
    if callable(to_dict):
        return to_dict()
    raise InvalidRequestError(
        f"{field}: must be an object, as a dict or a model, not {value!r}",
        field=field,
        limit="an object",
        value=value,
    )
