"""Conversion of methods from and to the JSON of a job: read from responses, checked for requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import attrs

from ..errors import InvalidRequestError
from ..misspellings import near_name
from ..schemas import field_names
from ..validation import as_json
from .kinds import Method

KINDS: Mapping[str, Any] = {kind.type: kind for kind in get_args(Method)}
"""The class of each method of the contract, by its `type`."""


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


def read_method(data: Mapping[str, Any]) -> Method | UnknownMethod:
    """Read the `method` object of a job; values are kept as they are, whatever the limits for requests."""
    name, kind = data.get("type"), _kind_of(data)
    if kind is None:
        return UnknownMethod(name if isinstance(name, str) else None, data)
    inner = data.get(kind.type)
    inner = inner if isinstance(inner, Mapping) else {}
    values = inner.get("hyperparameters")
    values = {**inner, **(values if isinstance(values, Mapping) else {})}
    # Not through the constructor, which checks the limits.
    method: Any = object.__new__(kind)
    for field in attrs.fields(kind):
        object.__setattr__(method, field.name, values.get(field.name))
    return method  # type: ignore[no-any-return]


def _kind_of(data: Mapping[str, Any]) -> Any:
    name = data.get("type")
    return KINDS.get(name) if isinstance(name, str) else None


def checked_method(value: Any, *, check_names: bool = True) -> dict[str, Any]:
    """Return the `method` object of a request. Raises `InvalidRequestError` for values that would be lost.

    The service reads only the part named like the `type`, and ignores hyperparameters it does not know; with
    `check_names`, a name that is probably misspelled is refused.
    """
    method: dict[str, Any] = as_json("method", value)
    kind = _kind_of(method)
    if kind is None:
        return method
    for name, part in method.items():
        if name in KINDS and name != kind.type:
            text = f"not allowed in a method of type {kind.type!r}: move its values to {kind.type!r}"
            raise InvalidRequestError(f"method.{name}: {text}", field=f"method.{name}", value=part)
    inner = method.get(kind.type)
    if check_names and isinstance(inner, Mapping) and isinstance(inner.get("hyperparameters"), Mapping):
        require_known(f"method.{kind.type}.hyperparameters", kind.settings, inner["hyperparameters"])
    return method


def require_known(field: str, schema: str, values: Mapping[str, Any]) -> None:
    """Raise `InvalidRequestError` for a name that is probably a misspelling of one in the contract."""
    known = field_names(schema)
    for name, value in values.items():
        near = None if name in known else near_name(str(name), known, likeness=0.75)
        if near:
            text = f"{field}.{name}: unknown hyperparameter: did you mean {near!r}?"
            raise InvalidRequestError(text, field=f"{field}.{name}", value=value)
