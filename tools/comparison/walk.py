"""What differs between two contracts, found by walking their operations side by side.

Names of schemas do not guide the walk, so that an inline object meets the component that stands in
its place. A difference is placed at the component of the new contract that it lies in, and so is
found once, with all the operations that reach it and the sides of a call on which they do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from tools.comparison.document import Document, DocumentError
from tools.comparison.operations import Body, Operation, Parameter, operations
from tools.comparison.schema_walk import (
    Difference,
    Effect,
    Place,
    SchemaWalk,
    deprecation,
    requirement,
)

__all__ = ["Comparison", "Difference", "Effect", "Place", "Side", "Use", "compare"]


class Side(StrEnum):
    """Where a difference matters: in the call as such, in what is sent, or in what comes back."""

    CALL = "call"
    REQUEST = "request"
    RESPONSE = "response"


@dataclass
class Use:
    """Where a difference is met: on which sides, and in which operations."""

    sides: set[Side] = field(default_factory=set)
    operations: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True)
class Comparison:
    """All differences of two contracts, in the order of the new one, and its operations."""

    differences: dict[Difference, Use]
    operations: tuple[str, ...]


def compare(old: Document, new: Document) -> Comparison:
    """Every difference that a caller can notice.

    Raises:
        DocumentError: One of the contracts is not sound.
    """
    try:
        return _compared(old, new)
    except RecursionError:
        raise DocumentError(f"{old.name}, {new.name}: schemas are nested too deeply") from None


def _compared(old: Document, new: Document) -> Comparison:
    walk = _Walk(old, new)
    before, after = list(operations(old)), list(operations(new))
    walk.add("", Side.CALL, _texts("servers", _servers(old), _servers(new)))
    pairs = _pairs(before, after)
    for former, operation in pairs:
        walk.operation(former, operation)
    met = {id(former) for former, _ in pairs}
    for former in before:
        if id(former) not in met:
            walk.operation(former, None)
    return Comparison(walk.differences, tuple(operation.name for operation in after))


class _Walk:
    """Collects differences with their uses."""

    def __init__(self, old: Document, new: Document) -> None:
        self.old, self.new = old, new
        self.differences: dict[Difference, Use] = {}

    def add(self, operation: str, side: Side, found: Iterator[Difference]) -> None:
        for difference in found:
            use = self.differences.setdefault(difference, Use())
            use.sides.add(side)
            if operation:
                use.operations[operation] = None

    def operation(self, old: Operation | None, new: Operation | None) -> None:
        known = new or old
        assert known is not None
        place = Place(str(known))
        if old is None or new is None:
            names = (None if one is None else one.name for one in (old, new))
            self.add(known.name, Side.CALL, iter([_presence(place, "operation", *names)]))
            return
        self.add(new.name, Side.CALL, _call(place, old, new))
        walk = SchemaWalk(self.old, self.new)
        self.add(new.name, Side.REQUEST, _parameters(walk, place, old, new))
        self.add(new.name, Side.REQUEST, _bodies(walk, place, old.body, new.body))
        walk = SchemaWalk(self.old, self.new)
        self.add(new.name, Side.RESPONSE, _responses(walk, place, old, new))


def _pairs(before: list[Operation], after: list[Operation]) -> list[tuple[Operation | None, Operation]]:
    """Each operation with its former self, or None.

    That is the one of the same method and path, whatever the path's parameters are called; else
    the one of the same name, which has moved.
    """
    by_path = {(one.method, _blank(one.path)): one for one in before}
    taken = {(one.method, _blank(one.path)) for one in after}
    moved = {one.name: one for one in before if (one.method, _blank(one.path)) not in taken}
    return [(by_path.get((one.method, _blank(one.path))) or moved.get(one.name), one) for one in after]


def _blank(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


def _call(place: Place, old: Operation, new: Operation) -> Iterator[Difference]:
    if (old.method, _blank(old.path)) != (new.method, _blank(new.path)):
        yield Difference(place, "path", Effect.CHANGED, str(old), str(new))
    yield from _texts("operationId", old.name, new.name, place)
    yield from _texts("tag", old.tags, new.tags, place)
    yield from _texts("security", old.security, new.security, place)
    yield from deprecation(place, old.deprecated, new.deprecated)


def _parameters(walk: SchemaWalk, place: Place, old: Operation, new: Operation) -> Iterator[Difference]:
    before, after = _by_position(old), _by_position(new)
    for key in {**before, **after}:
        yield from _parameter(walk, place, before.get(key), after.get(key))


def _by_position(operation: Operation) -> dict[tuple[str, str | int], Parameter]:
    """Parameters by location and name; those in the path by their turn, since names are arbitrary."""
    turns = re.findall(r"\{([^}]*)\}", operation.path)
    keyed: dict[tuple[str, str | int], Parameter] = {}
    for parameter in operation.parameters:
        inside = parameter.location == "path" and parameter.name in turns
        turn = turns.index(parameter.name) if inside else parameter.name
        keyed[parameter.location, turn] = parameter
    return keyed


def _parameter(
    walk: SchemaWalk, operation: Place, old: Parameter | None, new: Parameter | None
) -> Iterator[Difference]:
    known = new or old
    assert known is not None
    place = operation.within(f" {known.location} {known.name}")
    if old is None or new is None:
        kind = "required parameter" if known.required else "optional parameter"
        shapes = walk.shapes(old and old.schema, new and new.schema)
        words = (str(shape) if one else None for one, shape in zip((old, new), shapes, strict=True))
        yield _presence(place, kind, *words)
        return
    yield from _texts("parameter name", old.name, new.name, place)
    yield from requirement(place, old.required, new.required)
    yield from deprecation(place, old.deprecated, new.deprecated)
    yield from _texts("style", old.style, new.style, place)
    yield from walk.differences(place, old.schema, new.schema)


def _bodies(walk: SchemaWalk, operation: Place, old: Body | None, new: Body | None) -> Iterator[Difference]:
    place = operation.within(" request")
    known = new or old
    if known is None:
        return
    if old is None or new is None:
        kind = "required body" if known.required else "optional body"
        media = ", ".join(known.content)
        yield _presence(place, kind, media if old else None, media if new else None)
        return
    yield from requirement(place, old.required, new.required)
    yield from _contents(walk, place, old, new)


def _responses(walk: SchemaWalk, operation: Place, old: Operation, new: Operation) -> Iterator[Difference]:
    for status in {**old.responses, **new.responses}:
        place = operation.within(f" response {status}")
        before, after = old.responses.get(status), new.responses.get(status)
        if before is None or after is None:
            bodies = (before, after)
            media = (None if body is None else ", ".join(body.content) or "nothing" for body in bodies)
            yield _presence(place, "status", *media)
        else:
            yield from _contents(walk, place, before, after)


def _contents(walk: SchemaWalk, place: Place, old: Body, new: Body) -> Iterator[Difference]:
    for media in {**old.content, **new.content}:
        if media not in old.content or media not in new.content:
            sides = (media if media in body.content else None for body in (old, new))
            yield _presence(place, "media type", *sides)
        else:
            yield from walk.differences(place, old.content[media], new.content[media])
    for name in {**old.encoding, **new.encoding}:
        before, after = old.encoding.get(name, "plain"), new.encoding.get(name, "plain")
        yield from _texts("style", before, after, place.within(f" {name}"))


def _servers(document: Document) -> str:
    listed = document.items(document.data.get("servers"), "servers")
    return ", ".join(str(document.mapping(server, "a server").get("url")) for server in listed)


def _presence(place: Place, aspect: str, before: str | None, after: str | None) -> Difference:
    return Difference(place, aspect, Effect.ADDED if before is None else Effect.REMOVED, before, after)


def _texts(aspect: str, before: str, after: str, place: Place | None = None) -> Iterator[Difference]:
    if before != after:
        place = place or Place("the contract")
        yield Difference(place, aspect, Effect.CHANGED, before or "none", after or "none")
