"""Parameters: the place of each in a request, and the form of its value there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from tools.generation.media_types import media_kind
from tools.generation.names import parameter_names, pascal_case
from tools.generation.reading import Shapes, with_deprecation
from tools.generation.shapes import (
    Anything,
    Binary,
    ListOf,
    MapOf,
    Named,
    Plain,
    Shape,
    is_object,
    members,
    parts,
)
from tools.openapi import Document, Place

__all__ = ["Parameter", "Parameters", "schema_place"]

# The headers that a client writes itself, each with the part of OpenAPI for it. OpenAPI ignores
# parameters with the first three names.
_OWN_HEADERS = {
    "authorization": "describe it with `security`",
    "content-type": "describe it with `content`",
    "accept": "describe it with `content`",
    "cookie": "write a parameter `in: cookie`",
    **dict.fromkeys(("connection", "content-length", "host", "transfer-encoding"), "leave it out"),
}
_STYLES = {
    "path": {"simple": "simple", "label": "label", "matrix": "matrix"},
    "query": {
        "form": "form",
        "spaceDelimited": "spaces",
        "pipeDelimited": "pipes",
        "deepObject": "deep",
    },
    "header": {"simple": "simple"},
    "cookie": {"form": "form"},
}


@dataclass(frozen=True)
class Parameter:
    """A parameter: its names, its place in the request, and how its value is written.

    Attributes:
        style: how lists and objects are written: the style of OpenAPI, with `*` when each item is written
            separately; `json` for a parameter that is described by `content`.
    """

    name: str
    python: str
    where: str
    required: bool
    shape: Shape
    style: str
    description: str
    deprecated: bool
    place: Place

    @property
    def nullable(self) -> bool:
        """True if null is a value of the parameter."""
        return Plain("None") in members(self.shape)


def schema_place(document: Document, place: Place) -> Place | None:
    """Return where the schema of a parameter stands; None when its `content` has none."""
    node = document.at(place)
    if "content" not in node:
        return (*place, "schema")
    ((media_type, media),) = node["content"].items()
    return (*place, "content", media_type, "schema") if "schema" in media else None


class Parameters:
    """Reader of the parameters of a document's operations."""

    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes
        self.document = shapes.document

    def read(self, place: Place, path: str, name: str) -> list[Parameter]:
        """Read the parameters of an operation and its path: those in the path first, in its order."""
        self._check_twice(place)
        read = [
            self._parameter(where, parameter, name) for where, parameter in self.document.parameters(place)
        ]
        in_path = re.findall(r"{([^}]*)}", path)
        given = [parameter.name for parameter in read if parameter.where == "path"]
        for segment in in_path:
            if segment not in given:
                raise self.document.error(
                    place, f"the path has {{{segment}}}, which is not among its parameters: add it"
                )
        for parameter in read:
            if parameter.where == "path" and parameter.name not in in_path:
                raise self.document.error(
                    parameter.place,
                    f"{parameter.name!r} is not in the path: write {{{parameter.name}}} there",
                )
        return self._distinct(
            sorted(read, key=lambda it: in_path.index(it.name) if it.where == "path" else len(in_path))
        )

    def _check_twice(self, place: Place) -> None:
        for holder in (place, place[:-1]):
            seen: set[tuple[str, str]] = set()
            listed = self.document.at(holder).get("parameters", ())
            for index in range(len(listed)):
                _, parameter = self.document.resolve((*holder, "parameters", index))
                key = (parameter["in"], parameter["name"])
                if key in seen:
                    raise self.document.error(
                        (*holder, "parameters", index), f"a second {key[1]!r} in {key[0]}: leave it out"
                    )
                seen.add(key)

    def _distinct(self, parameters: list[Parameter]) -> list[Parameter]:
        """Give the parameters their names in Python; `DocumentError` if two would have the same one."""
        names = parameter_names([(it.where, it.name) for it in parameters])
        made = [replace(it, python=name) for it, name in zip(parameters, names, strict=True)]
        for index, parameter in enumerate(made):
            for other in made[:index]:
                if other.python == parameter.python:
                    raise self.document.error(
                        parameter.place,
                        f"{other.name!r} and {parameter.name!r} would both be {other.python} in Python: "
                        "rename one",
                    )
        return made

    def _parameter(self, place: Place, node: dict[str, Any], operation: str) -> Parameter:
        where, name = node["in"], node["name"]
        self._check_parameter(place, node)
        schema = schema_place(self.document, place)
        shape = Anything() if schema is None else self.shapes.shape(schema, pascal_case(operation), name)
        style = "json" if "content" in node else self._style(place, node, shape)
        text = node.get("description", "")
        deprecated = node.get("deprecated", False)
        if schema is not None:
            keywords = self.shapes.schemas.flat((schema,)).keywords
            own = self.document.at(schema)
            text = text or (own.get("description", "") if isinstance(own, dict) else "")
            if keywords.get("default") is not None:
                text = f"{text.rstrip()} Default: {keywords['default']!r}.".lstrip()
            deprecated = deprecated or self.shapes.is_deprecated((schema,), shape)
        return Parameter(
            name,
            "",
            where,
            node.get("required", False),
            shape,
            style,
            with_deprecation(text, deprecated),
            deprecated,
            place,
        )

    def _check_parameter(self, place: Place, node: dict[str, Any]) -> None:
        error = self.document.error
        where, name = node["in"], node["name"]
        if ("schema" in node) == ("content" in node):
            raise error(place, f"the parameter {name!r} needs either `schema` or `content`")
        if "content" in node and (
            len(node["content"]) != 1 or media_kind(next(iter(node["content"]))) != "json"
        ):
            raise error(
                (*place, "content"), "`content` must be application/json: write that, or use `schema`"
            )
        if "content" in node and ("style" in node or "explode" in node):
            raise error(place, "`style` and `explode` have no effect beside `content`: leave them out")
        if where == "path" and node.get("required") is not True:
            raise error(place, f"the parameter {name!r} is in the path: write `required: true`")
        if where == "header" and name.lower() in _OWN_HEADERS:
            advice = _OWN_HEADERS[name.lower()]
            raise error(place, f"the header {name} is not written as a parameter: {advice}")
        if where in ("header", "cookie") and not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
            raise error((*place, "name"), f"{name!r} cannot be the name of a {where}")
        for keyword in ("allowReserved", "allowEmptyValue"):
            if node.get(keyword):
                raise error((*place, keyword), f"`{keyword}` is not supported: leave it out")

    def _style(self, place: Place, node: dict[str, Any], shape: Shape) -> str:
        where = node["in"]
        default = "form" if where in ("query", "cookie") else "simple"
        given = node.get("style", default)
        style = _STYLES[where].get(given)
        if style is None:
            allowed = ", ".join(_STYLES[where])
            raise self.document.error(
                (*place, "style"),
                f"`style: {given}` is not a style of {where} parameters: write one of {allowed}",
            )
        explode = node.get("explode", given == "form")
        given_as = [part for part in members(shape) if part != Plain("None")]
        objects = [part for part in given_as if is_object(part)]
        lists = [part for part in given_as if isinstance(part, ListOf)]
        self._check_nesting(place, shape, style, given_as)
        if style == "deep":
            if len(objects) < len(given_as) and given_as != [Anything()]:
                raise self.document.error(
                    (*place, "style"), "`style: deepObject` is only for objects: write `style: form`"
                )
            if node.get("explode") is False:
                raise self.document.error(
                    (*place, "explode"), "`style: deepObject` does not allow `explode: false`: leave it out"
                )
            return style
        if style in ("spaces", "pipes"):
            if len(lists) < len(given_as):
                raise self.document.error(
                    (*place, "style"), f"`style: {given}` is only for lists: write `style: form`"
                )
            if node.get("explode") is True:
                raise self.document.error((*place, "explode"), f"`style: {given}` needs `explode: false`")
            return style
        if where == "cookie" and explode and (objects or lists):
            raise self.document.error(place, "a list or an object in a cookie needs `explode: false`")
        return f"{style}*" if explode else style

    def _check_nesting(self, place: Place, shape: Shape, style: str, given_as: list[Shape]) -> None:
        """Raise for lists of lists, and for objects of objects except in deepObject: no style writes them."""
        for member in given_as:
            inner: Iterable[Shape] = ()
            if isinstance(member, ListOf):
                inner = [member.item]
            elif isinstance(member, MapOf):
                inner = [member.value]
            elif isinstance(member, Named) and member.base == "ApiObject":
                inner = [field.shape for field in self.shapes.fields(member.name)]
            flat = [part for one in inner for part in members(one)]
            if style != "deep" and any(isinstance(part, ListOf | MapOf) or is_object(part) for part in flat):
                raise self.document.error(
                    place,
                    "nested lists and objects cannot be written in a parameter: "
                    "write `content: application/json`",
                )
        if any(isinstance(part, Binary) for part in parts(shape)):
            raise self.document.error(place, "`format: binary` is only for bodies: write `type: string`")
