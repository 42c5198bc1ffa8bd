"""Differences between two surfaces of a package, and the effect of each on code that uses it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tools.comparison.differences import Difference, Effect, Place, change_of_text, change_of_width, presence
from tools.comparison.surface import (
    EITHER,
    KEYWORD,
    POSITIONAL,
    Attribute,
    Class,
    Function,
    Item,
    Member,
    Name,
    Parameter,
    Surface,
    Types,
)

__all__ = ["CODE_RULES", "code_differences"]

_IMPORTED = "code that imports it fails"
_POSITION = "positional arguments go to other parameters"

# The reason why a difference breaks code, by aspect and effect; empty if it does not.
CODE_RULES: dict[tuple[str, Effect], str] = {
    ("module", Effect.ADDED): "",
    ("module", Effect.REMOVED): _IMPORTED,
    ("name", Effect.ADDED): "",
    ("name", Effect.REMOVED): _IMPORTED,
    ("class", Effect.ADDED): "",
    ("class", Effect.REMOVED): _IMPORTED,
    ("function", Effect.ADDED): "",
    ("function", Effect.REMOVED): "code that calls it fails",
    ("attribute", Effect.ADDED): "",
    ("required attribute", Effect.ADDED): "code that constructs one without it fails",
    ("attribute", Effect.REMOVED): "code that uses it fails",
    ("attribute type", Effect.WIDENED): "code that reads it must now expect other types",
    ("attribute type", Effect.NARROWED): "code that sets it to the former type fails",
    ("attribute type", Effect.CHANGED): "code that uses the former type fails",
    ("read attribute type", Effect.WIDENED): "code that reads it must now expect other types",
    ("read attribute type", Effect.NARROWED): "",
    ("read attribute type", Effect.CHANGED): "code that reads the former type fails",
    ("member", Effect.ADDED): "",
    ("member", Effect.REMOVED): "code that names it fails",
    ("member value", Effect.CHANGED): "code that compares it with the former text fails",
    ("order", Effect.CHANGED): _POSITION,
    ("kind of name", Effect.CHANGED): "code that uses it as before fails",
    ("optional argument", Effect.ADDED): "",
    ("required argument", Effect.ADDED): "calls that leave it out fail",
    ("argument", Effect.REMOVED): "calls that pass it fail",
    ("argument name", Effect.CHANGED): "calls that pass it by name fail",
    ("argument", Effect.NARROWED): "calls that leave it out fail",
    ("argument", Effect.WIDENED): "",
    ("passing", Effect.NARROWED): "calls that pass it the other way fail",
    ("passing", Effect.WIDENED): "",
    ("argument type", Effect.NARROWED): "calls that pass the former type fail",
    ("argument type", Effect.WIDENED): "",
    ("argument type", Effect.CHANGED): "calls that pass the former type fail",
    ("result type", Effect.NARROWED): "",
    ("result type", Effect.WIDENED): "code must now expect other types",
    ("result type", Effect.CHANGED): "code that uses the former type fails",
    ("awaiting", Effect.CHANGED): "code must await it, or must stop doing so",
}

_NOUNS: dict[type, str] = {
    Function: "function",
    Class: "class",
    Attribute: "attribute",
    Member: "member",
}

# Types that accept the values of others.
_ACCEPTS = {
    "float": {"int"},
    "Mapping": {"dict"},
    "Sequence": {"list", "tuple"},
    "Iterable": {"list", "tuple", "set", "Sequence", "Mapping", "dict"},
}


def code_differences(package: str, old: Surface, new: Surface) -> Iterator[Difference]:
    """Yield every difference that code can notice; the parts of a removed class or module are not listed."""
    for path in {**old, **new}:
        before, after = old.get(path), new.get(path)
        parent = path.rpartition(".")[0]
        place = Place(package, f".{path}")
        if parent:
            place = Place(f"{package}.{parent}", path.removeprefix(parent))
        if path.startswith("api."):
            place = Place(f"{package}.{path}")
        if before is None or after is None:
            if (parent in old) == (parent in new):
                yield _presence(place, path, before, after)
        elif before != after:
            yield from _changed(place, before, after)


def _presence(place: Place, path: str, before: Item | None, after: Item | None) -> Difference:
    item = before or after
    is_module = path.startswith("api.") and path.count(".") == 2
    noun = "module" if is_module else _NOUNS.get(type(item), "name")
    if isinstance(item, Attribute) and item.required and before is None:
        noun = "required attribute"
    words = (None if one is None else path.rpartition(".")[2] for one in (before, after))
    return presence(place, noun, *words)


def _changed(place: Place, old: Item, new: Item) -> Iterator[Difference]:
    if type(old) is not type(new):
        yield from change_of_text(place, "kind of name", _noun(old), _noun(new))
    elif isinstance(old, Function) and isinstance(new, Function):
        yield from _functions(place, old, new)
    elif isinstance(old, Attribute) and isinstance(new, Attribute):
        yield from _attributes(place, old, new)
    elif isinstance(old, Member) and isinstance(new, Member):
        yield from change_of_text(place, "member value", old.value, new.value)
    elif isinstance(old, Class) and isinstance(new, Class):
        yield from _order(place, old.positional, new.positional)


def _noun(item: Item) -> str:
    return item.kind if isinstance(item, Name) else _NOUNS[type(item)]


def _attributes(place: Place, old: Attribute, new: Attribute) -> Iterator[Difference]:
    is_set = old.required is not None or new.required is not None
    for difference in _types(place, "attribute type", old.types, new.types):
        if not is_set and difference.effect is Effect.NARROWED:
            yield Difference(
                place, "read attribute type", difference.effect, difference.before, difference.after
            )
        else:
            yield difference
    if old.required is not None and new.required is not None:
        required = old.required, new.required
        yield from change_of_width(place, "argument", required, ("optional", "required"))


def _functions(place: Place, old: Function, new: Function) -> Iterator[Difference]:
    renamed = _renamed(old, new)
    former = {renamed.get(one.name, one.name): one for one in old.parameters}
    now = {one.name: one for one in new.parameters}
    for name in {**former, **now}:
        here = place.within(f" {name}")
        before, after = former.get(name), now.get(name)
        if before is not None and after is not None:
            yield from _parameters(here, before, after)
        elif after is not None:
            yield presence(here, "required argument" if after.required else "optional argument", None, name)
        else:
            yield presence(here, "argument", name, None)
    orders = [tuple(by_name) for by_name in (_by_position(former), _by_position(now))]
    yield from _order(place, *orders)
    yield from _types(place, "result type", old.result, new.result)
    words = ("awaited" if one.awaited else "not awaited" for one in (old, new))
    yield from change_of_text(place, "awaiting", *words)


def _renamed(old: Function, new: Function) -> dict[str, str]:
    """Return the new names of removed parameters, where a similar one was added at the same position."""
    names = [{one.name for one in function.parameters} for function in (old, new)]
    return {
        one.name: other.name
        for one, other in zip(old.parameters, new.parameters, strict=False)
        if one.name not in names[1]
        and other.name not in names[0]
        and (one.kind, one.types, one.required) == (other.kind, other.types, other.required)
    }


def _by_position(parameters: dict[str, Parameter]) -> dict[str, Parameter]:
    return {name: one for name, one in parameters.items() if one.kind in (POSITIONAL, EITHER)}


def _parameters(place: Place, old: Parameter, new: Parameter) -> Iterator[Difference]:
    if old.name != new.name and old.kind != POSITIONAL:
        yield from change_of_text(place, "argument name", old.name, new.name)
    yield from change_of_width(place, "argument", (old.required, new.required), ("optional", "required"))
    if old.kind != new.kind:
        effect = (
            Effect.WIDENED if old.kind in (POSITIONAL, KEYWORD) and new.kind == EITHER else Effect.NARROWED
        )
        yield Difference(place, "passing", effect, old.kind, new.kind)
    yield from _types(place, "argument type", old.types, new.types)


def _order(place: Place, old: Sequence[str], new: Sequence[str]) -> Iterator[Difference]:
    """Yield the first position that has a new meaning: remaining names must come first, in their order."""
    kept = [name for name in old if name in new]
    for former, now in zip(kept, new, strict=False):
        if former != now:
            yield Difference(place, "order", Effect.CHANGED, former, now)
            return


def _types(place: Place, aspect: str, old: Types, new: Types) -> Iterator[Difference]:
    gone = {one for one in old if not _accepts(new, one)}
    come = {one for one in new if not _accepts(old, one)}
    if not gone and not come:
        return
    effect = Effect.CHANGED if gone and come else Effect.NARROWED if gone else Effect.WIDENED
    yield Difference(place, aspect, effect, _text(old), _text(new))


def _accepts(types: Types, one: str) -> bool:
    """Return whether a union takes every value of a type."""
    if not types or one in types or "Any" in types or "object" in types:
        return True
    if one.startswith("Literal[") and ("str" if one[8:9] in "'\"" else "int") in types:
        return True
    name, _, inner = one.partition("[")
    return any(
        name in _ACCEPTS.get(other.partition("[")[0], ()) and (not inner or other.partition("[")[2] == inner)
        for other in types
    )


def _text(types: Types) -> str:
    return " | ".join(sorted(types, key=lambda one: (one in ("None", "Unset"), one))) or "unknown"
