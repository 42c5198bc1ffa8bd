"""Example values and example calls, made from the contract and from the names of the client.

An example is the same on every run. It is the `example` of the contract, or else the first value that
its descriptions name (``such as `eu-west` ``, ``Id of the job, `ftjob-…` ``), or one that its limits allow.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tools.comparison.surface import Attribute, Function, Surface
from tools.openapi import Document, Place

__all__ = ["BINARY", "Call", "example", "example_calls", "snake"]

# Stands for the bytes of a file.
BINARY = "train.jsonl"
_MOMENT = 1735689600
_WIDTH = 100
_FORMATS = {
    "date-time": "2025-01-01T00:00:00Z",
    "date": "2025-01-01",
    "time": "12:00:00Z",
    "duration": "P1D",
    "uuid": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
    "uri": "https://example.com/a",
    "email": "someone@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "binary": BINARY,
}


@dataclass(frozen=True)
class Call:
    """One way to call an operation: what it is called on, and lines of Python that end in `result = …`."""

    on: str
    lines: tuple[str, ...]


def example(document: Document, schema: Any, *, whole: bool = True, _within: tuple[str, ...] = ()) -> Any:
    """Return a value that a schema allows.

    Args:
        document: The contract.
        schema: A schema of it.
        whole: Whether objects include their optional fields.

    Raises:
        DocumentError: A reference leads nowhere.
    """
    node: dict[str, Any] = {} if isinstance(schema, bool) else schema
    if "$ref" in node:
        name = str(node["$ref"]).rpartition("/")[2]
        described = dict(document.at(document.target(node)))
        described.update({key: node[key] for key in ("description", "example") if key in node})
        return example(document, described, whole=whole and name not in _within, _within=(*_within, name))
    for keyword in ("example", "const", "default"):
        if node.get(keyword) is not None:
            return node[keyword]
    for keyword in ("examples", "enum"):
        if isinstance(node.get(keyword), list) and node[keyword]:
            return node[keyword][0]
    members = node.get("anyOf") or node.get("oneOf")
    if members:
        choices = [{"description": node.get("description", ""), **member} for member in members]
        chosen = next((one for one in choices if one.get("type") != "null"), {"type": "null"})
        return example(document, chosen, whole=whole, _within=_within)
    if "allOf" in node:
        parts = [example(document, part, whole=whole, _within=_within) for part in node["allOf"]]
        joined = {key: value for part in parts if isinstance(part, dict) for key, value in part.items()}
        return joined or parts[0]
    return _of_type(document, node, whole, _within)


def _of_type(document: Document, node: dict[str, Any], whole: bool, within: tuple[str, ...]) -> Any:
    listed = node.get("type", "object" if "properties" in node else "string")
    kind = next((one for one in listed if one != "null"), "null") if isinstance(listed, list) else listed
    if kind == "object":
        return _object(document, node, whole, within)
    if kind == "array":
        items = node.get("items", {})
        if isinstance(items, dict) and "$ref" not in items:
            items = {"description": node.get("description", ""), **items}
        item = example(document, items, whole=whole, _within=within)
        return [item] * max(int(node.get("minItems", 1)), 1)
    if kind in ("integer", "number"):
        return _number(node, kind)
    return {"boolean": True, "null": None}.get(kind, _text(node))


def _object(document: Document, node: dict[str, Any], whole: bool, within: tuple[str, ...]) -> Any:
    fields = node.get("properties", {})
    names = [name for name in fields if whole or name in node.get("required", ())]
    if not fields and isinstance(node.get("additionalProperties"), dict):
        return {"key": example(document, node["additionalProperties"], whole=whole, _within=within)}
    return {name: example(document, fields[name], whole=whole, _within=within) for name in names}


def _number(node: Mapping[str, Any], kind: str) -> float:
    if "Unix seconds" in str(node.get("description", "")):
        return _MOMENT
    low, high = node.get("minimum"), node.get("maximum")
    if low is None and "exclusiveMinimum" in node:
        low = node["exclusiveMinimum"] + (1 if kind == "integer" else 0.5)
    value = max(low, 1) if low is not None else 1
    if high is None and "exclusiveMaximum" in node:
        high = node["exclusiveMaximum"] - (1 if kind == "integer" else 0.5)
    value = value if high is None else min(value, high)
    step = node.get("multipleOf")
    return -(-value // step) * step if step else value


def _text(node: Mapping[str, Any]) -> str:
    description = str(node.get("description", ""))
    named = re.search(r"(?:such as|for (?:instance|example)) `([^`…]+)`", description)
    prefix = re.search(r"`([\w-]+[-_:])…`", description)
    if node.get("format") in _FORMATS:
        return _FORMATS[node["format"]]
    owner = re.search(r"^Id of (?:an?|the) (\w+)", description)
    text = named[1] if named else f"{prefix[1]}abc123" if prefix else "text"
    if owner and not named and not prefix:
        text = f"{owner[1]}-abc123"
    short = text.ljust(int(node.get("minLength", 0)), "x")
    return short[: node["maxLength"]] if "maxLength" in node else short


def example_calls(document: Document, place: Place, client: Surface) -> Iterator[Call]:
    """Yield the calls of one operation: with both clients, if they have it, and the generated function.

    Args:
        document: The contract.
        place: The place of the operation in it.
        client: The public names of the client.
    """
    described = _Operation(document, place)
    for root in ("FineTuning", "AsyncFineTuning"):
        line = described.by_client(root, client)
        if line is not None:
            yield Call(root, tuple(line))
    yield Call("finetuning_api", tuple(described.by_function()))


class _Operation:
    """An operation with the values of its arguments."""

    def __init__(self, document: Document, place: Place) -> None:
        self.document, self.operation = document, document.at(place)
        self.parameters = {}
        for _, parameter in document.parameters(place):
            schema = {"description": parameter.get("description", ""), **(parameter.get("schema") or {})}
            self.parameters[str(parameter["name"])] = (parameter, schema)
        content = document.mapping(self.operation, "requestBody", follow=True).get("content", {})
        self.body = next((media.get("schema") for media in content.values() if media), None)
        self.fields = document.resolved(self.body or {}).get("properties", {})

    def by_client(self, root: str, client: Surface) -> Iterator[str] | None:
        """Return the call of the method that `x-client` names; None if the client does not have it."""
        extension = self.operation.get("x-client")
        if not isinstance(extension, dict) or not {"resource", "method"} <= {*extension}:
            return None
        owner = root
        for step in str(extension["resource"]).split("."):
            found = client.get(f"{owner}.{step}")
            owner = next(iter(found.types), "") if isinstance(found, Attribute) else ""
        function = client.get(f"{owner}.{extension['method']}")
        if not isinstance(function, Function):
            return None
        renamed = {str(new): str(old) for old, new in (extension.get("arguments") or {}).items()}
        arguments = []
        for parameter in function.parameters:
            paged = parameter.name == "limit" and any("Pager[" in one for one in function.result)
            if not parameter.required and not paged:
                continue
            value = "20" if paged else self._argument(renamed.get(parameter.name, parameter.name))
            if value is None:
                return None
            arguments.append(value if parameter.kind != "keyword" else f"{parameter.name}={value}")
        return self._client_line(f"client.{extension['resource']}.{extension['method']}", arguments, function)

    def _client_line(self, name: str, arguments: list[str], function: Function) -> Iterator[str]:
        kinds = {one.partition("[")[0] for one in function.result}
        if any("Path(" in one for one in arguments):
            yield from ("from pathlib import Path", "")
        if "Pager" in kinds:
            yield from _call("result = list(" + name, arguments, ")")
        elif "AsyncPager" in kinds:
            yield from _call("result = [one async for one in " + name, arguments, "]")
        else:
            yield from _call(f"result = {'await ' if function.awaited else ''}{name}", arguments)

    def _argument(self, name: str) -> str | None:
        """Return the value of an argument as Python: of a parameter, or of a field of the body."""
        # A method that is written by hand may shorten a name: `checkpoint` of `fine_tuned_model_checkpoint`.
        for parameter, (_, schema) in self.parameters.items():
            if parameter == name or parameter.endswith(f"_{name}"):
                return literal(example(self.document, schema, whole=False))
        for field, schema in self.fields.items():
            if field == name:
                value = example(self.document, schema, whole=False)
                return f'Path("{BINARY}")' if _is_binary(self.document, schema) else literal(value)
        return None

    def by_function(self) -> Iterator[str]:
        """Yield the call of the generated function, with its imports."""
        name = snake(str(self.operation["operationId"]))
        arguments = []
        imports: list[str] = []
        for parameter, schema in self.parameters.values():
            if parameter.get("required") is True:
                value = literal(example(self.document, schema, whole=False))
                inside = parameter.get("in") == "path"
                arguments.append(value if inside else f"{snake(str(parameter['name']))}={value}")
        if self.body is not None:
            arguments.append(f"body={self._body(imports)}")
        arguments.append("client=client.api")
        yield from sorted([*imports, f"from finetuning_api.api.{self.operation['tags'][0]} import {name}"])
        yield ""
        yield from _call(f"result = {name}.sync", arguments)

    def _body(self, imports: list[str]) -> str:
        reference = str((self.body or {}).get("$ref", ""))
        component = reference.rpartition("/")[2]
        value = example(self.document, self.body, whole=False)
        if not component or not self.fields:
            return literal(value)
        if not any(_is_binary(self.document, self.fields[field]) for field in value):
            imports.append(f"from finetuning_api.models import {component}")
            return f"{component}.from_dict({literal(value)})"
        names, parts = [component], []
        for field, inner in value.items():
            schema = self.fields[field]
            if _is_binary(self.document, schema):
                parts.append(f'{snake(field)}=File(BytesIO(b"..."), "{inner}")')
                continue
            enum = str(schema.get("$ref", "")).rpartition("/")[2]
            names += [enum] if enum else []
            parts.append(
                f"{snake(field)}={enum}({literal(inner)})" if enum else f"{snake(field)}={literal(inner)}"
            )
        imports.append("from io import BytesIO")
        imports.append(f"from finetuning_api.models import {', '.join(sorted(names))}")
        imports.append("from finetuning_api.types import File")
        return f"{component}({', '.join(parts)})"


def literal(value: Any) -> str:
    """Return a value as Python writes it, with double quotes."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{literal(key)}: {literal(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def snake(name: str) -> str:
    """Return the Python name of an operation or a field."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").lower()


def _call(name: str, arguments: list[str], end: str = "") -> Iterator[str]:
    """Yield a call on one line, or with one argument on each line if it would be too long."""
    line = f"{name}({', '.join(arguments)}){end}"
    if len(line) <= _WIDTH:
        yield line
        return
    yield f"{name}("
    yield from (f"    {one}," for one in arguments)
    yield f"){end}"


def _is_binary(document: Document, schema: Any) -> bool:
    return bool(document.resolved(schema).get("format") == "binary")
