"""Differences between two schemas, at any depth, each named with its place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from tools.comparison.differences import (
    Difference,
    Effect,
    Place,
    change_of_flag,
    change_of_text,
    change_of_width,
    presence,
)
from tools.comparison.limits import Limits, effect_of
from tools.comparison.shapes import Shape, Variant, annotation, shape_of, tag_of
from tools.openapi import Document

__all__ = ["SchemaWalk"]

Schema = Any

# Formats that restrict the values; others only describe them. Each numeric one fits into the next.
_FORMATS = frozenset(
    "date-time date time duration email idn-email hostname idn-hostname ipv4 ipv6 uri uri-reference iri"
    " iri-reference uri-template uuid regex json-pointer relative-json-pointer byte base64url".split()
)
_WIDER = {"int32": "int64", "float": "double"}


class SchemaWalk:
    """Walk through pairs of schemas of two contracts.

    A pair of components is walked once, so schemas may contain themselves.
    """

    def __init__(self, old: Document, new: Document) -> None:
        self._old, self._new = old, new
        self._passed: set[tuple[str, str, str]] = set()

    def shapes(self, old: Schema, new: Schema) -> tuple[Shape, Shape]:
        """Return the shapes of two schemas."""
        return shape_of(self._old, old), shape_of(self._new, new)

    def differences(self, place: Place, old: Schema, new: Schema) -> Iterator[Difference]:
        """Yield the differences of the new schema from the old one.

        Raises:
            DocumentError: One of them is not sound.
        """
        before, after = self.shapes(old, new)
        within = self._anchor(place, before.names, after.names)
        yield from self._annotations((place, within), (old, new), (before, after))
        # A schema that allows anything allows null; without this line, a change of type hides a lost null.
        refused = [not shape.nullable and not shape.is_anything for shape in (before, after)]
        yield from change_of_width(place, "null", (refused[0], refused[1]), ("allowed", "refused"))
        if before.is_anything or after.is_anything:
            if not (before.is_anything and after.is_anything):
                effect = Effect.NARROWED if before.is_anything else Effect.WIDENED
                yield Difference(place, "type", effect, str(before), str(after))
            return
        yield from self._variants(within, before, after)

    def _annotations(
        self, places: tuple[Place, Place], schemas: tuple[Schema, Schema], shapes: tuple[Shape, Shape]
    ) -> Iterator[Difference]:
        """Yield the differences in annotations, such as `default`: at the place, or at its component."""
        (place, component), (old, new) = places, schemas

        def both(keyword: str) -> tuple[Place, Any, Any]:
            inline = any(isinstance(schema, dict) and keyword in schema for schema in schemas)
            values = annotation(self._old, old, keyword), annotation(self._new, new, keyword)
            return (place if inline else component), *values

        within, before, after = both("deprecated")
        yield from change_of_flag(within, "deprecated", before is True, after is True)
        within, *defaults = both("default")
        words = [
            # A constant has only one possible default.
            None if value is None or shape.is_constant else _text(value)
            for value, shape in zip(defaults, shapes, strict=True)
        ]
        if words[0] != words[1]:
            effect = Effect.REMOVED if words[1] is None else Effect.CHANGED
            yield Difference(within, "default", Effect.ADDED if words[0] is None else effect, *words)
        within, before, after = both("discriminator")
        if before is not None and after is not None:
            yield from self._discriminators(within, before, after)

    def _discriminators(self, place: Place, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Difference]:
        names = (str(one.get("propertyName", "")) for one in (old, new))
        yield from change_of_text(place, "discriminator", *names)
        before = self._old.mapping(old, "mapping")
        after = self._new.mapping(new, "mapping")
        for value in {**before, **after}:
            former, now = (None if value not in one else _component(one[value]) for one in (before, after))
            if former is None or now is None:
                words = (None if name is None else str(value) for name in (former, now))
                yield presence(place, "mapping", *words)
            elif former != now and self._is_in_new(former):
                yield Difference(place, "mapping", Effect.CHANGED, f"{value}: {former}", f"{value}: {now}")

    def _anchor(self, place: Place, old: Sequence[str], new: Sequence[str]) -> Place:
        """Return the place of the component if the component itself differs, else the place that uses it.

        If the place uses another component and both exist, the place differs.
        """
        both = [name for name in new if name in old]
        if both:
            return Place(both[-1])
        renamed = bool(old and new) and not self._is_in_new(old[-1])
        return Place(new[-1]) if renamed else place

    def _is_in_new(self, component: str) -> bool:
        components = self._new.mapping(self._new.data, "components")
        return component in self._new.mapping(components, "schemas")

    def _variants(self, place: Place, old: Shape, new: Shape) -> Iterator[Difference]:
        by_tag = any(_count(shape, "object") > 1 for shape in (old, new))
        before, after = self._keyed(self._old, old, by_tag), self._keyed(self._new, new, by_tag)
        yield from _types(place, old, new, before, after)
        several = len(before) > 1 or len(after) > 1
        for key in before:
            if key in after:
                own = place.within(f" ({key})") if several else place
                yield from self._variant(key, own, before[key], after[key])

    def _keyed(self, document: Document, shape: Shape, by_tag: bool) -> dict[str, Variant]:
        keyed: dict[str, Variant] = {}
        for variant in shape.variants:
            key = variant.kind
            if by_tag and key == "object":
                key = tag_of(document, variant) or "object"
            name, number = key, 2
            while name in keyed:
                name, number = f"{key} {number}", number + 1
            keyed[name] = variant
        return keyed

    def _variant(self, key: str, place: Place, old: Variant, new: Variant) -> Iterator[Difference]:
        names = [[one.component] if one.component else [] for one in (old, new)]
        if new.kind == "object" and new.component is not None and old.component is None:
            # An inline schema of one contract can be a component of the other.
            place = Place(new.component)
        elif new.kind in ("object", "array"):
            place = self._anchor(place, *names)
        if old.component is not None and new.component is not None:
            if old.component != new.component and (old.is_class or new.is_class):
                yield Difference(place, "class", Effect.CHANGED, old.component, new.component)
            pair = (key, old.component, new.component)
            if pair in self._passed and new.kind in ("object", "array"):
                return
            self._passed.add(pair)
        yield from _values(place, old, new)
        yield from _outcomes(place, old, new)
        yield from _limits(place, old.limits, new.limits)
        yield from _formats(place, old.format, new.format)
        if new.kind == "array":
            yield from self.differences(place.within("[]"), old.items, new.items)
        if new.kind == "object":
            yield from self._objects(place, old, new)

    def _objects(self, place: Place, old: Variant, new: Variant) -> Iterator[Difference]:
        before, after = old.fields or {}, new.fields or {}
        for name in {**before, **after}:
            here = place.within(f".{name}")
            if name in before and name in after:
                required = name in old.required, name in new.required
                yield from self._field(here, before[name], after[name], required)
            elif name in after:
                kind = _field_kind(self._new, after[name], name in new.required)
                yield presence(here, kind, None, str(shape_of(self._new, after[name])))
            else:
                kind = _field_kind(self._old, before[name], name in old.required)
                yield presence(here, kind, str(shape_of(self._old, before[name])), None)
        closed = old.others is False, new.others is False
        yield from change_of_width(place, "other fields", closed, ("allowed", "refused"))
        if not any(closed):
            yield from self.differences(place.within("{}"), old.others, new.others)
        names = ({"allOf": [{"type": "string"}, one.names]} for one in (old, new))
        yield from self.differences(place.within("{key}"), *names)

    def _field(
        self, place: Place, old: Schema, new: Schema, required: tuple[bool, bool]
    ) -> Iterator[Difference]:
        def marks(keyword: str) -> tuple[bool, bool]:
            sides = (annotation(self._old, old, keyword), annotation(self._new, new, keyword))
            return sides[0] is True, sides[1] is True

        read_only = marks("readOnly")
        # A required field that stops being read-only must be sent, so it has its own verdict.
        aspect = "read-only, required" if all(required) else "read-only"
        yield from change_of_width(place, aspect, read_only, ("no", "yes"))
        yield from change_of_width(place, "write-only", marks("writeOnly"), ("no", "yes"))
        aspect = "presence in responses" if all(read_only) else "presence"
        yield from change_of_width(place, aspect, required, ("optional", "required"))
        yield from self.differences(place, old, new)


def _field_kind(document: Document, schema: Schema, required: bool) -> str:
    if annotation(document, schema, "readOnly") is True:
        return "read-only field"
    return "required field" if required else "optional field"


def _component(reference: object) -> str:
    """Return the name of the component in a mapping of a discriminator: a name, or a reference."""
    return str(reference).rpartition("/")[2]


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # one number in JSON, however it is written
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)


def _types(
    place: Place, old: Shape, new: Shape, before: dict[str, Variant], after: dict[str, Variant]
) -> Iterator[Difference]:
    """Yield kinds of values that only one side has; objects of a union with others are variants."""
    gone = {key: before[key] for key in before if key not in after}
    come = {key: after[key] for key in after if key not in before}
    if not gone and not come:
        return
    moved = [variant.kind for variant in (*gone.values(), *come.values())]
    if len(gone) < len(before) and set(moved) <= {"object"}:
        yield from (presence(place, "variant", key, None) for key in gone)
        yield from (presence(place, "variant", None, key) for key in come)
        return
    effect = Effect.CHANGED
    if not gone or (list(gone), list(come)) == (["integer"], ["number"]):
        effect = Effect.WIDENED
    elif not come or (list(gone), list(come)) == (["number"], ["integer"]):
        effect = Effect.NARROWED
    yield Difference(place, "type", effect, old.kinds, new.kinds)


def _values(place: Place, old: Variant, new: Variant) -> Iterator[Difference]:
    gone = [value for value in old.values if value not in new.values]
    come = [value for value in new.values if value not in old.values]
    single = (old.closed and len(old.values) == 1, new.closed and len(new.values) == 1)
    if any(single) or old.closed != new.closed:
        if not (gone or come or old.closed != new.closed):
            return
        effect = Effect.CHANGED
        if not new.closed or (new.closed == old.closed and not gone):
            effect = Effect.WIDENED
        elif not old.closed or not come:
            effect = Effect.NARROWED
        words = (_allowed(one) for one in (old, new))
        yield Difference(place, "constant" if any(single) else "values", effect, *words)
        return
    aspect = "value" if new.closed else "known value"
    yield from (presence(place, aspect, value, None) for value in gone)
    yield from (presence(place, aspect, None, value) for value in come)


def _outcomes(place: Place, old: Variant, new: Variant) -> Iterator[Difference]:
    """Yield values that both sides have with different meanings; the former contract must state one."""
    for value in old.values if old.outcomes else ():
        if value in new.values:
            meanings = [(one.outcomes or {}).get(value, "none") for one in (old, new)]
            is_final = any(one not in ("none", "idle") for one in meanings)
            words = (f"{value}: {meaning}" for meaning in meanings)
            yield from change_of_text(place, "outcome" if is_final else "idle status", *words)


def _formats(place: Place, old: str, new: str) -> Iterator[Difference]:
    if old == new:
        return
    words = (old or "none", new or "none")
    if _WIDER.get(old) == new or _WIDER.get(new) == old:
        effect = Effect.WIDENED if _WIDER.get(old) == new else Effect.NARROWED
        yield Difference(place, "format", effect, *words)
        return
    strict = old in _FORMATS or old in _WIDER, new in _FORMATS or new in _WIDER
    if not any(strict):
        yield Difference(place, "other format", Effect.CHANGED, *words)
    elif all(strict):
        yield Difference(place, "format", Effect.CHANGED, *words)
    else:
        yield from change_of_width(place, "format", strict, words if strict[1] else words[::-1])


def _limits(place: Place, old: Limits, new: Limits) -> Iterator[Difference]:
    before = {limit.keyword: limit for limit in old}
    after = {limit.keyword: limit for limit in new}
    for keyword in {**before, **after}:
        one, other = before.get(keyword), after.get(keyword)
        if one == other:
            continue
        words = (None if limit is None else limit.text for limit in (one, other))
        yield Difference(place, keyword, effect_of(one, other), *words)


def _allowed(variant: Variant) -> str:
    if not variant.closed:
        return f"any {variant.kind}"
    return " or ".join(variant.values)


def _count(shape: Shape, kind: str) -> int:
    return sum(variant.kind == kind for variant in shape.variants)
