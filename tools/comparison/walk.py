"""The differences of two contracts, found by walking their operations side by side.

The walk ignores the names of schemas, so that an inline object is compared with the component in its
place. A difference belongs to the component of the new contract that contains it. So it is found once,
with all the operations that reach it and the sides of a call on which they do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tools.comparison.differences import (
    Difference,
    Effect,
    Place,
    Side,
    change_of_flag,
    change_of_text,
    change_of_width,
    presence,
)
from tools.comparison.extensions import component_differences, operation_differences
from tools.comparison.operations import Body, Operation, Parameter, operations_of, schemes
from tools.comparison.schema_walk import SchemaWalk
from tools.comparison.shapes import Shape
from tools.openapi import Document, DocumentError

__all__ = ["Comparison", "Use", "compare"]

_REQUIRED = ("optional", "required")


@dataclass
class Use:
    """The sides and the operations in which a difference is found."""

    sides: set[Side] = field(default_factory=set)
    operations: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True)
class Comparison:
    """All differences of two contracts, in the order of the new one, and their operations.

    Attributes:
        differences: Each difference with its uses.
        operations: The names of the operations of the new contract.
        places: The method and path of each operation of either contract, by its name.
    """

    differences: dict[Difference, Use]
    operations: tuple[str, ...]
    places: Mapping[str, str]


def compare(old: Document, new: Document) -> Comparison:
    """Return every difference that a caller can notice.

    Raises:
        DocumentError: One of the contracts is not sound.
    """
    try:
        return _compared(old, new)
    except RecursionError:
        raise DocumentError(f"{old.name}, {new.name}: schemas are nested too deeply") from None


def _compared(old: Document, new: Document) -> Comparison:
    walk = _Walk(old, new)
    before, after = list(operations_of(old)), list(operations_of(new))
    walk.add("", Side.CALL, _servers(_urls(old), _urls(new)))
    pairs = _pairs(before, after)
    for former, operation in pairs:
        walk.operation(former, operation)
    met = {id(former) for former, _ in pairs}
    for former in before:
        if id(former) not in met:
            walk.operation(former, None)
    walk.add("", Side.RESPONSE, component_differences(old, new))
    places = {one.name: str(one) for one in before}
    places.update({one.name: str(one) for one in after})
    places.update({former.name: str(one) for former, one in pairs if former is not None})
    return Comparison(walk.differences, tuple(operation.name for operation in after), places)


class _Walk:
    """Collector of differences with their uses."""

    def __init__(self, old: Document, new: Document) -> None:
        self.old, self.new = old, new
        self.schemes = schemes(old), schemes(new)
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
            self.add(known.name, Side.CALL, iter([presence(place, "operation", *names)]))
            return
        self.add(new.name, Side.CALL, _call(place, old, new))
        self.add(new.name, Side.CALL, self._security(place, old, new))
        walk = SchemaWalk(self.old, self.new)
        self.add(new.name, Side.REQUEST, _parameters(walk, place, old, new))
        self.add(new.name, Side.REQUEST, _bodies(walk, place, old.body, new.body))
        walk = SchemaWalk(self.old, self.new)
        self.add(new.name, Side.RESPONSE, _responses(walk, place, old, new))

    def _security(self, place: Place, old: Operation, new: Operation) -> Iterator[Difference]:
        """Yield changes of the keys, and of the definitions of those that are still accepted."""
        before, after = self.schemes
        renamed = {
            name: former
            for name, definition in after.items()
            for former in [one for one in before if before[one] == definition and one not in after][:1]
            if name not in before
        }
        choices = frozenset(frozenset(_renamed(item, renamed) for item in one) for one in new.security)
        if old.security != choices:
            # A caller has the keys of one former alternative, and needs a new one that requires no more.
            words = (_security_text(one.security) for one in (old, new))
            yield Difference(place, "security", _security_effect(old.security, choices), *words)
        for name in sorted({item for choice in choices for item in choice if ": " not in item}):
            if name in before and name in after:
                yield from change_of_text(Place(f"security {name}"), "scheme", before[name], after[name])


def _renamed(item: str, names: Mapping[str, str]) -> str:
    name, colon, scope = item.partition(": ")
    return names.get(name, name) + colon + scope


def _security_effect(old: frozenset[frozenset[str]], new: frozenset[frozenset[str]]) -> Effect:
    if all(any(now <= former for now in new) for former in old):
        return Effect.WIDENED
    return Effect.NARROWED if all(any(one <= now for one in old) for now in new) else Effect.CHANGED


def _security_text(security: frozenset[frozenset[str]]) -> str:
    return " or ".join(sorted(" and ".join(sorted(choice)) or "none" for choice in security))


def _pairs(before: list[Operation], after: list[Operation]) -> list[tuple[Operation | None, Operation]]:
    """Return each operation with its former version, or None.

    That is the one with the same method and path, except for the names of path parameters; else the one
    with the same name, which has moved.
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
    yield from change_of_text(place, "operationId", old.name, new.name)
    yield from change_of_text(place, "tag", old.package, new.package)
    yield from change_of_flag(place, "deprecated", old.deprecated, new.deprecated)
    yield from operation_differences(place, old.client, new.client)


def _parameters(walk: SchemaWalk, place: Place, old: Operation, new: Operation) -> Iterator[Difference]:
    before, after = _by_position(old), _by_position(new)
    for key in {**before, **after}:
        known = after.get(key) or before[key]
        here = place.within(f" {known.location} {known.name}")
        yield from _parameter(walk, here, before.get(key), after.get(key), "parameter")


def _by_position(operation: Operation) -> dict[tuple[str, str | int], Parameter]:
    """Return parameters by location and name; those in the path by position, since names are arbitrary."""
    turns = re.findall(r"\{([^}]*)\}", operation.path)
    keyed: dict[tuple[str, str | int], Parameter] = {}
    for parameter in operation.parameters:
        inside = parameter.location == "path" and parameter.name in turns
        turn = turns.index(parameter.name) if inside else parameter.name
        # Names of headers are not case-sensitive.
        turn = turn.lower() if parameter.location == "header" and isinstance(turn, str) else turn
        keyed[parameter.location, turn] = parameter
    return keyed


def _parameter(
    walk: SchemaWalk, place: Place, old: Parameter | None, new: Parameter | None, what: str
) -> Iterator[Difference]:
    """Yield the differences of a parameter, or of a header of a response."""
    known = new or old
    assert known is not None
    if old is None or new is None:
        kind = f"required {what}" if known.required else f"optional {what}"
        shapes = walk.shapes(*(one.schema if one else True for one in (old, new)))
        words = (str(shape) if one else None for one, shape in zip((old, new), shapes, strict=True))
        yield presence(place, kind, *words)
        return
    if what == "parameter":
        yield from change_of_text(place, "parameter name", old.name, new.name)
    yield from change_of_width(place, "presence", (old.required, new.required), _REQUIRED)
    yield from change_of_flag(place, "deprecated", old.deprecated, new.deprecated)
    shapes = walk.shapes(old.schema, new.schema)
    styles = (_style(one, shape) for one, shape in zip((old, new), shapes, strict=True))
    yield from change_of_text(place, "style", *styles)
    yield from walk.differences(place, old.schema, new.schema)


def _style(parameter: Parameter, shape: Shape) -> str:
    """Return the style of a parameter, without what makes no difference to values of its shape."""
    kinds = {variant.kind for variant in shape.variants}
    # Exploding changes only objects in style simple, and only lists and objects in other styles.
    same = {"string", "integer", "number", "boolean", "null"}
    same |= {"array"} if parameter.style.startswith("simple") else set()
    return parameter.style.removesuffix(", exploded") if kinds <= same else parameter.style


def _bodies(walk: SchemaWalk, operation: Place, old: Body | None, new: Body | None) -> Iterator[Difference]:
    place = operation.within(" request")
    known = new or old
    if known is None:
        return
    if old is None or new is None:
        kind = "required body" if known.required else "optional body"
        media = ", ".join(known.content)
        yield presence(place, kind, media if old else None, media if new else None)
        return
    yield from change_of_width(place, "presence", (old.required, new.required), _REQUIRED)
    yield from _contents(walk, place, old, new)


def _responses(walk: SchemaWalk, operation: Place, old: Operation, new: Operation) -> Iterator[Difference]:
    for status in {**old.responses, **new.responses}:
        place = operation.within(f" response {status}")
        before, after = _response(old, status), _response(new, status)
        if status not in old.responses or status not in new.responses:
            bodies = (old.responses.get(status), new.responses.get(status))
            media = (None if body is None else ", ".join(body.content) or "nothing" for body in bodies)
            covered = before is not None and after is not None
            yield presence(place, "status of a range" if covered else "status", *media)
        if before is not None and after is not None:
            yield from _contents(walk, place, before, after)
            for name in {**before.headers, **after.headers}:
                headers = before.headers.get(name), after.headers.get(name)
                yield from _parameter(walk, place.within(f" header {name}"), *headers, "header")


def _response(operation: Operation, status: str) -> Body | None:
    """Return the response of a status: its own, that of its range, or the default."""
    found = (operation.responses.get(key) for key in (status, f"{status[:1]}XX", "DEFAULT"))
    return next((body for body in found if body is not None), None)


def _contents(walk: SchemaWalk, place: Place, old: Body, new: Body) -> Iterator[Difference]:
    for media in {**old.content, **new.content}:
        if media not in old.content or media not in new.content:
            sides = (media if media in body.content else None for body in (old, new))
            yield presence(place, "media type", *sides)
        else:
            yield from walk.differences(place, old.content[media], new.content[media])
    for name in {**old.encoding, **new.encoding}:
        before, after = old.encoding.get(name, "plain"), new.encoding.get(name, "plain")
        yield from change_of_text(place.within(f" {name}"), "style", before, after)


def _urls(document: Document) -> list[str]:
    """Return the URLs of the servers, with variables at their defaults, as a client joins paths to them."""
    listed = document.items(document.data, "servers")
    servers = [document.mapping(listed, index) for index in range(len(listed))]
    return [_url(document, server) for server in servers]


def _url(document: Document, server: dict[str, Any]) -> str:
    url = str(server.get("url"))
    variables = document.mapping(server, "variables")
    for name in variables:
        url = url.replace(f"{{{name}}}", str(document.mapping(variables, name).get("default", "")))
    return url.rstrip("/")


def _servers(old: list[str], new: list[str]) -> Iterator[Difference]:
    """Yield a change of the servers: calls go to the first one, and callers may use any that is listed."""
    lost = [url for url in old if url not in new]
    added = [url for url in new if url not in old]
    if lost or added or old[:1] != new[:1]:
        effect = Effect.CHANGED
        if old[:1] == new[:1] and not (lost and added):
            effect = Effect.NARROWED if lost else Effect.WIDENED
        words = (", ".join(urls) or "none" for urls in (old, new))
        yield Difference(Place("the contract"), "servers", effect, *words)
