"""Differences between two schemas, at any depth, each named with its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tools.comparison.document import Document
from tools.comparison.limits import Limits, room_of
from tools.comparison.shapes import Shape, Variant, shape_of, tag_of

__all__ = ["Difference", "Effect", "Place", "SchemaWalk", "deprecation", "requirement"]

Schema = Any


class Effect(StrEnum):
    """What happened to what is there, or to what is allowed."""

    ADDED = "added"
    REMOVED = "removed"
    NARROWED = "narrowed"
    WIDENED = "widened"
    CHANGED = "changed"

    @property
    def reverse(self) -> Effect:
        """The effect of going back."""
        return _REVERSE.get(self, self)


_REVERSE = {
    Effect.ADDED: Effect.REMOVED,
    Effect.REMOVED: Effect.ADDED,
    Effect.NARROWED: Effect.WIDENED,
    Effect.WIDENED: Effect.NARROWED,
}


@dataclass(frozen=True)
class Place:
    """A part of a document: a component or an operation, and the way from there.

    The way is `.field`, `[]` for items, `{}` for the values and `{key}` for the names of a map,
    `(kind)` for one of several variants, or ` query limit`, ` request`, ` response 200`.
    """

    subject: str
    way: str = ""

    def within(self, step: str) -> Place:
        """The place one step further."""
        return Place(self.subject, self.way + step)

    def __str__(self) -> str:
        return self.subject + self.way


@dataclass(frozen=True)
class Difference:
    """One difference; `before` or `after` is None where there is nothing."""

    place: Place
    aspect: str
    effect: Effect
    before: str | None
    after: str | None


class SchemaWalk:
    """Walks pairs of schemas of two contracts.

    A pair of components that it has passed is not walked again, so that schemas may hold themselves.
    """

    def __init__(self, old: Document, new: Document) -> None:
        self._old, self._new = old, new
        self._passed: set[tuple[str, str, str]] = set()

    def shapes(self, old: Schema, new: Schema) -> tuple[Shape, Shape]:
        """The shapes of two schemas; None stands for one that nobody looks at."""
        return shape_of(self._old, old), shape_of(self._new, new)

    def differences(self, place: Place, old: Schema, new: Schema) -> Iterator[Difference]:
        """How the new schema differs from the old one.

        Raises:
            DocumentError: One of them is not sound.
        """
        before, after = self.shapes(old, new)
        yield from deprecation(place, before.deprecated, after.deprecated)
        if before.is_anything and after.is_anything:
            return
        if before.is_anything or after.is_anything:
            effect = Effect.NARROWED if before.is_anything else Effect.WIDENED
            yield Difference(place, "type", effect, str(before), str(after))
            return
        if before.nullable != after.nullable:
            effect = Effect.WIDENED if after.nullable else Effect.NARROWED
            words = ("allowed" if shape.nullable else "refused" for shape in (before, after))
            yield Difference(place, "null", effect, *words)
        within = self._anchor(place, before.names, after.names)
        yield from self._variants(within, before, after)

    def _anchor(self, place: Place, old: Sequence[str], new: Sequence[str]) -> Place:
        """The component instead of the place that uses it, if it is the component that differs.

        When another component is used instead, both being there, it is the place that differs.
        """
        both = [name for name in new if name in old]
        if both:
            return Place(both[-1])
        renamed = bool(old and new) and not self._still_there(old[-1])
        return Place(new[-1]) if renamed else place

    def _still_there(self, component: str) -> bool:
        components = self._new.mapping(self._new.data.get("components"), "components")
        return component in self._new.mapping(components.get("schemas"), "schemas")

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
            # What one contract writes in place, the other can have given a name.
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
        yield from _limits(place, old.limits, new.limits)
        if old.format != new.format:
            words = (old.format or "none", new.format or "none")
            yield Difference(place, "format", Effect.CHANGED, *words)
        if new.kind == "array":
            yield from self.differences(place.within("[]"), old.items, new.items)
        if new.kind == "object":
            yield from self._objects(place, old, new)

    def _objects(self, place: Place, old: Variant, new: Variant) -> Iterator[Difference]:
        before, after = old.fields or {}, new.fields or {}
        for name in {**before, **after}:
            here = place.within(f".{name}")
            if name in before and name in after:
                yield from requirement(here, name in old.required, name in new.required)
                yield from self.differences(here, before[name], after[name])
            elif name in after:
                kind = "required field" if name in new.required else "optional field"
                shape = shape_of(self._new, after[name])
                yield Difference(here, kind, Effect.ADDED, None, str(shape))
            else:
                kind = "required field" if name in old.required else "optional field"
                shape = shape_of(self._old, before[name])
                yield Difference(here, kind, Effect.REMOVED, str(shape), None)
        if (old.others is False) != (new.others is False):
            effect = Effect.NARROWED if new.others is False else Effect.WIDENED
            words = ("refused" if one.others is False else "allowed" for one in (old, new))
            yield Difference(place, "other fields", effect, *words)
        elif old.others is not False:
            yield from self.differences(place.within("{}"), old.others, new.others)
        names = ({"allOf": [{"type": "string"}, one.names]} for one in (old, new))
        yield from self.differences(place.within("{key}"), *names)


def requirement(place: Place, old: bool, new: bool) -> Iterator[Difference]:
    """What it means that something has become required, or optional."""
    if old != new:
        effect = Effect.NARROWED if new else Effect.WIDENED
        words = ("required" if one else "optional" for one in (old, new))
        yield Difference(place, "presence", effect, *words)


def deprecation(place: Place, old: bool, new: bool) -> Iterator[Difference]:
    """What it means that the contract advises against something, or no longer does."""
    if old != new:
        words = ("yes" if one else "no" for one in (old, new))
        yield Difference(place, "deprecated", Effect.CHANGED, *words)


def _types(
    place: Place, old: Shape, new: Shape, before: dict[str, Variant], after: dict[str, Variant]
) -> Iterator[Difference]:
    """Kinds of values that only one side has; objects of a union that has others are variants."""
    gone = {key: before[key] for key in before if key not in after}
    come = {key: after[key] for key in after if key not in before}
    if not gone and not come:
        return
    moved = [variant.kind for variant in (*gone.values(), *come.values())]
    if len(gone) < len(before) and set(moved) <= {"object"}:
        for key in gone:
            yield Difference(place, "variant", Effect.REMOVED, key, None)
        for key in come:
            yield Difference(place, "variant", Effect.ADDED, None, key)
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
    for value in gone:
        yield Difference(place, aspect, Effect.REMOVED, value, None)
    for value in come:
        yield Difference(place, aspect, Effect.ADDED, None, value)


def _limits(place: Place, old: Limits, new: Limits) -> Iterator[Difference]:
    before = {limit.keyword: limit for limit in old}
    after = {limit.keyword: limit for limit in new}
    for keyword in {**before, **after}:
        one, other = before.get(keyword), after.get(keyword)
        if one == other:
            continue
        rooms = room_of(one), room_of(other)
        effect = Effect.CHANGED
        if rooms[0] is not None and rooms[1] is not None:
            effect = Effect.WIDENED if rooms[0] < rooms[1] else Effect.NARROWED
        elif one is None or other is None:
            effect = Effect.NARROWED if one is None else Effect.WIDENED
        words = (None if limit is None else limit.text for limit in (one, other))
        yield Difference(place, keyword, effect, *words)


def _allowed(variant: Variant) -> str:
    if not variant.closed:
        return f"any {variant.kind}"
    return " or ".join(variant.values)


def _count(shape: Shape, kind: str) -> int:
    return sum(variant.kind == kind for variant in shape.variants)
