"""Limits of values: bounds that can be told wider from narrower, and rules that can only differ."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tools.comparison.document import Document

__all__ = ["LIMITS", "Limit", "Limits", "common_limits", "limits_of", "room_of"]

# Keyword to the kinds of values that it limits, and the side on which it does.
_NUMBERS = ("integer", "number")
_BOUNDS: dict[str, tuple[tuple[str, ...], int]] = {
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

LIMITS = frozenset((*_BOUNDS, *_RULES, *_ANY_KIND))


@dataclass(frozen=True)
class Limit:
    """One limit: its keyword, what to call its value, and for bounds how much room they leave."""

    keyword: str
    text: str
    room: tuple[float, int] | None = None


Limits = tuple[Limit, ...]


def limits_of(document: Document, kind: str, keywords: dict[str, Any]) -> Limits:
    """The limits of a schema on values of one kind.

    Raises:
        DocumentError: A bound is not a number.
    """
    found: list[Limit] = []
    for keyword, (kinds, side) in _BOUNDS.items():
        limit = _bound(document, keyword, side, keywords) if kind in kinds else None
        if limit is not None:
            found.append(limit)
    for keyword, value in keywords.items():
        if value is not False and (keyword in _ANY_KIND or kind in _RULES.get(keyword, ())):
            found.append(Limit(keyword, json.dumps(value, sort_keys=True, default=str)))
    return tuple(found)


def common_limits(one: Limits, other: Limits) -> Limits:
    """The limits that hold for values of either."""
    return tuple(limit for limit in one if limit in other)


def room_of(limit: Limit | None) -> tuple[float, int] | None:
    """How much a bound lets in, to compare with another of its keyword; more room is more values.

    Returns None for a limit that cannot be told wider or narrower than another.
    """
    return (float("inf"), 0) if limit is None else limit.room


def _bound(document: Document, keyword: str, side: int, keywords: dict[str, Any]) -> Limit | None:
    """The tighter of the inclusive and the exclusive form, of either version of OpenAPI."""
    plain = keywords.get(keyword)
    exclusive = keywords.get(_EXCLUSIVE.get(keyword, ""))
    limits = []
    if plain is not None:
        limits.append((plain, exclusive is True))
    if exclusive is not None and not isinstance(exclusive, bool):
        limits.append((exclusive, True))
    for value, _ in limits:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise document.error(f"{keyword} should be a number, and is {value!r}")
    # Sizes are never below nothing.
    limits = [limit for limit in limits if keyword == "minimum" or side == 1 or limit[0] > 0]
    if not limits:
        return None
    value, excluded = min(limits, key=lambda limit: (side * limit[0], not limit[1]))
    number = str(int(value)) if float(value).is_integer() else str(value)
    text = f"{'above' if side < 0 else 'below'} {number}" if excluded else number
    return Limit(keyword, text, (side * value, 0 if excluded else 1))
