"""Training methods, each with flat keyword hyperparameters: `Supervised`, `DPO`, `Reinforcement`.

`None` leaves a hyperparameter out of the request, and the service decides; `"auto"` asks for that explicitly.
Limits are the contract's, and are checked when the object is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, TypeAlias

import attrs

from .errors import InvalidRequestError
from .validation import field_names, require

Auto: TypeAlias = Literal["auto"]


class _Method:
    """Base of the methods: turns hyperparameters into the `method` object of a request."""

    __slots__ = ()
    type: ClassVar[str]
    _schema: ClassVar[str]

    def __attrs_post_init__(self) -> None:
        require(self._schema, self.hyperparameters())

    def hyperparameters(self) -> dict[str, Any]:
        """Return the hyperparameters that are set, by their names in the contract."""
        given = {name: getattr(self, name) for name in _names(type(self)) if name != "grader"}
        return {name: value for name, value in given.items() if value is not None}

    def to_dict(self) -> dict[str, Any]:
        """Return the `method` object of the request (`FineTuneMethod` in the contract)."""
        inner: dict[str, Any] = {}
        if hyperparameters := self.hyperparameters():
            inner["hyperparameters"] = hyperparameters
        return {"type": self.type, self.type: inner}


@attrs.frozen(kw_only=True)
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


@attrs.frozen(kw_only=True)
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


@attrs.frozen(kw_only=True)
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

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        require("FineTuneReinforcementMethod", {"grader": as_json("grader", self.grader)})

    def to_dict(self) -> dict[str, Any]:
        """Return the `method` object of the request (`FineTuneMethod` in the contract)."""
        whole = super().to_dict()
        whole[self.type]["grader"] = as_json("grader", self.grader)
        return whole


Method: TypeAlias = Supervised | DPO | Reinforcement


@attrs.frozen
class UnknownMethod:
    """A method of a job that this release does not know.

    Attributes:
        type: the name of the method, or `None`.
        data: the `method` object as the server sent it.
    """

    type: str | None
    data: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return the `method` object as the server sent it."""
        return dict(self.data)


_METHODS: Mapping[object, type[Method]] = {kind.type: kind for kind in (Supervised, DPO, Reinforcement)}


def read_method(data: Mapping[str, Any]) -> Method | UnknownMethod:
    """Read the `method` object of a job; values are taken as they are, whatever the limits of requests."""
    name = data.get("type")
    kind = _METHODS.get(name) if isinstance(name, str) else None
    if kind is None:
        return UnknownMethod(name if isinstance(name, str) else None, data)
    inner = data.get(kind.type)
    inner = inner if isinstance(inner, Mapping) else {}
    values = inner.get("hyperparameters")
    values = {**(values if isinstance(values, Mapping) else {}), "grader": inner.get("grader")}
    # Without the constructor, which checks the limits.
    method = object.__new__(kind)
    for field in _names(kind):
        object.__setattr__(method, field, values.get(field))
    return method


def _names(kind: type[Any]) -> list[str]:
    """Return the names of the fields of a method."""
    return [field.name for field in attrs.fields(kind)]


def checked_method(value: Any) -> dict[str, Any]:
    """Return the `method` object of a request. Raises `InvalidRequestError` for values that would be lost.

    The service reads only the part that is named like the `type`, and ignores hyperparameters it does not
    know.
    """
    method: dict[str, Any] = as_json("method", value)
    kind = _METHODS.get(method.get("type")) if isinstance(method.get("type"), str) else None
    if kind is None:
        return method
    for name, part in method.items():
        if name in _METHODS and name != kind.type:
            rule = f"left out of a method of type {kind.type!r}: put its values under {kind.type!r}"
            raise InvalidRequestError.of(f"method.{name}", rule, part, "")
    inner = method.get(kind.type)
    if isinstance(inner, Mapping) and isinstance(inner.get("hyperparameters"), Mapping):
        require_known(f"method.{kind.type}.hyperparameters", kind._schema, inner["hyperparameters"])  # noqa: SLF001
    return method


def require_known(field: str, schema: str, values: Mapping[str, Any]) -> None:
    """Raise `InvalidRequestError` for a name that is probably a misspelling of one in the contract."""
    from difflib import get_close_matches

    known = field_names(schema)
    for name, value in values.items():
        near = get_close_matches(str(name), known, n=1, cutoff=0.75) if name not in known else ()
        if near:
            rule = f"{near[0]!r}, if that is what is meant: the API has no {name!r}"
            raise InvalidRequestError.of(f"{field}.{name}", rule, value, "")


def as_json(field: str, value: Any) -> Any:
    """Return a dict, a method, or a model of the generated library as the JSON object that is sent.

    `field` names the value in errors. Raises `InvalidRequestError`.
    """
    if isinstance(value, Mapping):
        return dict(value)
    to_dict = getattr(value, "to_dict", None)
    if callable(to_dict) and not isinstance(value, type):
        return to_dict()
    raise InvalidRequestError.of(field, "an object", value, f", as a dict or a model, not {value!r}")
