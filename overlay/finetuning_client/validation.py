"""Validation of requests, and of the responses of strict clients, against the schemas of the contract.

A limit is stated once, in `openapi.yaml`: the messages are made from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from operator import ge, gt, le, lt, pos
from typing import Any, TypeAlias

from .errors import InvalidRequestError, shown
from .limits_setting import Limits
from .record import Record
from .schemas import JSON_TYPES, Schema, component, parameters

_LISTED = ("enum", "const")
# Marks a reference in a schema without limits, so that its target has none either.
_LOOSENED = "loosened"

DEEPEST = 100
"""Maximum depth of nested objects and lists in a request or a response."""


class Violation(Record):
    """A value that breaks a rule of the contract.

    Attributes:
        field: its path, such as `method.type` or `integrations[2]`; empty for the whole value.
        limit: the rule, to be read after "must be", or "must have" if it is a number of items or pairs.
        value: the value.
        text: the message about the field; empty for the default one, built from the limit and the value.
    """

    field: str
    limit: str
    value: Any
    text: str = ""

    def __str__(self) -> str:
        text = self.text or f"must be {self.limit}, not {shown(self.value)}"
        return f"{self.field or 'the value'}: {text}"

    def error(self) -> InvalidRequestError:
        """Return the violation as an error."""
        return InvalidRequestError(str(self), field=self.field, limit=self.limit, value=self.value)


def require(schema: str, value: Any, *, limits: Limits = "contract") -> None:
    """Raise `InvalidRequestError` for the first rule of component `schema` that `value` breaks.

    With `limits` of `"none"` only types and required fields are checked.
    """
    if is_too_deep(value):
        raise InvalidRequestError.of("the value", f"nested at most {DEEPEST} levels deep", value, "")
    for broken in _check(_limited({"$ref": schema}, limits), value, ""):
        raise broken.error()


def as_json(field: str, value: Any) -> Any:
    """Return a dict, a method, or a model of the generated library as the JSON object that is sent.

    `field` names the value in errors. Raises `InvalidRequestError`.
    """
    if isinstance(value, Mapping):
        return dict(value)
    to_dict = getattr(value, "to_dict", None)
    if isinstance(value, type):
        end = f", not the class {value.__name__}: write {value.__name__}(...)"
        raise InvalidRequestError.of(field, "an object", value, end)
    if callable(to_dict):
        return to_dict()
    raise InvalidRequestError.of(field, "a dict or an object with to_dict()", value)


def is_too_deep(value: Any) -> bool:
    """Return whether a JSON value is nested deeper than `DEEPEST`, or contains itself."""
    level = [value]
    for _ in range(DEEPEST + 1):
        inner: list[Any] = []
        for one in level:
            inner += one.values() if isinstance(one, dict) else one if isinstance(one, list | tuple) else ()
        # Each object once, however often it occurs: the number of paths to it can grow exponentially.
        level = list({id(one): one for one in inner if isinstance(one, dict | list | tuple)}.values())
        if not level:
            return False
    return True


def violations(schema: str, value: Any) -> Iterator[Violation]:
    """Yield every rule of component `schema` that a JSON value breaks, in the order of its fields."""
    return _check(component(schema), value, "")


def require_argument(
    operation: str, parameter: str, value: Any, *, name: str | None = None, limits: Limits = "contract"
) -> None:
    """Raise `InvalidRequestError` for the first rule of an operation's parameter that `value` breaks.

    `name` is the argument's name in the client, if it differs from the contract's; `limits` is as for
    `require`.
    """
    schema = parameters().get(operation, {}).get(parameter)
    for broken in _check(_limited(schema["schema"], limits), value, name or parameter) if schema else ():
        raise broken.error()


def _resolved(schema: Schema) -> Schema:
    while "$ref" in schema:
        find = _loosened_component if schema.get(_LOOSENED) else component
        schema = find(schema["$ref"])
    return schema


def _limited(schema: Schema, limits: Limits) -> Schema:
    return schema if limits == "contract" else _loosened(schema)


@cache
def _loosened_component(name: str) -> Schema:
    schema: Schema = _loosened(component(name))
    return schema


def _loosened(schema: Any) -> Any:
    """Return a schema without bounds, lengths, patterns and enums; types and required fields stay."""
    if isinstance(schema, list):
        return [_loosened(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: item for name, item in schema.items() if name not in (*_SIZES, *_LISTED, "propertyNames")}
    for name in {"anyOf", "oneOf", "items", "additionalProperties"} & kept.keys():
        kept[name] = _loosened(kept[name])
    if "properties" in kept:
        kept["properties"] = {name: _loosened(item) for name, item in kept["properties"].items()}
    if "$ref" in kept:
        kept[_LOOSENED] = True
    for value in _LISTED:
        if value in schema and "type" not in kept:
            listed = schema[value] if value == "enum" else [schema[value]]
            kept["type"] = [name for name, fits in JSON_TYPES.items() if any(map(fits, listed))]
    return kept


def _check(schema: Schema, value: Any, at: str) -> Iterator[Violation]:
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
    if allowed and not any(JSON_TYPES[name](value) for name in allowed):
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


def _check_union(members: list[Schema], value: Any, at: str) -> Iterator[Violation]:
    """Yield the violations of the union member that has the tag of the value, or else its type."""
    results = [(member, list(_check(member, value, at))) for member in members]
    if any(not found for _, found in results):
        return
    meant = [found for member, found in results if _has_tag_or_type(member, value)]
    if len(meant) == 1:
        yield from meant[0]
        return
    limits = dict.fromkeys(broken.limit for _, found in results for broken in found if broken.field == at)
    tags = [repr(tag) for member, _ in results if (tag := _tag(member)) is not None]
    if isinstance(value, dict) and tags:
        limit = "one of " + ", ".join(tags)
        missing = "" if "type" in value else f"is required, and must be {limit}"
        yield Violation(_join(at, "type"), limit, value.get("type"), missing)
    else:
        separator = ", or " if any("," in limit for limit in limits) else " or "
        yield Violation(at, separator.join(limits) or "one of the documented types", value)


def _has_tag_or_type(member: Schema, value: Any) -> bool:
    if "const" in member:
        return bool(member["const"] == value)
    tag = _tag(member)
    if tag is not None:
        return isinstance(value, dict) and value.get("type") == tag
    types = member.get("type", ())
    return any(JSON_TYPES[name](value) for name in ([types] if isinstance(types, str) else types))


def _tag(member: Schema) -> Any:
    return _resolved(member.get("properties", {}).get("type", {})).get("const")


def _check_object(schema: Schema, value: dict[str, Any], at: str) -> Iterator[Violation]:
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield Violation(_join(at, name), "given", None, "is required")
    for name, item in value.items():
        if "propertyNames" in schema:
            for broken in _check(schema["propertyNames"], name, at):
                text = f"keys must be {broken.limit}, not {name!r:.120}"
                yield Violation(at, broken.limit, name, text)
        inner = properties.get(name, schema.get("additionalProperties", True))
        if inner is False:
            yield Violation(_join(at, name), "left out", item, "unknown field: remove it")
        elif isinstance(inner, dict):
            yield from _check(inner, item, _join(at, name))


def _check_size(schema: Schema, value: Any, at: str) -> Iterator[Violation]:
    for keyword, (kind, measure, breaks, text) in _SIZES.items():
        bound = schema.get(keyword)
        if bound is not None and JSON_TYPES[kind](value) and breaks(measure(value), bound):
            limit = text.format(bound, s="" if bound == 1 else "s")
            # A list or an object is too long to be shown, and "is" not a number of items.
            counted = isinstance(value, list | dict) and measure is len
            yield Violation(at, limit, value, f"must have {limit}, not {len(value)}" if counted else "")


def _join(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


_NAMES = {
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "None",
}


def _is_not_multiple(value: float, factor: float) -> bool:
    # In decimal, in which 0.3 is a multiple of 0.1.
    from decimal import Decimal

    return Decimal(str(value)) % Decimal(str(factor)) != 0


def _repeats(items: list[Any]) -> bool:
    # As JSON, where 1 and true are different.
    import msgspec

    return len({msgspec.json.encode(item, order="sorted") for item in items}) < len(items)


# Keyword: the type it applies to, what is measured, what breaks it, and the rule in words.
_Size: TypeAlias = tuple[str, Callable[[Any], Any], Callable[[Any, Any], bool], str]
_SIZES: Mapping[str, _Size] = {
    "minimum": ("number", pos, lt, "at least {}"),
    "maximum": ("number", pos, gt, "at most {}"),
    "exclusiveMinimum": ("number", pos, le, "more than {}"),
    "exclusiveMaximum": ("number", pos, ge, "less than {}"),
    "minLength": ("string", len, lt, "at least {} character{s}"),
    "maxLength": ("string", len, gt, "at most {} character{s}"),
    "minItems": ("array", len, lt, "at least {} item{s}"),
    "maxItems": ("array", len, gt, "at most {} item{s}"),
    "minProperties": ("object", len, lt, "at least {} pair{s}"),
    "maxProperties": ("object", len, gt, "at most {} pair{s}"),
    "multipleOf": ("number", pos, _is_not_multiple, "a multiple of {}"),
    "pattern": (
        "string",
        str,
        lambda text, pattern: re.search(pattern, text) is None,
        "a string that matches {!r}",
    ),
    "uniqueItems": ("array", list, lambda items, unique: unique and _repeats(items), "free of duplicates"),
}
