"""Schemas of the training formats, and the first violation of them in an example.

They come from `training_formats.json`, which generation writes from the contract for the emulator alone. The
messages are worded like the hosted service's, to follow "Example N".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

__all__ = ["Steps", "kind_of", "schema_mistake", "shown", "where"]

Steps = tuple[str | int, ...]
_Schema = Mapping[str, Any]

_KINDS: dict[type, str] = {
    type(None): "null",
    bool: "a boolean",
    str: "a string",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "an object",
}
_JSON_TYPES: dict[str, tuple[type, ...]] = {
    "null": (type(None),),
    "boolean": (bool,),
    "string": (str,),
    "integer": (int, float),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
}
_LISTS_OF_MESSAGES = ("messages", "preferred_output", "non_preferred_output")


def schema_mistake(form: str, example: Mapping[str, Any]) -> str | None:
    """Return the first violation of the schema of a format, or None."""
    formats, _ = _contract()
    found = _mistake({"$ref": formats[form]}, example, ())
    return None if found is None else f"{where(found[0])} {found[1]}"


def where(path: Steps) -> str:
    """Return the place of a value in the service's wording: the number of its message, or its field."""
    words: list[str] = []
    for index, step in enumerate(path):
        if isinstance(step, int) and index and path[index - 1] in _LISTS_OF_MESSAGES:
            if words[-1] == "messages":
                words.pop()
            words.append(f"message {step + 1}")
            break
        if isinstance(step, str):
            words.append(step)
    return "".join(f", {word}" for word in words)


def kind_of(value: object) -> str:
    """Return the kind of a JSON value in words."""
    return _KINDS.get(type(value), "a number")


def shown(value: object) -> str:
    """Return a value for a message, cut if it is long."""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return f"'{text}'" if len(text) <= 64 else f"'{text[:64]}…'"


@cache
def _contract() -> tuple[dict[str, str], dict[str, _Schema]]:
    content = Path(__file__).with_name("training_formats.json").read_bytes()
    document = msgspec.json.decode(content)
    return document["formats"], document["schemas"]


def _follow(schema: _Schema) -> _Schema:
    while "$ref" in schema:
        schema = _contract()[1][schema["$ref"]]
    return schema


_Mistake = tuple[Steps, str]


def _mistake(schema: _Schema, value: Any, path: Steps) -> _Mistake | None:
    schema = _follow(schema)
    if "anyOf" in schema:
        return _of_union(_members(schema), value, path)
    types = schema.get("type", [])
    names = [types] if isinstance(types, str) else types
    if names and not any(_has_type(value, name) for name in names):
        return path, _wrong_type(names, value, path)
    if "enum" in schema and value not in schema["enum"]:
        return path, _wrong_value(schema["enum"], value, path)
    if isinstance(value, str):
        return _of_text(schema, value, path)
    if isinstance(value, list):
        return _of_list(schema, value, path)
    return _of_object(schema, value, path) if isinstance(value, dict) else None


def _members(schema: _Schema) -> list[_Schema]:
    """Return the members of a union, including those of unions inside it."""
    found: list[_Schema] = []
    for member in map(_follow, schema["anyOf"]):
        found += _members(member) if "anyOf" in member else [member]
    return found


def _has_type(value: object, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _JSON_TYPES[name])


def _of_union(members: list[_Schema], value: Any, path: Steps) -> _Mistake | None:
    objects = [member for member in members if "properties" in member]
    if isinstance(value, dict) and len(objects) > 1:
        tag = "role" if "role" in objects[0]["properties"] else "type"
        if tag not in value:
            return path, f"Discriminator '{tag}' is missing in value"
        for member in objects:
            if member["properties"][tag]["const"] == value[tag]:
                return _of_object(member, value, path)
        known = ", ".join(f"'{member['properties'][tag]['const']}'" for member in objects)
        return path, f"Input tag {shown(value[tag])} found using '{tag}' does not match any of: {known}"
    for member in members:
        names = [member["type"]] if isinstance(member["type"], str) else member["type"]
        if any(_has_type(value, name) for name in names):
            return _mistake(member, value, path)
    return path, _wrong_type([member["type"] for member in members], value, path)


def _of_text(schema: _Schema, value: str, path: Steps) -> _Mistake | None:
    if len(value) < schema.get("minLength", 0):
        return path, "String should have at least 1 character"
    pattern = schema.get("pattern")
    if pattern is None:
        return None
    # A `$` of the contract is the end of the text, where Python accepts a line end after it.
    found = re.match(pattern.removesuffix("$"), value)
    if found is None or (pattern.endswith("$") and found.end() != len(value)):
        if path[-1] == "url":
            return path, "Image must be an http or https URL, or a data URL of a PNG, JPEG or WebP"
        return path, f"Invalid function name {shown(value)}"
    return None


def _of_list(schema: _Schema, value: list[Any], path: Steps) -> _Mistake | None:
    if len(value) < schema.get("minItems", 0):
        if path[-1] == "content":
            return path, "Content must have at least one part, and each must be an object with a type"
        return path, "List should have at least 1 item"
    if len(value) > schema.get("maxItems", len(value)):
        return path, f"List should have at most {schema['maxItems']} item(s), but has {len(value)}"
    for index, item in enumerate(value):
        if (found := _mistake(schema["items"], item, (*path, index))) is not None:
            return found
    return None


def _of_object(schema: _Schema, value: dict[str, Any], path: Steps) -> _Mistake | None:
    properties = schema.get("properties", {})
    for tag in ("role", "type"):
        expected = properties.get(tag, {}).get("const")
        if expected is not None and value.get(tag, expected) != expected:
            return path, _wrong_tag(tag, expected, value[tag])
    for name in schema.get("required", []):
        if name not in value or (name == "messages" and value[name] is None):
            return path, f"Missing key '{name}'"
    for name, item in value.items():
        if name in properties:
            if (found := _mistake(properties[name], item, (*path, name))) is not None:
                return found
        elif schema.get("additionalProperties") is False:
            if name == "weight" and "role" in properties:
                return path, _WEIGHT_RULE
            return path, f"Extra inputs are not permitted: {shown(name)}"
    return None


def _wrong_tag(tag: str, expected: str, value: object) -> str:
    if tag == "role":
        return f"Role must be {expected}"
    return f"Input tag {shown(value)} found using 'type' does not match any of: '{expected}'"


def _wrong_type(names: list[str], value: object, path: Steps) -> str:
    if path and path[-1] == "content":
        if value is None:
            return "Content must not be null"
        return f"Content should be a string or a list of parts, but got {kind_of(value)}"
    if path and path[-1] == "weight":
        return _WEIGHT_RULE
    needed = " or ".join(dict.fromkeys(_KINDS[_JSON_TYPES[name][0]] for name in names))
    return f"Input should be {needed}, but got {kind_of(value)}"


def _wrong_value(allowed: list[Any], value: object, path: Steps) -> str:
    if path[-1] == "weight":
        return _WEIGHT_RULE
    return f"Input should be {' or '.join(map(shown, allowed))}, but got {shown(value)}"


_WEIGHT_RULE = "Weight is for assistant messages, and is 0 or 1"
