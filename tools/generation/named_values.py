"""Values in a schema, by `default`, `const` or `enum`: the schema must allow each of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tools.generation.schemas import FORMAT_PATTERNS, FORMAT_RANGES, OF_TYPE, Flat, Places, Schemas
from tools.openapi import grammar

__all__ = ["broken_rule", "check_named_values"]


def check_named_values(schemas: Schemas) -> None:
    """Raise `DocumentError` for the first value that its own schema does not allow."""
    document = schemas.document
    for place, schema in grammar.every_schema(document):
        for keyword in ("default", "const", "enum"):
            if not isinstance(schema, dict) or keyword not in schema:
                continue
            named = schema[keyword]
            values = named if keyword == "enum" else [named]
            for value in values:
                rule = broken_rule(schemas, (place,), value)
                if rule:
                    raise document.error((*place, keyword), f"{value!r} in `{keyword}` {rule}: change one")


def broken_rule(schemas: Schemas, places: Places, value: Any) -> str:
    """Return how a value breaks a schema, worded to follow the value; empty if it does not."""
    flat = schemas.flat(places)
    keywords = flat.keywords
    if flat.types and not any(OF_TYPE[kind](value) for kind in flat.types):
        return f"is not of type {' or '.join(flat.types)}"
    if "enum" in keywords and value not in keywords["enum"]:
        return "is not one of `enum`"
    if "const" in keywords and value != keywords["const"]:
        return f"is not the `const` {keywords['const']!r}"
    if flat.union and all(broken_rule(schemas, (member,), value) for member in flat.union):
        return "is not valid for any member of the union"
    return _unlike(keywords, value) or _broken_within(schemas, flat, value)


def _shown(value: Any) -> str:
    is_word = value is None or isinstance(value, bool)
    return json.dumps(value) if is_word else repr(value)


def _unlike(keywords: Mapping[str, Any], value: Any) -> str:
    """Return the limit that a value breaks."""
    for keyword, (kinds, is_broken) in _LIMITS.items():
        applies = keyword in keywords and isinstance(value, kinds) and not isinstance(value, bool)
        if applies and is_broken(value, keywords[keyword]):
            return f"is not within `{keyword}: {keywords[keyword]}`"
    name = keywords.get("format", "")
    if name in FORMAT_RANGES and isinstance(value, int):
        return "" if -FORMAT_RANGES[name] <= value < FORMAT_RANGES[name] else f"is not of format {name}"
    if name not in FORMAT_PATTERNS or not isinstance(value, str):
        return ""
    is_like = re.search(FORMAT_PATTERNS[name], value) is not None and _is_on_calendar(name, value)
    return "" if is_like else f"is not of format {name}"


def _is_on_calendar(name: str, value: str) -> bool:
    readers: dict[str, Callable[[str], object]] = {
        "date": date.fromisoformat,
        "date-time": datetime.fromisoformat,
    }
    try:
        readers.get(name, str)(value.upper())
    except ValueError:
        return False
    return True


def _broken_within(schemas: Schemas, flat: Flat, value: Any) -> str:
    """Return the rule that a field or an item breaks."""
    inner: list[tuple[str, Places, Any]] = []
    if isinstance(value, list) and flat.items:
        inner = [(f"[{index}]", flat.items, item) for index, item in enumerate(value)]
    if isinstance(value, dict):
        lacks = [name for name in flat.keywords.get("required", ()) if name not in value]
        if lacks:
            return f"has no {lacks[0]!r}, which is required"
        for name, item in value.items():
            places = flat.properties.get(name, flat.additional)
            if places is False:
                return f"has {name!r}, which is not a field"
            if isinstance(places, tuple):
                inner.append((name, places, item))
    for at, places, item in inner:
        rule = broken_rule(schemas, places, item)
        if rule:
            return f"is not valid at {at}, where {item!r} {rule}"
    return ""


def _is_not_multiple(value: float, factor: float) -> bool:
    return Decimal(str(value)) % Decimal(str(factor)) != 0


_NUMBER = (int, float)
# Limit: the values it is for, and what breaks it.
_LIMITS: Mapping[str, tuple[Any, Callable[[Any, Any], bool]]] = {
    "minimum": (_NUMBER, lambda value, limit: value < limit),
    "maximum": (_NUMBER, lambda value, limit: value > limit),
    "exclusiveMinimum": (_NUMBER, lambda value, limit: value <= limit),
    "exclusiveMaximum": (_NUMBER, lambda value, limit: value >= limit),
    "multipleOf": (_NUMBER, _is_not_multiple),
    "minLength": (str, lambda value, limit: len(value) < limit),
    "maxLength": (str, lambda value, limit: len(value) > limit),
    "pattern": (str, lambda value, limit: re.search(limit, value) is None),
    "minItems": (list, lambda value, limit: len(value) < limit),
    "maxItems": (list, lambda value, limit: len(value) > limit),
    "uniqueItems": (list, lambda value, limit: limit and len({repr(one) for one in value}) < len(value)),
    "minProperties": (dict, lambda value, limit: len(value) < limit),
    "maxProperties": (dict, lambda value, limit: len(value) > limit),
}
