"""Schemas of the contract: the fields of an object, and those by which it is recognised in a response.

They come from `schemas.json` and `parameters.json`, which generation writes beside the generated library from
`openapi.yaml`. They are read at first use.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import finetuning_api

Schema: TypeAlias = Mapping[str, Any]


def other_kind(schema: str, value: Mapping[str, Any]) -> str | None:
    """Return the kind that `value`, or an item of its `data`, claims to be, if it is not the expected one.

    A kind that the contract does not have may be a server's name for the right one, and is accepted.
    """
    own, of_items = _kinds(schema)
    items = value.get("data") if of_items else ()
    checked = [(own, value), *((of_items, item) for item in (items if isinstance(items, list) else ()))]
    for kind, one in checked:
        said = one.get("object") if isinstance(one, dict) else None
        if kind and said != kind and isinstance(said, str) and said in _every_kind():
            return said
    return None


def kind_of_items(schema: str) -> str | None:
    """Return the `object` of the items of a list `schema`; `None` for another schema."""
    return _kinds(schema)[1]


@cache
def identifying_fields(schema: str) -> Mapping[str, Callable[[Any], bool]]:
    """Return the fields without which a value cannot be the object `schema`, each with a check.

    They are `id` if the object has one, `data` for a list, else every required field. A field that is null
    or of another type does not identify an object.
    """
    found = resolved(component(schema))
    fields = found.get("properties", {})
    if "id" in fields:
        return {"id": lambda value: isinstance(value, str) and bool(value)}
    names = ["data"] if "data" in fields else [n for n in found.get("required", ()) if n in fields]
    return {name: _usable(fields[name]) for name in names}


def _usable(schema: Schema) -> Callable[[Any], bool]:
    schema = resolved(schema)
    if schema.get("type") == "array" and resolved(schema.get("items", {})).get("type") == "object":
        return lambda value: isinstance(value, list) and all(isinstance(item, dict) for item in value)
    types = schema.get("type", ())
    names = [types] if isinstance(types, str) else types
    if not names:
        return lambda value: value is not None
    return lambda value: any(JSON_TYPES[name](value) for name in names)


@cache
def field_names(schema: str) -> tuple[str, ...]:
    """Return the names of the fields that an object `schema` has in the contract."""
    return tuple(_fields(schema))


@cache
def constant_fields(schema: str) -> Mapping[str, Any]:
    """Return the fields of an object `schema` that have a fixed value."""
    fields = {name: resolved(field) for name, field in _fields(schema).items()}
    return {name: field["const"] for name, field in fields.items() if "const" in field}


@cache
def _kinds(schema: str) -> tuple[str | None, str | None]:
    """Return the `object` that an object `schema` must have, and that of the items of its list."""
    item = resolved(_fields(schema).get("data", {}).get("items", {})).get("properties", {})
    return constant_fields(schema).get("object"), resolved(item.get("object", {})).get("const")


def _fields(schema: str) -> Mapping[str, Schema]:
    fields: Mapping[str, Schema] = resolved(component(schema)).get("properties", {})
    return fields


@cache
def _every_kind() -> frozenset[str | None]:
    return frozenset(_kinds(schema)[0] for schema in _schemas()) - {None}


def component(name: str) -> Schema:
    """Return a component schema, by its name or by a reference to it."""
    return _schemas()[name.rsplit("/", 1)[-1]]


def resolved(schema: Schema) -> Schema:
    """Return the schema, or the one that it refers to."""
    while "$ref" in schema:
        schema = component(schema["$ref"])
    return schema


@cache
def _schemas() -> Mapping[str, Schema]:
    return _loaded("schemas.json")


@cache
def parameters() -> Mapping[str, Mapping[str, Schema]]:
    """Return the parameters of each operation, by name; each has a `schema`."""
    return _loaded("parameters.json")


def _loaded(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(finetuning_api.__file__).with_name(name).read_bytes())
    return found


def _is_number(value: Any) -> bool:
    # NaN and the infinities have no JSON form.
    return _is_integer(value) or (isinstance(value, float) and math.isfinite(value))


def _is_integer(value: Any) -> bool:
    # In JSON 3.0 is the same number as 3.
    whole = isinstance(value, float) and value.is_integer()
    return whole or (isinstance(value, int) and not isinstance(value, bool))


JSON_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": _is_integer,
    "number": _is_number,
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "null": lambda value: value is None,
}
"""For each type of JSON Schema, whether a value is of it."""
