"""A slow, plain reader: what each value of decoded JSON should become, straight from the schemas.

Both sides are brought to one form, so that they can be compared: a model is `Read(name, fields)`, an
enum value `Read(name, value)`, everything else is itself.
"""

import enum
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import attrs

from finetuning_api.types import UNSET, ApiObject

__all__ = ["Read", "expected", "schemas", "shape"]


@dataclass
class Read:
    """A value that is read as more than plain JSON, by the name of its schema."""

    name: str
    content: object


@cache
def schemas() -> dict[str, Any]:
    """The component schemas of the contract, as the package carries them."""
    loaded: dict[str, Any] = json.loads(files("finetuning_api").joinpath("schemas.json").read_text())
    return loaded


def expected(schema: dict[str, Any], value: Any) -> Any:
    """What reading the value by the schema should give."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _named(name, schemas()[name], value)
    for member in [*schema.get("anyOf", ()), *schema.get("oneOf", ())]:
        if _meant(member, value):
            return expected(member, value)
    if isinstance(value, list) and "items" in schema:
        return [expected(schema["items"], item) for item in value]
    return value


def _named(name: str, schema: dict[str, Any], value: Any) -> Any:
    if "enum" in schema and isinstance(value, str):
        return Read(name, value)
    if isinstance(value, dict):
        fields = schema.get("properties", {})
        if fields:
            content = {key: expected(fields.get(key, {}), item) for key, item in value.items()}
            return Read(name, content)
        if isinstance(schema.get("additionalProperties"), dict):
            return {key: expected(schema["additionalProperties"], item) for key, item in value.items()}
    return expected(schema, value)


def _meant(member: dict[str, Any], value: Any) -> bool:
    """Return whether a value is of the JSON type, and has the tag, of this member of a union."""
    if "$ref" in member:
        member = schemas()[member["$ref"].rpartition("/")[2]]
    nested = [*member.get("anyOf", ()), *member.get("oneOf", ())]
    if nested:
        return any(_meant(inner, value) for inner in nested)
    if isinstance(value, list):
        return member.get("type") == "array"
    if isinstance(value, dict) and member.get("type") == "object":
        tag = member.get("properties", {}).get("type", {}).get("const")
        if tag is not None:
            return bool(value.get("type") == tag)
        return "properties" in member or not isinstance(value.get("type"), str)
    return isinstance(value, str) and "enum" in member


def shape(value: Any) -> Any:
    """What was read, in the form of `expected`."""
    if isinstance(value, ApiObject):
        model: Any = type(value)
        present = {
            attribute.name.rstrip("_"): shape(getattr(value, attribute.name))
            for attribute in attrs.fields(model)
            if getattr(value, attribute.name) is not UNSET
        }
        return Read(type(value).__name__, present | value.additional_properties)
    if isinstance(value, enum.Enum):
        return Read(type(value).__name__, value.value)
    if isinstance(value, list):
        return [shape(item) for item in value]
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    return value
