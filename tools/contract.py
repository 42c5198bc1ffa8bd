"""The contract as plain data that remembers its lines, and what in it the generator cannot honour.

Problems are told with their place, `openapi.yaml:12: …`, before the generator runs: it passes over
much in silence, and tells of the rest without a place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

__all__ = ["Contract", "ContractError", "Place"]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

# What a schema may say. A keyword that is not here would be passed over in silence.
SCHEMA_KEYWORDS = frozenset(
    {
        *("$ref", "type", "const", "enum", "format", "anyOf", "oneOf", "allOf", "discriminator"),
        *("properties", "required", "additionalProperties", "propertyNames", "items"),
        *("description", "deprecated", "readOnly", "writeOnly", "default", "example", "examples"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
        *("minLength", "maxLength", "pattern", "minItems", "maxItems", "uniqueItems"),
        *("minProperties", "maxProperties"),
    }
)
OPERATION_KEYWORDS = frozenset(
    {
        *("operationId", "tags", "summary", "description", "deprecated", "externalDocs", "security"),
        *("parameters", "requestBody", "responses"),
    }
)
# The generator knows types for these, which the templates do not read.
UNREADABLE_FORMATS = frozenset({"date-time", "uuid"})

# Names that generated modules use for themselves.
RESERVED_SCHEMAS = frozenset({"Any", "ApiObject", "ClassVar", "File", "Literal", "Response", "Unset"})
RESERVED_PARAMETERS = frozenset(
    {"body", "encode_form", "encode_path", "encode_query", "parse", "parse_response", "send", "send_async"}
)

Place = tuple[str | int, ...]


class ContractError(Exception):
    """The contract cannot be honoured; the message has a line for each reason."""


@dataclass(frozen=True)
class Contract:
    """The contract as plain data, which remembers the line of every part."""

    path: Path
    data: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> Contract:
        """Read a file; raises `ContractError` when it is missing or no YAML mapping."""
        try:
            data = YAML(typ="rt").load(path.read_bytes())
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            problem = (error.problem or str(error)).partition(" with value")[0]
            raise ContractError(f"{path.name}:{line}: {problem}") from None
        except (YAMLError, UnicodeDecodeError) as error:
            raise ContractError(f"{path.name}:1: {error}") from None
        except OSError as error:
            raise ContractError(f"{path}: {error.strerror}") from None
        if not isinstance(data, CommentedMap):
            raise ContractError(f"{path.name}:1: the contract is not a mapping")
        return cls(path, data)

    def say(self, place: Place, problem: str) -> str:
        """A problem with the file and line of a place, as compilers write it."""
        return f"{self.path.name}:{self._line(place)}: {problem}"

    def _line(self, place: Place) -> int:
        node: Any = self.data
        line = 0
        for step in place:
            # Steps that the contract does not have are a validator's own, as for a union's member.
            if isinstance(node, CommentedMap) and step in node:
                line = node.lc.key(step)[0]
            elif isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
                line = node.lc.item(step)[0]
            else:
                continue
            node = node[step]
        return line + 1

    def target(self, reference: object) -> Any:
        """What a `$ref` points to, or None."""
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return None
        node: Any = self.data
        for step in reference[2:].split("/"):
            node = node.get(step) if isinstance(node, dict) else None
        return node

    def resolved(self, node: Any) -> Any:
        """The node, or what its chain of `$ref`s leads to."""
        seen: list[Any] = []
        while isinstance(node, dict) and "$ref" in node and node not in seen:
            seen.append(node)
            node = self.target(node["$ref"])
        return node

    def operations(self) -> Iterator[tuple[Place, dict[str, Any]]]:
        """Every operation, with its place."""
        for path, item in (self.data.get("paths") or {}).items():
            for method in METHODS:
                if isinstance(item, dict) and isinstance(item.get(method), dict):
                    yield ("paths", path, method), item[method]

    def parameters(self, operation: Place) -> Iterator[tuple[Place, dict[str, Any]]]:
        """Every parameter of an operation, those of its path included, with its place."""
        for place in (operation, operation[:-1]):
            listed = self._at(place).get("parameters")
            for index, parameter in enumerate(listed or ()):
                yield (*place, "parameters", index), self.resolved(parameter) or {}

    def _at(self, place: Place) -> Any:
        node: Any = self.data
        for step in place:
            node = node[step]
        return node

    def schemas(self) -> Iterator[tuple[Place, dict[str, Any]]]:
        """Every schema, at any depth."""
        components = self.data.get("components") or {}
        for name, schema in (components.get("schemas") or {}).items():
            yield from _schemas_within(("components", "schemas", name), schema)
        for section in ("paths", "components"):
            for place, node in _nodes((section,), self.data.get(section)):
                if place[-1] == "schema" and "schemas" not in place[:2]:
                    yield from _schemas_within(place, node)

    def check(self) -> None:
        """Raise an error that names all problems, if there are any."""
        problems = [self.say(place, problem) for place, problem in _problems(self)]
        if problems:
            raise ContractError("\n".join(problems))


def _nodes(place: Place, node: Any) -> Iterator[tuple[Place, Any]]:
    yield place, node
    children: Iterable[tuple[str | int, Any]] = ()
    if isinstance(node, dict):
        children = node.items()
    elif isinstance(node, list):
        children = enumerate(node)
    for step, child in children:
        yield from _nodes((*place, step), child)


def _schemas_within(place: Place, schema: Any) -> Iterator[tuple[Place, dict[str, Any]]]:
    if not isinstance(schema, dict):
        return
    yield place, schema
    for keyword in ("items", "additionalProperties"):
        yield from _schemas_within((*place, keyword), schema.get(keyword))
    for name, inner in (schema.get("properties") or {}).items():
        yield from _schemas_within((*place, "properties", name), inner)
    for keyword in ("anyOf", "oneOf", "allOf"):
        for index, inner in enumerate(schema.get(keyword) or ()):
            yield from _schemas_within((*place, keyword, index), inner)


def _problems(contract: Contract) -> Iterator[tuple[Place, str]]:
    """What the generator would pass over, get wrong, or report without its place."""
    for place, node in _nodes((), contract.data):
        if place and place[-1] == "$ref" and contract.target(node) is None:
            yield place, f"$ref to {node!r}, which does not exist"
    for place, schema in contract.schemas():
        yield from _schema_problems(contract, place, schema)
    yield from _operation_problems(contract)


def _schema_problems(contract: Contract, place: Place, schema: dict[str, Any]) -> Iterator[tuple[Place, str]]:
    for keyword in schema:
        if keyword not in SCHEMA_KEYWORDS and not str(keyword).startswith("x-"):
            yield (*place, keyword), f"keyword {keyword!r} is not supported in a schema"
    if schema.get("format") in UNREADABLE_FORMATS:
        yield (*place, "format"), f"format {schema['format']!r} is not supported"
    values = schema.get("enum") or ()
    if not all(isinstance(value, str) for value in values):
        yield (*place, "enum"), "only enums of strings are supported"
    elif len({re.sub(r"\W", "_", value).upper() for value in values}) < len(values):
        yield (*place, "enum"), "two values would get the same name"
    if place[:2] == ("components", "schemas") and place[2] in RESERVED_SCHEMAS:
        yield place[:3], f"{place[2]!r} is a name that the generated code uses itself"
    yield from _union_problems(contract, place, schema)


def _union_problems(contract: Contract, place: Place, schema: dict[str, Any]) -> Iterator[tuple[Place, str]]:
    for keyword in ("anyOf", "oneOf"):
        tags: list[Any] = []
        for member in _members(contract, schema.get(keyword) or ()):
            if member.get("properties"):
                tag = contract.resolved(member["properties"].get("type")) or {}
                tags.append(tag.get("const"))
        if len(tags) > 1 and (len(set(tags)) < len(tags) or None in tags):
            yield (
                (*place, keyword),
                "objects of a union must be told apart by the const of their `type`",
            )


def _members(contract: Contract, members: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """The members of a union, those of the unions among them included."""
    for member in members:
        schema = contract.resolved(member)
        if isinstance(schema, dict):
            nested = [*(schema.get("anyOf") or ()), *(schema.get("oneOf") or ())]
            yield from _members(contract, nested) if nested else [schema]


def _operation_problems(contract: Contract) -> Iterator[tuple[Place, str]]:
    seen: dict[str, Place] = {}
    for place, operation in contract.operations():
        name = operation.get("operationId")
        if not name:
            yield place, "operation without operationId"
        elif name in seen:
            line = contract.say(seen[name], "").split(":")[1]
            yield (*place, "operationId"), f"duplicate operationId {name!r}, first on line {line}"
        else:
            seen[name] = (*place, "operationId")
        if len(operation.get("tags") or ()) != 1:
            yield place, f"operation {name!r} must have exactly one tag"
        for keyword in operation:
            if keyword not in OPERATION_KEYWORDS and not str(keyword).startswith("x-"):
                yield (*place, keyword), f"{keyword!r} is not supported in an operation"
        for listed, parameter in contract.parameters(place):
            if parameter.get("in") not in ("path", "query"):
                yield listed, f"parameters in {parameter.get('in')!r} are not supported"
            if parameter.get("name") in RESERVED_PARAMETERS:
                yield listed, f"{parameter['name']!r} is a name that the generated code uses itself"
        yield from _content_problems(contract, place, operation)


def _content_problems(
    contract: Contract, place: Place, operation: dict[str, Any]
) -> Iterator[tuple[Place, str]]:
    body = contract.resolved(operation.get("requestBody")) or {}
    types = list(body.get("content") or ())
    if len(types) > 1 or not set(types) <= {"application/json", "multipart/form-data"}:
        yield (*place, "requestBody"), f"request body of {', '.join(types)} is not supported"
    for status, answer in (operation.get("responses") or {}).items():
        content = (contract.resolved(answer) or {}).get("content") or {}
        if list(content) == ["application/octet-stream"]:
            continue
        media = content.get("application/json") or {}
        schema = contract.resolved(media.get("schema"))
        if len(content) != 1 or not isinstance(schema, dict) or not schema.get("properties"):
            problem = "a response must be application/json of a component with properties, or octet-stream"
            yield (*place, "responses", status), problem
