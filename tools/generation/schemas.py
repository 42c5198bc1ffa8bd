"""Schemas in one flat form: `allOf`, and keywords beside a `$ref`, merged into one schema.

A part that several schemas describe, such as a field that two members of an `allOf` have, keeps the places of
all of them, so that it is merged in its turn. What cannot be merged, or contradicts itself, is a
`DocumentError`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tools.openapi import Document, Place

__all__ = [
    "ANNOTATIONS",
    "FORMATS",
    "FORMAT_PATTERNS",
    "FORMAT_RANGES",
    "OF_TYPE",
    "Flat",
    "Places",
    "Schemas",
]

Places = tuple[Place, ...]

# Keywords that do not limit values.
ANNOTATIONS = frozenset(
    "title description default example examples $comment externalDocs deprecated readOnly writeOnly".split()
)
# Those that a schema inherits from the one that its `$ref` names.
_INHERITED = frozenset({"deprecated", "readOnly", "writeOnly"})
# Patterns for the text of formats; requests are checked against them before they are sent.
FORMAT_PATTERNS: Mapping[str, str] = {
    "date-time": r"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$",
    "date": r"^\d{4}-\d\d-\d\d$",
    "time": r"^\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)?$",
    "duration": r"^P(?=.)(\d+[YMWD])*(T(\d+(\.\d+)?[HMS])+)?$",
    "uuid": r"^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$",
    "email": r"^[^@\s]+@[^@\s]+$",
    "hostname": r"^[0-9A-Za-z]([0-9A-Za-z.-]*[0-9A-Za-z])?$",
    "ipv4": r"^(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$",
    "ipv6": r"^(?=.*:.*:)[0-9A-Fa-f:]+(:\d+\.\d+\.\d+\.\d+)?$",
    "uri": r"^[A-Za-z][A-Za-z0-9+.-]*:\S*$",
    "byte": r"^[0-9A-Za-z+/]*={0,2}$",
}
FORMAT_RANGES: Mapping[str, int] = {"int32": 2**31, "int64": 2**63}
# The formats by the type that they are for. Some say nothing about a value beyond its type.
FORMATS: Mapping[str, frozenset[str]] = {
    "string": frozenset({*FORMAT_PATTERNS, "binary", "password"}),
    "integer": frozenset({*FORMAT_RANGES, "unixtime"}),
    "number": frozenset({"float", "double"}),
}

# The keywords that limit values of one type.
_LIMITS = {
    "string": ("minLength", "maxLength", "pattern"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "array": ("minItems", "maxItems", "uniqueItems", "items"),
    "object": (
        *("properties", "required", "additionalProperties", "propertyNames"),
        *("minProperties", "maxProperties"),
    ),
}
# Without a type, these would describe values that the generated code does not read by them.
_STRUCTURE = ("items", "required", "additionalProperties", "propertyNames")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_ALL_TYPES = frozenset({"string", "integer", "number", "boolean", "array", "object", "null"})
OF_TYPE: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "null": lambda value: value is None,
}


@dataclass
class Flat:
    """A schema without `allOf` and without a `$ref` beside other keywords.

    Attributes:
        place: where the schema is; problems are reported there.
        keywords: the keywords that contain no schemas.
        properties: for each field the places of the schemas that describe it.
        additional: whether there may be other fields, or the schemas that describe them.
        items: the schemas of a list's items.
        names: the schemas of an object's keys.
        union: the places of the members of `anyOf` or `oneOf`.
    """

    place: Place
    keywords: dict[str, Any] = field(default_factory=dict)
    properties: dict[str, Places] = field(default_factory=dict)
    additional: bool | Places = True
    items: Places = ()
    names: Places = ()
    union: Places = ()

    @property
    def types(self) -> tuple[str, ...]:
        """The types that a value may have; empty when any may."""
        given = self.keywords.get("type", ())
        return (given,) if isinstance(given, str) else tuple(given)


class Schemas:
    """The schemas of a document, flattened."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._flat: dict[Places, Flat] = {}

    def alias(self, places: Places) -> str | None:
        """Return the component that a schema only refers to, annotations aside; None when it says more."""
        if len(places) != 1:
            return None
        node = self.document.at(places[0])
        if not isinstance(node, dict):
            return None
        beside = {key: value for key, value in node.items() if not _says_nothing(key)}
        for keyword in ("allOf", "anyOf", "oneOf"):
            # A union of one member is the member itself.
            if len(beside.get(keyword, ())) == 1 and beside.keys() <= {keyword, "type"}:
                inner = self.alias(((*places[0], keyword, 0),))
                return inner if inner and self._adds_nothing(beside, keyword, inner) else None
        if "$ref" not in beside:
            return None
        name = self.component(places[0])
        return name if self._adds_nothing(beside, "$ref", name) else None

    def component(self, place: Place) -> str:
        """Return the name of the component that the `$ref` at a place names."""
        reference = self.document.at(place)["$ref"]
        target = self.document.place(reference)
        if target is None:
            raise self.document.error((*place, "$ref"), f"$ref to {reference!r}, which does not exist here")
        if target[:2] != ("components", "schemas") or len(target) != 3:
            raise self.document.error(
                (*place, "$ref"), f"{reference!r} is not one of `components: schemas:`: name one of them"
            )
        return str(target[2])

    def _adds_nothing(self, beside: dict[str, Any], keyword: str, name: str) -> bool:
        target = self.document.at(("components", "schemas", name))
        more = {key: value for key, value in beside.items() if key != keyword}
        return not more or (isinstance(target, dict) and all(target.get(key) == more[key] for key in more))

    def flat(self, places: Places) -> Flat:
        """Merge the schemas at the places; raises `DocumentError` where they contradict each other."""
        if places not in self._flat:
            made = Flat(places[-1])
            for place in places:
                self._meet(made, place, ())
            self._check(made)
            self._flat[places] = made
        return self._flat[places]

    def _meet(self, made: Flat, place: Place, passed: Places) -> None:
        """Add the keywords of the schema at a place; `passed` are the references that led there."""
        node = self.document.at(place)
        if not isinstance(node, dict):
            return
        if "$ref" in node:
            name = self.component(place)
            target: Place = ("components", "schemas", name)
            if target in passed or target == place:
                raise self.document.error((*place, "$ref"), f"{name} contains itself: leave the $ref out")
            self._meet(made, target, (*passed, target))
            for keyword in [key for key in made.keywords if _says_nothing(key) and key not in _INHERITED]:
                del made.keywords[keyword]
        for index in range(len(node.get("allOf", ()))):
            self._meet(made, (*place, "allOf", index), passed)
        for key, value in node.items():
            if key not in ("$ref", "allOf"):
                self._add(made, place, key, value)

    def _add(self, made: Flat, place: Place, key: str, value: Any) -> None:
        inner = (*place, key)
        if key == "properties":
            self._add_properties(made, inner, value)
        elif key == "items":
            made.items = (*made.items, inner)
        elif key == "propertyNames":
            made.names = (*made.names, inner)
        elif key == "additionalProperties":
            self._add_additional(made, inner, value)
        elif key in ("anyOf", "oneOf"):
            self._add_union(made, inner, value)
        elif key not in made.keywords or _says_nothing(key):
            made.keywords[key] = value
        else:
            merged = _MERGED.get(key, _same)(made.keywords[key], value)
            if merged is None:
                problem = f"`{key}` cannot be {made.keywords[key]!r} and {value!r} at once: write one of them"
                raise self.document.error(inner, problem)
            made.keywords[key] = merged

    def _add_properties(self, made: Flat, inner: Place, value: dict[str, Any]) -> None:
        for name in value:
            found = made.properties.get(name, ())
            if (*inner, name) not in found:
                made.properties[name] = (*found, (*inner, name))

    def _add_union(self, made: Flat, inner: Place, value: list[Any]) -> None:
        if made.union:
            raise self.document.error(inner, f"a second union in one schema: write one `{inner[-1]}`")
        if not value:
            raise self.document.error(inner, f"`{inner[-1]}` is empty: name its members")
        made.union = tuple((*inner, index) for index in range(len(value)))

    def _add_additional(self, made: Flat, inner: Place, value: Any) -> None:
        if value is False or made.additional is False:
            made.additional = False
        elif isinstance(value, dict) and value:
            made.additional = (*(made.additional if isinstance(made.additional, tuple) else ()), inner)

    def _check(self, made: Flat) -> None:
        """Raise for keywords that no value can satisfy, or that have no effect."""
        for problem, keyword in _contradictions(made):
            raise self.document.error((*made.place, keyword), problem)
        node = self.document.at(made.place)
        if made.additional is False and isinstance(node, dict) and ("allOf" in node or "$ref" in node):
            holders = [place[:-2] for places in made.properties.values() for place in places]
            if len(set(holders)) > 1:
                raise self.document.error(
                    made.place,
                    "`additionalProperties: false` in one part of `allOf` would refuse the fields of the "
                    "others: leave it out",
                )


def _says_nothing(key: str) -> bool:
    return key in ANNOTATIONS or key.startswith("x-")


def _same(left: Any, right: Any) -> Any:
    return left if left == right and type(left) is type(right) else None


def _types(left: Any, right: Any) -> Any:
    ours, theirs = ([given] if isinstance(given, str) else list(given) for given in (left, right))
    both = [name for name in ours if name in theirs]
    both += [
        "integer"
        for one, other in ((ours, theirs), (theirs, ours))
        if "integer" in one and "number" in other and "integer" not in both
    ]
    return (both[0] if len(both) == 1 else both) if both else None


def _formats(left: Any, right: Any) -> Any:
    return "int32" if {left, right} == {"int32", "int64"} else _same(left, right)


def _multiples(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int):
        return math.lcm(left, right)
    return _same(left, right)


_MERGED: dict[str, Callable[[Any, Any], Any]] = {
    "type": _types,
    "format": _formats,
    "enum": lambda left, right: [value for value in left if value in right] or None,
    "required": lambda left, right: [*left, *(name for name in right if name not in left)],
    "multipleOf": _multiples,
    "uniqueItems": lambda left, right: left or right,
    **dict.fromkeys(_UPPER, min),
    **dict.fromkeys(_LOWER, max),
}


def _contradictions(made: Flat) -> list[tuple[str, str]]:
    """Return the contradictions in a schema, each as a sentence and the keyword that it is about."""
    keywords = made.keywords
    found = [*_bounds(keywords), *_misplaced(made), *_values(made)]
    if "pattern" in keywords:
        try:
            re.compile(keywords["pattern"])
        except re.error as error:
            found.append((f"{keywords['pattern']!r} is not a regular expression: {error}", "pattern"))
    if keywords.get("multipleOf", 1) <= 0:
        found.append(("`multipleOf` must be greater than 0", "multipleOf"))
    found += [
        (f"`required` names {name!r}, which is not one of `properties`", "required")
        for name in keywords.get("required", ())
        if name not in made.properties
    ]
    if keywords.get("readOnly") and keywords.get("writeOnly"):
        found.append(("`readOnly` and `writeOnly` at once: write one of them", "writeOnly"))
    if made.union and (beside := _beside_union(made)):
        found.append((f"`{beside}` beside a union: write it into each member", beside))
    if "discriminator" in keywords and not made.union:
        found.append(("a discriminator without `anyOf` or `oneOf`: name the members", "discriminator"))
    return found


def _beside_union(made: Flat) -> str:
    if made.properties:
        return "properties"
    if made.items:
        return "items"
    allowed = {"type", "discriminator"}
    return next((key for key in made.keywords if key not in allowed and not _says_nothing(key)), "")


def _bounds(keywords: dict[str, Any]) -> list[tuple[str, str]]:
    pairs = [
        ("minLength", "maxLength", False),
        ("minItems", "maxItems", False),
        ("minProperties", "maxProperties", False),
        ("minimum", "maximum", False),
        ("exclusiveMinimum", "maximum", True),
        ("minimum", "exclusiveMaximum", True),
        ("exclusiveMinimum", "exclusiveMaximum", True),
    ]
    return [
        (f"no value can have `{low}: {keywords[low]}` and `{high}: {keywords[high]}`: change one", high)
        for low, high, strict in pairs
        if low in keywords
        and high in keywords
        and (keywords[low] > keywords[high] or (strict and keywords[low] == keywords[high]))
    ]


def _misplaced(made: Flat) -> list[tuple[str, str]]:
    """Return the keywords that have no effect on values of the schema's types."""
    keywords = made.keywords
    types = set(made.types) or ({"object"} if made.properties else set(_ALL_TYPES))
    present = [*keywords, *(["items"] if made.items else []), *(["properties"] if made.properties else [])]
    if made.additional is not True:
        present.append("additionalProperties")
    if made.names:
        present.append("propertyNames")
    found = []
    for kind, limits in _LIMITS.items():
        applies = types & ({"number", "integer"} if kind == "number" else {kind})
        said = made.types or made.properties or made.union
        for keyword in limits:
            if keyword in present and not applies:
                found.append((f"`{keyword}` has no effect on {_or(types)}: leave it out", keyword))
            elif keyword in _STRUCTURE and keyword in present and not said:
                found.append((f"`{keyword}` without a type: write `type: {kind}` beside it", keyword))
    name = keywords.get("format")
    if name is not None and not any(name in FORMATS.get(kind, ()) for kind in types):
        known = sorted(each for kind in types & FORMATS.keys() for each in FORMATS[kind])
        advice = f"write one of {', '.join(known)}" if known else "leave it out"
        advice += ", or a `pattern`" if "string" in types else ""
        found.append((f"format {name!r} is not supported for {_or(types)}: {advice}", "format"))
    elif name is not None and not made.types:
        found.append(("`format` without a type: write `type: string` or `type: integer` beside it", "format"))
    return found


def _values(made: Flat) -> list[tuple[str, str]]:
    """Return the values in the schema that are not of its types, or that cannot become members of a class."""
    keywords, found = made.keywords, []
    types = made.types
    if "enum" in keywords:
        values = keywords["enum"]
        kinds = {type(value) for value in values if value is not None}
        if not values:
            found.append(("`enum` is empty: name its values", "enum"))
        elif len(kinds) > 1 or not kinds <= {str, int, bool}:
            found.append(("values of an `enum` must be all strings or all integers", "enum"))
        elif len({repr(value) for value in values}) < len(values):
            found.append(("a value occurs twice in `enum`: leave one out", "enum"))
        elif bool in kinds and len(values) > 1 + (None in values):
            found.append(("`enum` of true and false: write `type: boolean`", "enum"))
    if "const" in keywords and not isinstance(keywords["const"], str | int | bool | None):
        found.append(("`const` must be a string, an integer, true, false or null", "const"))
    wrong = [
        (value, keyword)
        for keyword, listed in (("enum", keywords.get("enum", ())), ("const", [keywords.get("const")]))
        for value in listed
        if keyword in keywords and types and not any(OF_TYPE[kind](value) for kind in types)
    ]
    found += [
        (f"{value!r} in `{keyword}` is not of type {_or(set(types))}", keyword) for value, keyword in wrong
    ]
    return found


def _or(types: set[str]) -> str:
    return " or ".join(sorted(types))
