"""Training formats of the contract: schemas of an example, and the ways in which examples violate them.

They come from `training_formats.json`, which generation writes from `openapi.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct

Schema: TypeAlias = Mapping[str, Any]
Steps: TypeAlias = tuple[str | int, ...]


class Fault(Struct, frozen=True):
    """Fault of a value in an example.

    Attributes:
        code: code of the finding.
        path: keys and indexes that lead to the value.
        text: what is wrong with it, to be read after the path.
        hint: what to do, if the kind of finding does not say it well enough.
    """

    code: str
    path: Steps
    text: str
    hint: str = ""


def format_schema(name: str) -> Schema:
    """Return the schema of a format: `chat`, `completions`, `preference` or `reinforcement`."""
    return component(_contract()["formats"][name])


def component(name: str) -> Schema:
    """Return a component schema by its name."""
    schema: Schema = _contract()["schemas"][name]
    return schema


def resolved(schema: Schema) -> Schema:
    """Return the schema that a reference leads to; any other one unchanged."""
    while "$ref" in schema:
        schema = component(schema["$ref"])
    return schema


def faults(schema: Schema, value: Any, path: Steps = ()) -> Iterator[Fault]:
    """Yield everything in a JSON value that violates a schema, in the order of its fields."""
    schema = resolved(schema)
    if "anyOf" in schema:
        yield from _union_faults([resolved(member) for member in schema["anyOf"]], value, path)
        return
    types = schema.get("type", ())
    allowed = (types,) if isinstance(types, str) else tuple(types)
    if allowed and not any(_TYPES[name](value) for name in allowed):
        yield _of_type(allowed, value, path)
    elif "const" in schema and value != schema["const"]:
        yield _named("wrong-value", path, f"must be {schema['const']!r}, not {shown(value)}")
    elif "enum" in schema and value not in schema["enum"]:
        choice = " or ".join(map(repr, schema["enum"]))
        yield _named("wrong-value", path, f"must be {choice}, not {shown(value)}")
    elif isinstance(value, str):
        yield from _text_faults(schema, value, path)
    elif isinstance(value, list):
        yield from _list_faults(schema, value, path)
    elif isinstance(value, dict):
        yield from _object_faults(schema, value, path)


def at_end_of_text(pattern: str) -> str:
    """Return a pattern of JSON Schema for Python, where a line end may follow what `$` stands for."""
    return re.sub(r"\$$", r"\\Z", pattern)


def shown(value: object) -> str:
    """Return a value as a short piece of JSON, for a message."""
    if isinstance(value, str | int | float | bool) or value is None:
        text = msgspec.json.encode(value if not isinstance(value, str) else value[:60]).decode()
        return text if len(text) <= 62 else text[:60] + "…"
    return kind_of(value)


def kind_of(value: object) -> str:
    """Return the kind of a JSON value in words."""
    return next((words for name, words in _WORDS.items() if _TYPES[name](value)), "something else")


def _union_faults(members: list[Schema], value: Any, path: Steps) -> Iterator[Fault]:
    tagged = {tag: member for member in members if (tag := tag_of(member)) is not None}
    if isinstance(value, dict) and tagged:
        field = next(iter(tagged))[0]
        if field not in value:
            yield _named("missing-key", (*path, field), f"is missing; expected {_choice(tagged)}")
            return
        found = value[field]
        meant = tagged.get((field, found)) if isinstance(found, str) else None
        if meant is None:
            text = f"must be one of {_choice(tagged)}, not {shown(found)}"
            yield _named("unknown-tag", (*path, field), text)
        else:
            yield from faults(meant, value, path)
        return
    flat = [inner for member in members for inner in _alternatives(member)]
    types = [name for member in flat if isinstance(name := member.get("type"), str)]
    for member in flat:
        if _TYPES[member.get("type", "object")](value):
            yield from faults(member, value, path)
            return
    yield _of_type(tuple(dict.fromkeys(types)), value, path)


def _alternatives(member: Schema) -> Iterator[Schema]:
    member = resolved(member)
    for inner in member.get("anyOf", (member,)):
        yield resolved(inner)


def tag_of(member: Schema) -> tuple[str, str] | None:
    """Return the field by which a union distinguishes this object from the others, and its value."""
    for name in ("role", "type"):
        field = resolved(member.get("properties", {}).get(name, {}))
        if "const" in field:
            return name, field["const"]
    return None


def _choice(tagged: Mapping[tuple[str, str], Schema]) -> str:
    return ", ".join(value for _, value in tagged)


def _of_type(allowed: tuple[str, ...], value: object, path: Steps) -> Fault:
    expected = " or ".join(_WORDS[name] for name in allowed)
    if value is None:
        return _named("null-value", path, f"must be {expected}, not null")
    return _named("wrong-type", path, f"must be {expected}, not {kind_of(value)}")


def _text_faults(schema: Schema, value: str, path: Steps) -> Iterator[Fault]:
    if len(value) < schema.get("minLength", 0):
        yield _named("empty-string", path, "is empty")
    if "pattern" in schema and not re.search(at_end_of_text(schema["pattern"]), value):
        yield _named("pattern", path, f"{shown(value)} is not allowed")


def _list_faults(schema: Schema, value: list[Any], path: Steps) -> Iterator[Fault]:
    if len(value) < schema.get("minItems", 0):
        yield _named("empty-list", path, "is empty")
    if len(value) > schema.get("maxItems", len(value)):
        text = f"has {len(value)} items; at most {schema['maxItems']} are allowed"
        yield _named("too-many-items", path, text)
    for index, item in enumerate(value):
        yield from faults(schema.get("items", {}), item, (*path, index))


def _object_faults(schema: Schema, value: dict[str, Any], path: Steps) -> Iterator[Fault]:
    properties = schema.get("properties", {})
    tag = tag_of(schema)
    if tag is not None and value.get(tag[0], tag[1]) != tag[1]:
        # It is a different object: all its fields would be wrong.
        yield _named("unknown-tag", (*path, tag[0]), f"must be {tag[1]!r}, not {shown(value[tag[0]])}")
        return
    missing = [name for name in schema.get("required", ()) if name not in value]
    is_closed = schema.get("additionalProperties", True) is False
    unknown = [name for name in value if name not in properties] if is_closed else []
    for name in missing:
        fault = _named("missing-key", (*path, name), "is missing")
        if len(missing) == 1 and unknown:
            # A single mistake: the field has another name, or its content is beside it.
            given = ", ".join(map(shown, unknown))
            hint = f"Add {name}, in place of what is not part of the format: {given}."
            fault, unknown = Fault(fault.code, fault.path, fault.text, hint), []
        yield fault
    for name, item in value.items():
        if name in properties:
            yield from faults(properties[name], item, (*path, name))
        elif name in unknown:
            yield _named("unknown-key", (*path, name), "is not part of the format")


def _named(code: str, path: Steps, text: str) -> Fault:
    """Return a fault; some fields have their own codes and messages."""
    last = str(path[-1]) if path else ""
    if code in _MISSING:
        if path and isinstance(path[-1], int) and path[-2] in _LISTS:
            text = "must be an object with role and content"
        if words := _WORDS_OF_FIELDS.get(last):
            text = f"{words}; it is missing" if code == "missing-key" else words
    return Fault(_CODES.get((last, code), code), path, text)


@cache
def _contract() -> Mapping[str, Any]:
    content = Path(__file__).with_name("training_formats.json").read_bytes()
    return msgspec.json.decode(content, type=dict[str, Any])


_MISSING = ("missing-key", "null-value", "wrong-type", "empty-list")
_LISTS = ("messages", "preferred_output", "non_preferred_output")
_WORDS_OF_FIELDS = {
    **dict.fromkeys(_LISTS, "must be a non-empty list of messages"),
    "input": "must be an object with messages",
    "prompt": "must be a string",
    "completion": "must be a string",
}
# Codes of faults in some fields. `unknown-tag` and `pattern` have no codes elsewhere.
_CODES = {
    ("role", "missing-key"): "missing-role",
    ("role", "unknown-tag"): "unknown-role",
    ("type", "unknown-tag"): "content-part",
    ("content", "missing-key"): "missing-content",
    ("content", "null-value"): "missing-content",
    ("content", "empty-list"): "missing-content",
    ("weight", "wrong-value"): "weight-value",
    ("weight", "wrong-type"): "weight-value",
    ("weight", "null-value"): "weight-value",
    ("weight", "unknown-key"): "weight-role",
    ("messages", "empty-list"): "no-messages",
    ("preferred_output", "empty-list"): "output-count",
    ("preferred_output", "too-many-items"): "output-count",
    ("non_preferred_output", "empty-list"): "output-count",
    ("non_preferred_output", "too-many-items"): "output-count",
    ("name", "pattern"): "function-name",
    ("url", "pattern"): "image-url",
}


def _is_integer(value: object) -> bool:
    whole = isinstance(value, float) and value.is_integer()
    return whole or (isinstance(value, int) and not isinstance(value, bool))


_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "integer": _is_integer,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}
_WORDS = {
    "null": "null",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "string": "a string",
    "array": "a list",
    "object": "an object",
}
