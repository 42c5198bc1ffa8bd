"""Schemas in one form: whether null is allowed, and one variant for each kind of value.

All ways of writing the same schema have the same shape: null as a type, as a member of a union or as
`nullable`; one value as `const` or as an enum; wrappers of one member; `exclusiveMinimum` as a
number or as a boolean. Descriptions, titles and examples are not part of it; `annotation` reads what a
schema says besides its values, such as `default` and `readOnly`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product, takewhile
from typing import Any

from tools.comparison.limits import BOUNDS, Limits, check_bounds, common_limits, limits_of
from tools.openapi import Document

__all__ = ["Shape", "Variant", "annotation", "shape_of", "tag_of"]

Schema = Any
Chain = tuple[str, ...]

_ANNOTATIONS = frozenset(
    "description title summary example examples default deprecated discriminator readOnly writeOnly"
    " externalDocs xml $comment".split()
)
_COMPOSED = ("$ref", "allOf", "anyOf", "oneOf")
# Keywords whose value is of one kind; all others are compared as they are.
_MAPPINGS = frozenset({"properties", "x-outcomes", "discriminator"})
_LISTS = frozenset({"allOf", "anyOf", "oneOf", "enum", "required", "x-idle"})
_SCHEMAS = frozenset({"items", "additionalProperties", "propertyNames"})


@dataclass(frozen=True)
class Variant:
    """Values of one kind: a JSON type, `binary`, or `anything`.

    Attributes:
        kind: The kind of the values.
        component: The component in which this is defined, or None.
        values: The values that are listed, in the order of the document.
        closed: Whether only those are allowed.
        limits: Bounds and patterns.
        format: The format, or an empty string.
        fields: Schemas of the fields of an object.
        required: Those that must be there.
        others: Schema of fields with other names; false when there may be none.
        names: Schema of the names of those fields.
        items: Schema of the items of an array.
        outcomes: The meaning of each value: its outcome in `x-outcomes`, or `idle`.
    """

    kind: str
    component: str | None = None
    values: tuple[str, ...] = ()
    closed: bool = False
    limits: Limits = ()
    format: str = ""
    fields: Mapping[str, Schema] | None = None
    required: frozenset[str] = frozenset()
    others: Schema = True
    names: Schema = True
    items: Schema = True
    outcomes: Mapping[str, str] | None = None

    @property
    def is_class(self) -> bool:
        """True if the generated library has a class for it."""
        return self.component is not None and bool(
            self.fields or (self.kind == "string" and self.closed and len(self.values) > 1)
        )


@dataclass(frozen=True)
class Shape:
    """The values that a schema allows.

    Attributes:
        names: The components that define all values but null, each within the one before.
        nullable: Whether null is allowed.
        variants: The variants of all other values, by kind.
    """

    names: tuple[str, ...]
    nullable: bool
    variants: tuple[Variant, ...]

    @property
    def is_anything(self) -> bool:
        """True if any value at all is allowed."""
        return any(variant.kind == "anything" for variant in self.variants)

    @property
    def is_constant(self) -> bool:
        """True if one value is allowed, null aside."""
        return len(self.variants) == 1 and self.variants[0].closed and len(self.variants[0].values) == 1

    @property
    def kinds(self) -> str:
        """The kinds of values that it allows, except null."""
        return " or ".join(dict.fromkeys(_short_name(variant) for variant in self.variants)) or "nothing"

    def __str__(self) -> str:
        named = self.names[-1] if self.names and len(self.variants) > 1 else self.kinds
        return f"{named} or null" if self.nullable and not self.is_anything else named


def shape_of(document: Document, schema: Schema) -> Shape:
    """Return the shape of a schema of the document.

    Raises:
        DocumentError: A reference leads nowhere or back to itself, or a keyword's value is of the
            wrong kind.
    """
    nullable = False
    variants: list[Variant] = []
    chains: list[Chain] = []
    for keywords, chain in _alternatives(document, schema, ()):
        nullable = nullable or _allows_null(keywords)
        found = list(_variants(keywords, chain))
        variants += found
        chains += [chain] * bool(found)
    return Shape(_shared(chains), nullable, tuple(_joined(variants)))


def annotation(document: Document, schema: Schema, keyword: str) -> Any:
    """Return the value of a keyword that does not concern the allowed values, or None.

    It is searched for in the schema, then behind `$ref`, in `allOf`, and in a union of one member and null.

    Raises:
        DocumentError: A reference leads nowhere, or a part is not a schema.
    """
    passed: list[Any] = []
    waiting = [schema]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, bool) or any(node is one for one in passed):
            continue
        passed.append(node)
        if keyword in node:
            return node[keyword]
        if "$ref" in node:
            waiting.append(_referred(document, node))
        waiting += _members(document, node, "allOf")
        for union in ("anyOf", "oneOf"):
            members = [one for one in _members(document, node, union) if one != {"type": "null"}]
            waiting += members if len(members) == 1 else []
    return None


def tag_of(document: Document, variant: Variant) -> str:
    """Return the constant that tells an object of a union from the others; empty when it has none."""
    fields = variant.fields or {}
    for name in sorted(fields, key=lambda name: (name != "type", name)):
        values = [found for found in shape_of(document, fields[name]).variants if found.closed]
        if len(values) == 1 and len(values[0].values) == 1:
            return values[0].values[0]
    return ""


def _referred(document: Document, node: dict[str, Any]) -> Schema:
    """Return the schema that the `$ref` of a schema names."""
    place = document.target(node)
    return document.schema(document.at(place[:-1]), place[-1])


def _members(document: Document, node: dict[str, Any], keyword: str) -> list[Schema]:
    listed = document.items(node, keyword)
    return [document.schema(listed, index) for index in range(len(listed))]


def _checked(document: Document, node: dict[str, Any]) -> dict[str, Any]:
    """Return the keywords of a schema, with a list of types.

    Raises:
        DocumentError: A value is not of the kind that the keyword needs.
    """
    checked = dict(node)
    for keyword in node:
        if keyword in _MAPPINGS:
            checked[keyword] = document.mapping(node, keyword)
        elif keyword in _LISTS:
            checked[keyword] = document.items(node, keyword)
        elif keyword in _SCHEMAS:
            checked[keyword] = document.schema(node, keyword)
    if fields := checked.get("properties"):
        checked["properties"] = {name: document.schema(fields, name) for name in fields}
    types = checked.pop("type", None)
    if types is not None:
        listed = [types] if isinstance(types, str) else document.items(node, "type")
        named = [str(kind) for kind in listed]
        # Integers are numbers.
        checked["type"] = [kind for kind in named if kind != "integer" or "number" not in named]
    check_bounds(document, node)
    return checked


def _alternatives(document: Document, schema: Schema, chain: Chain) -> Iterator[tuple[dict[str, Any], Chain]]:
    """Yield the members of a schema as a union of schemas without composition."""
    if schema is False:
        return
    node: dict[str, Any] = {} if schema is True else schema
    keywords = _checked(document, node)
    own = {key: keywords[key] for key in keywords if key not in _COMPOSED and key not in _ANNOTATIONS}
    if "const" in own:
        constant = own.pop("const")
        own["enum"] = [constant] if constant in own.get("enum", [constant]) else []
    parts: list[Iterable[tuple[dict[str, Any], Chain]]] = []
    if "$ref" in node:
        target = _referred(document, node)
        name = str(node["$ref"]).removeprefix("#/components/schemas/")
        if name in chain:
            raise document.error_at(node, "$ref", f"the schema {name} refers to itself")
        parts.append(_alternatives(document, target, (*chain, name)))
    parts += [_alternatives(document, member, chain) for member in _members(document, node, "allOf")]
    for keyword in ("anyOf", "oneOf"):
        if members := _members(document, node, keyword):
            found = (_alternatives(document, member, chain) for member in members)
            parts.append([alternative for member in found for alternative in member])
    for combination in product(*parts):
        joined, origin = own, chain
        for other, inner in combination:
            joined = _merged(joined, other)
            origin = max(origin, inner, key=len)
        yield joined, origin


def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of the values that satisfy both."""
    merged = {**one, **other}
    for keyword, value in one.items():
        if keyword in other and value != other[keyword]:
            merged[keyword] = _both(keyword, value, other[keyword])
    if "nullable" in one or "nullable" in other:
        merged["nullable"] = one.get("nullable") is True or other.get("nullable") is True
    return merged


def _both(keyword: str, one: Any, other: Any) -> Any:
    if keyword == "properties":
        both = {name: {"allOf": [one[name], other[name]]} for name in one if name in other}
        return {**one, **other, **both}
    if keyword == "required":
        return [*one, *other]
    if keyword in _SCHEMAS:
        return False if one is False or other is False else {"allOf": [one, other]}
    if keyword == "enum":
        return [value for value in one if value in other]
    if keyword == "type":
        return _both_types(one, other)
    side = BOUNDS.get(keyword.replace("exclusiveM", "m"), ((), 0))[1]
    if side and all(isinstance(value, int | float) and not isinstance(value, bool) for value in (one, other)):
        return min(one, other) if side > 0 else max(one, other)
    return other


def _both_types(one: list[str], other: list[str]) -> list[str]:
    """Return the types that both lists allow; integers are numbers."""
    narrow = [kind for kind in one if kind in other or (kind == "integer" and "number" in other)]
    return narrow + [kind for kind in other if kind == "integer" and "number" in one and kind not in one]


def _variants(keywords: dict[str, Any], chain: Chain) -> Iterator[Variant]:
    """Yield one variant for each type that a schema without composition allows."""
    component = chain[-1] if chain else None
    named = keywords.get("enum")
    for kind in _kinds(keywords):
        if kind == "null":
            continue
        values = [value for value in named or () if _kind_of(value) in (kind, _NARROWER.get(kind))]
        if named is not None and kind != "anything" and not values:
            continue
        written = keywords.get("format")
        variant = Variant(
            kind="binary" if (kind, written) == ("string", "binary") else kind,
            component=component,
            values=tuple(dict.fromkeys(_text(value) for value in values)),
            closed=named is not None,
            # Limits do not matter where the values are listed.
            limits=() if named is not None else limits_of(kind, keywords),
            format=str(written) if written is not None and written != "binary" else "",
            outcomes=_outcomes(keywords),
        )
        if kind == "object":
            variant = replace(
                variant,
                fields=keywords.get("properties", {}),
                required=frozenset(str(name) for name in keywords.get("required", ())),
                others=keywords.get("additionalProperties", True),
                names=keywords.get("propertyNames", True),
            )
        yield replace(variant, items=keywords.get("items", True)) if kind == "array" else variant


def _outcomes(keywords: dict[str, Any]) -> dict[str, str]:
    """Return the meaning of values to the client: their outcome, or that only an action changes them."""
    idle = {str(value): "idle" for value in keywords.get("x-idle", ())}
    return idle | {str(value): str(meaning) for value, meaning in keywords.get("x-outcomes", {}).items()}


_NARROWER = {"number": "integer"}


def _kinds(keywords: dict[str, Any]) -> list[str]:
    if "type" in keywords:
        types: list[str] = keywords["type"]
        return types
    if "enum" in keywords:
        return list(dict.fromkeys(_kind_of(value) for value in keywords["enum"]))
    if any(key in keywords for key in ("properties", "additionalProperties", "required")):
        return ["object"]
    if "items" in keywords:
        return ["array"]
    return ["anything"]


def _allows_null(keywords: dict[str, Any]) -> bool:
    if keywords.get("nullable") is True:
        return True
    return "null" in _kinds(keywords) and None in keywords.get("enum", [None])


def _joined(variants: Iterable[Variant]) -> Iterator[Variant]:
    """Yield the variants, with simple ones of the same kind joined to one that allows the values of each."""
    joined: dict[str, Variant] = {}
    for variant in variants:
        if variant.kind in ("object", "array"):
            yield variant
            continue
        known = joined.get(variant.kind)
        if known is None:
            joined[variant.kind] = variant
            continue
        joined[variant.kind] = replace(
            known,
            component=known.component if known.component == variant.component else None,
            values=tuple(dict.fromkeys((*known.values, *variant.values))),
            closed=known.closed and variant.closed,
            limits=_joined_limits(known, variant),
            format=known.format if known.format == variant.format else "",
            outcomes={**(known.outcomes or {}), **(variant.outcomes or {})},
        )
    yield from joined.values()


def _joined_limits(one: Variant, other: Variant) -> Limits:
    """Return the limits of the values that are not listed; listed values need not meet them."""
    if one.closed != other.closed:
        return other.limits if one.closed else one.limits
    return common_limits(one.limits, other.limits)


def _shared(chains: list[Chain]) -> Chain:
    """Return the names that all the chains of references begin with."""
    steps = takewhile(lambda names: len(set(names)) == 1, zip(*chains, strict=False))
    return tuple(names[0] for names in steps)


def _short_name(variant: Variant) -> str:
    if variant.is_class and variant.component is not None:
        return variant.component
    if variant.closed:
        return " or ".join(f'"{value}"' for value in variant.values)
    if variant.kind == "object" and not variant.fields:
        return "map"
    return variant.kind


def _kind_of(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    kinds = {str: "string", int: "integer", float: "number", list: "array", dict: "object"}
    return kinds.get(type(value), "null")


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)
