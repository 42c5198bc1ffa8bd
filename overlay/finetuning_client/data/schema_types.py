"""Types derived from the contract's schemas: decoding a good example into them is faster than checking it.

What a type accepts satisfies its schema. It may refuse what the schema allows, such as 1.0 for a whole
number, so refused examples are checked value by value.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal, Union

import msgspec
from msgspec import UNSET, Meta, UnsetType

from .rules import Format
from .training_formats import Schema, at_end_of_text, format_schema, resolved, tag_of

_PLAIN: Mapping[str, Any] = {"boolean": bool, "integer": int, "number": int | float, "null": None}


@cache
def example_decoder(form: Format) -> msgspec.json.Decoder[Any]:
    """Return the decoder of examples of a format; it raises for an example that its schema refuses."""
    return msgspec.json.Decoder(_type_of(format_schema(form), None))


def _type_of(schema: Schema, tag: tuple[str, str] | None) -> Any:
    """Return the type of a schema; `tag` is a field that distinguishes the objects of a union."""
    schema = resolved(schema)
    if "anyOf" in schema:
        members = [resolved(member) for member in schema["anyOf"]]
        return Union[tuple(_type_of(member, tag_of(member)) for member in members)]  # noqa: UP007
    kinds = schema.get("type")
    if kinds is None:
        return Any
    if not isinstance(kinds, str):
        return Union[tuple(_type_of({**schema, "type": kind}, None) for kind in kinds)]  # noqa: UP007
    if "const" in schema or "enum" in schema:
        return Literal[tuple(schema.get("enum", [schema.get("const")]))]
    if kinds == "string":
        return _text_type(schema)
    if kinds == "array":
        length = Meta(min_length=schema.get("minItems"), max_length=schema.get("maxItems"))
        return Annotated[list[_type_of(schema.get("items", {}), None)], length]  # type: ignore[misc]
    return _object_type(schema, tag) if kinds == "object" else _PLAIN[kinds]


def _text_type(schema: Schema) -> Any:
    pattern = schema.get("pattern")
    limits = Meta(min_length=schema.get("minLength"), pattern=at_end_of_text(pattern) if pattern else None)
    return Annotated[str, limits]


def _object_type(schema: Schema, tag: tuple[str, str] | None) -> Any:
    properties: Mapping[str, Schema] = schema.get("properties", {})
    if not properties:
        return dict[str, Any]
    required = set(schema.get("required", ()))
    fields: list[Any] = []
    for name, inner in properties.items():
        if tag is not None and name == tag[0]:
            continue
        kind = _type_of(inner, None)
        # A field that is left out is not the same as null.
        fields.append((name, kind) if name in required else (name, kind | UnsetType, UNSET))
    return msgspec.defstruct(
        "Object",
        fields,
        tag_field=tag[0] if tag else None,
        tag=tag[1] if tag else None,
        forbid_unknown_fields=schema.get("additionalProperties") is False,
        kw_only=True,
        gc=False,
    )
