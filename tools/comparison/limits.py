"""Limits of values: bounds, which can be wider or narrower, and rules, which can only differ."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

from tools.comparison.differences import Effect
from tools.openapi import Document
from tools.openapi.wording import named

__all__ = ["BOUNDS", "LIMITS", "Limit", "Limits", "check_bounds", "common_limits", "effect_of", "limits_of"]

# By keyword: the kinds of values that it limits, and -1 for a lower bound or 1 for an upper one.
_NUMBERS = ("integer", "number")
BOUNDS: dict[str, tuple[tuple[str, ...], int]] = {
    "minimum": (_NUMBERS, -1),
    "maximum": (_NUMBERS, 1),
    "minLength": (("string",), -1),
    "maxLength": (("string",), 1),
    "minItems": (("array",), -1),
    "maxItems": (("array",), 1),
    "minProperties": (("object",), -1),
    "maxProperties": (("object",), 1),
}
_EXCLUSIVE = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}
_RULES: dict[str, tuple[str, ...]] = {
    "multipleOf": _NUMBERS,
    "pattern": ("string",),
    "contentEncoding": ("string",),
    "contentMediaType": ("string",),
    "uniqueItems": ("array",),
    "prefixItems": ("array",),
    "contains": ("array",),
    "minContains": ("array",),
    "maxContains": ("array",),
    "patternProperties": ("object",),
    "dependentRequired": ("object",),
    "dependentSchemas": ("object",),
    "unevaluatedProperties": ("object",),
    "unevaluatedItems": ("array",),
}
_ANY_KIND = ("not", "if", "then", "else")

LIMITS = frozenset((*BOUNDS, *_RULES, *_ANY_KIND))


@dataclass(frozen=True)
class Limit:
    """One limit: its keyword, the text of its value, and for bounds how many values they allow."""

    keyword: str
    text: str
    room: tuple[float, int] | None = None


Limits = tuple[Limit, ...]


def check_bounds(document: Document, schema: dict[str, Any]) -> None:
    """Raise a `DocumentError` for a bound of a schema that is not a number.

    An exclusive bound may be true or false, as in OpenAPI 3.0.
    """
    for keyword in (*BOUNDS, *_EXCLUSIVE.values()):
        value = schema.get(keyword)
        is_flag = isinstance(value, bool)
        if value is None or (is_flag and keyword in _EXCLUSIVE.values()):
            continue
        if is_flag or not isinstance(value, int | float) or not math.isfinite(value):
            raise document.error_at(schema, keyword, f"`{keyword}` must be a number, not {named(value)}")


def limits_of(kind: str, keywords: dict[str, Any]) -> Limits:
    """Return the limits of a schema, whose bounds have been checked, on values of one kind."""
    found: list[Limit] = []
    for keyword, (kinds, side) in BOUNDS.items():
        limit = _bound(kind, keyword, side, keywords) if kind in kinds else None
        if limit is not None:
            found.append(limit)
    for keyword, value in keywords.items():
        if keyword == "multipleOf" and kind == "integer" and value == 1:
            continue  # true of every integer
        if value is not False and (keyword in _ANY_KIND or kind in _RULES.get(keyword, ())):
            found.append(Limit(keyword, json.dumps(value, sort_keys=True, default=str)))
    return tuple(found)


def common_limits(one: Limits, other: Limits) -> Limits:
    """Return the limits that hold for the values of both."""
    return tuple(limit for limit in one if limit in other)


def effect_of(before: Limit | None, after: Limit | None) -> Effect:
    """Return whether more or fewer values are allowed where a limit differs."""
    if before is None or after is None:
        return Effect.NARROWED if before is None else Effect.WIDENED
    if before.room is not None and after.room is not None:
        return Effect.WIDENED if before.room < after.room else Effect.NARROWED
    if before.keyword == "multipleOf":
        if _divides(before, after):
            return Effect.NARROWED
        return Effect.WIDENED if _divides(after, before) else Effect.CHANGED
    return Effect.CHANGED


def _divides(one: Limit, other: Limit) -> bool:
    """Return whether every multiple of `other` is one of `one`; False where it is not known."""
    try:
        return int(other.text) % int(one.text) == 0
    except (ValueError, ZeroDivisionError):
        return False


def _bound(kind: str, keyword: str, side: int, keywords: dict[str, Any]) -> Limit | None:
    """Return the tighter of the inclusive and the exclusive form, of either version of OpenAPI."""
    plain = keywords.get(keyword)
    exclusive = keywords.get(_EXCLUSIVE.get(keyword, ""))
    limits = []
    if plain is not None:
        limits.append((plain, exclusive is True))
    if exclusive is not None and not isinstance(exclusive, bool):
        limits.append((exclusive, True))
    if kind == "integer":
        limits = [(_whole(value, excluded, side), False) for value, excluded in limits]
    # A lower bound of zero does not limit a size.
    limits = [limit for limit in limits if keyword == "minimum" or side == 1 or limit[0] > 0]
    if not limits:
        return None
    value, excluded = min(limits, key=lambda limit: (side * limit[0], not limit[1]))
    number = str(int(value)) if float(value).is_integer() else str(value)
    text = f"{'above' if side < 0 else 'below'} {number}" if excluded else number
    return Limit(keyword, text, (side * value, 0 if excluded else 1))


def _whole(value: float, excluded: bool, side: int) -> int:
    """Return the last whole number within a bound, so that `above 0` and `at least 1` are the same."""
    last = math.ceil(value) if side < 0 else math.floor(value)
    return last - side if excluded and last == value else last
