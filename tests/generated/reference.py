"""A slow, plain reader that gives the expected result for decoded JSON, directly from the schemas.

Both sides are converted to one form for comparison: a model is `Read(name, fields)`, an enum value
`Read(name, value)`, and any other value is unchanged.
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
    """A value that is read as a model or an enum value, with the name of its schema."""

    name: str
    content: object


@cache
def schemas() -> dict[str, Any]:
    """Return the component schemas of the contract, as the package contains them."""
    loaded: dict[str, Any] = json.loads(files("finetuning_api").joinpath("schemas.json").read_text())
    return loaded


def expected(schema: dict[str, Any], value: Any) -> Any:
    """Return the expected result of reading the value by the schema."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _named(name, schemas()[name], value)
    for member in [*schema.get("anyOf", ()), *schema.get("oneOf", ())]:
        if _matches(member, value):
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


def _matches(member: dict[str, Any], value: Any) -> bool:
    """Return whether the value has the JSON type and the tag of this member of a union."""
    if "$ref" in member:
        member = schemas()[member["$ref"].rpartition("/")[2]]
    nested = [*member.get("anyOf", ()), *member.get("oneOf", ())]
    if nested:
        return any(_matches(inner, value) for inner in nested)
    if isinstance(value, list):
        return member.get("type") == "array"
    if isinstance(value, dict) and member.get("type") == "object":
        tag = member.get("properties", {}).get("type", {}).get("const")
        if tag is not None:
            return bool(value.get("type") == tag)
        return "properties" in member or not isinstance(value.get("type"), str)
    return isinstance(value, str) and "enum" in member


def shape(value: Any) -> Any:
    """Return a value that was read, in the form of `expected`."""
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
