"""The contract's own limits, applied to values: what a request must satisfy before it is sent.

The limits come from `schemas.json`, the component schemas of `openapi.yaml` that ship with the generated
library, so a limit is stated once, in the contract. Read at first use.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

import msgspec

from .errors import InvalidRequestError

__all__ = ["Violation", "kind_mistaken", "require", "violations"]

_Schema: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Violation:
    """A value that breaks a rule of the contract.

    Attributes:
        field: where it stands, such as `method.type` or `integrations[2]`; empty for the whole value.
        limit: the rule, to be read after "must be".
        value: the value.
    """

    field: str
    limit: str
    value: Any

    def __str__(self) -> str:
        shown = repr(self.value)
        return f"{self.field or 'the value'}: must be {self.limit}, not {shown[:120]}"


def require(schema: str, value: Any, *, prefix: str = "") -> None:
    """Raise `InvalidRequestError` for the first rule of component `schema` that `value` breaks."""
    for broken in violations(schema, value, prefix=prefix):
        raise InvalidRequestError(str(broken), field=broken.field, limit=broken.limit, value=broken.value)


def violations(schema: str, value: Any, *, prefix: str = "") -> Iterator[Violation]:
    """Every rule of component `schema` that the JSON value `value` breaks, in the order of the fields."""
    return _check(_schemas()[schema], value, prefix)


def kind_mistaken(schema: str, value: Mapping[str, Any]) -> str | None:
    """The kind that `value`, or an item of its `data`, says it is where that is another kind of the contract.

    A kind that the contract does not know may be a provider's word for the right one, and is let pass.
    """
    own, of_items = _kinds(schema)
    items = value["data"] if of_items else ()
    for kind, one in ((own, value), *((of_items, item) for item in items)):
        said = one.get("object")
        if said != kind and isinstance(said, str) and said in _every_kind():
            return said
    return None


@cache
def _kinds(schema: str) -> tuple[str | None, str | None]:
    """What an object of component `schema` says it is, and what the items of its list say."""
    fields = _schemas()[schema].get("properties", {})
    items = fields.get("data", {}).get("items")
    kind = _resolved(items)["properties"]["object"]["const"] if items else None
    return fields.get("object", {}).get("const"), kind


@cache
def _every_kind() -> frozenset[str | None]:
    return frozenset(_kinds(schema)[0] for schema in _schemas()) - {None}


@cache
def _schemas() -> Mapping[str, _Schema]:
    text = files("finetuning_api").joinpath("schemas.json").read_bytes()
    loaded: dict[str, _Schema] = msgspec.json.decode(text)
    return loaded


def _resolved(schema: _Schema) -> _Schema:
    while "$ref" in schema:
        schema = _schemas()[schema["$ref"].rsplit("/", 1)[-1]]
    return schema


def _check(schema: _Schema, value: Any, at: str) -> Iterator[Violation]:
    schema = _resolved(schema)
    members = schema.get("anyOf") or schema.get("oneOf")
    if members:
        yield from _check_union([_resolved(member) for member in members], value, at)
        return
    if "const" in schema:
        if value != schema["const"]:
            yield Violation(at, repr(schema["const"]), value)
        return
    types = schema.get("type")
    allowed = [types] if isinstance(types, str) else types
    if allowed and not any(_TYPES[name](value) for name in allowed):
        yield Violation(at, " or ".join(_NAMES[name] for name in allowed), value)
        return
    if "enum" in schema and value not in schema["enum"]:
        yield Violation(at, "one of " + ", ".join(map(repr, schema["enum"])), value)
    yield from _check_size(schema, value, at)
    if isinstance(value, dict):
        yield from _check_object(schema, value, at)
    if isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            yield from _check(schema["items"], item, f"{at}[{index}]")


def _check_union(members: list[_Schema], value: Any, at: str) -> Iterator[Violation]:
    """The violations of the member that the value means to be: the one of its tag, else of its type."""
    results = [(member, list(_check(member, value, at))) for member in members]
    if any(not found for _, found in results):
        return
    meant = [found for member, found in results if _is_meant(member, value)]
    if len(meant) == 1:
        yield from meant[0]
        return
    limits = dict.fromkeys(broken.limit for _, found in results for broken in found if broken.field == at)
    tags = [repr(tag) for member, _ in results if (tag := _tag(member)) is not None]
    if isinstance(value, dict) and tags:
        yield Violation(f"{at}.type" if at else "type", "one of " + ", ".join(tags), value.get("type"))
    else:
        yield Violation(at, " or ".join(limits) or "another value", value)


def _is_meant(member: _Schema, value: Any) -> bool:
    if "const" in member:
        return bool(member["const"] == value)
    tag = _tag(member)
    if tag is not None:
        return isinstance(value, dict) and value.get("type") == tag
    types = member.get("type", ())
    return any(_TYPES[name](value) for name in ([types] if isinstance(types, str) else types))


def _tag(member: _Schema) -> Any:
    return _resolved(member.get("properties", {}).get("type", {})).get("const")


def _check_object(schema: _Schema, value: dict[str, Any], at: str) -> Iterator[Violation]:
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield Violation(_join(at, name), "given", None)
    for name, item in value.items():
        if "propertyNames" in schema:
            for broken in _check(schema["propertyNames"], name, at):
                yield Violation(at, f"a map whose keys are {broken.limit}", name)
        inner = properties.get(name, schema.get("additionalProperties", True))
        if inner is False:
            yield Violation(_join(at, name), "left out: there is no such field", item)
        elif isinstance(inner, dict):
            yield from _check(inner, item, _join(at, name))


def _check_size(schema: _Schema, value: Any, at: str) -> Iterator[Violation]:
    for keyword, (applies, breaks, text) in _SIZES.items():
        bound = schema.get(keyword)
        if bound is not None and applies(value) and breaks(value, bound):
            yield Violation(at, text.format(bound), value)


def _join(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _is_number(value: Any) -> bool:
    # NaN and the infinities have no JSON form.
    return _is_integer(value) or (isinstance(value, float) and math.isfinite(value))


def _is_integer(value: Any) -> bool:
    # In JSON 3.0 is the same number as 3.
    whole = isinstance(value, float) and value.is_integer()
    return whole or (isinstance(value, int) and not isinstance(value, bool))


_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": _is_integer,
    "number": _is_number,
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "null": lambda value: value is None,
}
_NAMES = {
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "None",
}
_Size: TypeAlias = tuple[Callable[[Any], bool], Callable[[Any, Any], bool], str]
_SIZES: Mapping[str, _Size] = {
    "minimum": (_is_number, lambda value, bound: value < bound, "at least {}"),
    "maximum": (_is_number, lambda value, bound: value > bound, "at most {}"),
    "exclusiveMinimum": (_is_number, lambda value, bound: value <= bound, "more than {}"),
    "exclusiveMaximum": (_is_number, lambda value, bound: value >= bound, "less than {}"),
    "minLength": (
        _TYPES["string"],
        lambda value, bound: len(value) < bound,
        "at least {} characters long",
    ),
    "maxLength": (
        _TYPES["string"],
        lambda value, bound: len(value) > bound,
        "at most {} characters long",
    ),
    "minItems": (
        _TYPES["array"],
        lambda value, bound: len(value) < bound,
        "at least {} items long",
    ),
    "maxItems": (_TYPES["array"], lambda value, bound: len(value) > bound, "at most {} items long"),
    "minProperties": (
        _TYPES["object"],
        lambda value, bound: len(value) < bound,
        "at least {} pairs",
    ),
    "maxProperties": (
        _TYPES["object"],
        lambda value, bound: len(value) > bound,
        "at most {} pairs",
    ),
}
