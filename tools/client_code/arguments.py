"""Arguments of generated methods: the parameters of an operation and the fields of its request body."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from tools.generation.names import parameter_names
from tools.generation.parameters import schema_place
from tools.generation.schemas import Places, Schemas
from tools.openapi import Document, Place

from .extension import Extension, Refusal, near
from .names import Model, argument_name

__all__ = ["Argument", "Body", "component", "read_arguments"]

# Names that generated functions use themselves, in addition to their arguments.
_RESERVED = frozenset(
    "self settings request operation operations body plan listing size partial "
    "act as_json fetch remove require require_argument min str".split()
)
_PAGING = frozenset({"after", "limit", "page_size", "read"})
_SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
_MAX_DEPTH = 4


@dataclass(frozen=True)
class _Shape:
    """Python type of a schema.

    Attributes:
        type: annotation of a value, without None.
        form: `scalar`, `object`, or `mixed` for lists and unions.
        is_nullable: whether the value may be null.
        values: the values of an enum.
    """

    type: str
    form: str
    is_nullable: bool = False
    values: tuple[str, ...] = ()

    @property
    def annotation(self) -> str:
        """Annotation of a value that is not left out."""
        return f"{self.type} | None" if self.is_nullable and self.type != "Any" else self.type


_ANYTHING = _Shape("Any", "mixed")


@dataclass(frozen=True)
class Argument:
    """One argument of a method.

    Attributes:
        contract_name: its name in the contract.
        name: its name in Python.
        keyword: its keyword in `build_request`; empty for a field of the body.
        source: `path`, `query`, `header`, `cookie` or `body`.
        shape: its type.
        is_required: whether callers must pass it.
        description: its description in the contract.
        maximum: the largest number allowed, if any.
    """

    contract_name: str
    name: str
    keyword: str
    source: str
    shape: _Shape
    is_required: bool
    description: str
    maximum: int | None = None

    @property
    def annotation(self) -> str:
        """Type annotation, including None if the argument may be left out or null."""
        return replace(self.shape, is_nullable=self.shape.is_nullable or not self.is_required).annotation

    @property
    def declaration(self) -> str:
        """Declaration of the argument in a signature."""
        return f"{self.name}: {self.annotation}{'' if self.is_required else ' = None'}"

    @property
    def is_paging(self) -> bool:
        """True if it selects a page of a list: the cursor `after`, or the size `limit`."""
        paging = {"after": "str", "limit": "int"}
        is_same = self.source == "query" and self.contract_name == self.name
        return is_same and paging.get(self.name) == self.shape.type

    @property
    def is_text(self) -> bool:
        """True if it is a string of any content, as ids are."""
        return self.shape.type == "str" and not self.shape.values


@dataclass(frozen=True)
class Body:
    """Request body of an operation: its class, and whether it is always sent."""

    model: Model
    is_required: bool


def read_arguments(
    contract: Document, place: Place, operation: dict[str, Any], client: Extension
) -> tuple[list[Argument], Body | None]:
    """Return the body and the arguments: those of the path, then required ones, then the rest."""
    found = list(_parameters(contract, place, client))
    body, fields = _body(contract, place, operation, client)
    found += fields
    known = {argument.contract_name for argument in found}
    for name in client.arguments:
        if name not in known:
            problem = f"{name!r} is neither a parameter nor a field of the body: {near(name, known)}"
            raise Refusal((*client.place, "arguments", name), problem)
    _check_names(client, found)
    return sorted(found, key=lambda a: (a.source != "path", not a.is_required)), body


def component(contract: Document, schema: object) -> str | None:
    """Return the name of the component that a schema is a reference to."""
    if not isinstance(schema, dict) or "$ref" not in schema:
        return None
    place, _ = contract.resolve(contract.target(schema))
    return str(place[-1])


def description(contract: Document, schema: object) -> str:
    """Return the description of a schema, or of the component that it is a reference to."""
    own = schema.get("description") if isinstance(schema, dict) else None
    return str(own or contract.keywords(schema).get("description", ""))


def _parameters(contract: Document, place: Place, client: Extension) -> Iterator[Argument]:
    schemas = Schemas(contract)
    listed = {(node["in"], node["name"]): (at, node) for at, node in contract.parameters(place)}
    keywords = dict(zip(listed, parameter_names(list(listed)), strict=True))
    segments = dict.fromkeys(re.findall(r"{([^}]+)}", str(place[1])))
    for segment in segments:
        if ("path", segment) not in listed:
            raise Refusal(
                place, f"the path has {segment!r}, which is not a path parameter of the operation: add it"
            )
    order = [("path", segment) for segment in segments] + [key for key in listed if key[0] != "path"]
    for source, name in order:
        at, parameter = listed[source, name]
        where = schema_place(contract, at)
        shape = _ANYTHING if where is None else _shape(schemas, (where,))
        limits = {} if where is None else schemas.flat((where,)).keywords
        if source == "path" and shape.type not in ("str", "int", "float"):
            raise Refusal(
                at, f"path parameter {name!r} must be a string or a number: use `plan: custom` for any other"
            )
        yield Argument(
            contract_name=name,
            name=client.arguments.get(name, argument_name(name)),
            keyword=keywords[source, name],
            source=source,
            shape=shape,
            is_required=source == "path" or bool(parameter.get("required")),
            description=parameter.get("description") or f"`{name}` in the contract.",
            maximum=limits.get("maximum"),
        )


def _body(
    contract: Document, place: Place, operation: dict[str, Any], client: Extension
) -> tuple[Body | None, list[Argument]]:
    request = contract.mapping(operation, "requestBody", follow=True)
    if not request:
        return None, []
    content = request.get("content") or {}
    name = component(contract, (content.get("application/json") or {}).get("schema"))
    schemas = Schemas(contract)
    flat = schemas.flat((("components", "schemas", name),)) if name else None
    if len(content) != 1 or name is None or flat is None or not flat.properties:
        problem = "the body is not JSON of one component with properties: use `plan: custom`"
        raise Refusal((*place, "requestBody"), problem)
    body = Body(Model(name), bool(request.get("required")))
    required = flat.keywords.get("required", ()) if body.is_required else ()
    fields = [
        Argument(
            contract_name=field,
            name=client.arguments.get(field, argument_name(field)),
            keyword="",
            source="body",
            shape=_shape(schemas, places),
            is_required=field in required,
            description=description(contract, contract.at(places[-1])) or f"`{field}` in the contract.",
        )
        for field, places in flat.properties.items()
        if not schemas.flat(places).keywords.get("readOnly")
    ]
    return body, fields


def _check_names(client: Extension, found: list[Argument]) -> None:
    seen: dict[str, Argument] = {}
    for argument in found:
        name = argument.name
        key = (*client.place, "arguments", argument.contract_name)
        if name in seen:
            first = seen[name].contract_name
            problem = f"{first!r} and {argument.contract_name!r} both become the argument {name!r}"
            raise Refusal(key, f"{problem}: rename one in `arguments`")
        seen[name] = argument
        if name in _RESERVED or (client.plan == "page" and name in _PAGING and not argument.is_paging):
            problem = f"the argument {name!r} has a name that methods use: rename it in `arguments`"
            raise Refusal(key, problem)


def _shape(schemas: Schemas, places: Places, depth: int = 0) -> _Shape:
    if depth > _MAX_DEPTH:
        return _ANYTHING
    flat = schemas.flat(places)
    if flat.union:
        return _union(schemas, flat.union, depth)
    kept = [name for name in flat.types if name != "null"]
    is_nullable = len(kept) < len(flat.types)
    values = [value for value in flat.keywords.get("enum", ()) if value is not None]
    if flat.properties and kept in ([], ["object"]):
        return _Shape("ApiObject | Mapping[str, Any]", "object", is_nullable)
    if values and not kept:
        kept = ["string" if isinstance(values[0], str) else "integer"]
    if len(kept) != 1:
        return _Shape("Any", "mixed", is_nullable)
    if kept[0] == "object":
        inner = flat.additional
        of_texts = isinstance(inner, tuple) and schemas.flat(inner).types == ("string",)
        return _Shape(f"Mapping[str, {'str' if of_texts else 'Any'}]", "object", is_nullable)
    if kept[0] == "array":
        item = _shape(schemas, flat.items, depth + 1) if flat.items else _ANYTHING
        return _Shape(f"Sequence[{item.annotation}]", "mixed", is_nullable)
    return _Shape(_SCALARS.get(kept[0], "Any"), "scalar", is_nullable, tuple(map(str, values)))


def _union(schemas: Schemas, members: Places, depth: int) -> _Shape:
    kept = [member for member in members if schemas.flat((member,)).types != ("null",)]
    shapes = [_shape(schemas, (member,), depth + 1) for member in kept]
    is_nullable = len(kept) < len(members) or any(shape.is_nullable for shape in shapes)
    if len(shapes) == 1:
        return replace(shapes[0], is_nullable=is_nullable)
    if shapes and all(shape.form == "object" for shape in shapes):
        return _Shape("ApiObject | Mapping[str, Any]", "object", is_nullable)
    return _Shape("Any", "mixed", is_nullable)
