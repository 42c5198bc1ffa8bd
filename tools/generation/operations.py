"""The operations of a contract: where each parameter goes, what a body is written as, and what each response is.

What would be ignored, or written or read wrongly, is a `DocumentError`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tools.generation.names import module_name, parameter_name, pascal_case
from tools.generation.shapes import (
    Anything,
    Binary,
    Const,
    ListOf,
    MapOf,
    ModelClass,
    Named,
    Plain,
    Shape,
    Shapes,
    Text,
    Union,
    parts,
)
from tools.openapi import Document, Place

__all__ = ["Body", "Content", "Operation", "Parameter", "Response", "read_operations"]

# The headers that a client writes by itself; OpenAPI ignores parameters of these names.
_OWN_HEADERS = frozenset({"accept", "content-type", "authorization"})
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
        style: how lists and objects are written: the style of OpenAPI, with `*` when each item is written by itself;
            `json` for a parameter that is described by `content`.
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
        """Whether null is a value of the parameter."""
        members = self.shape.members if isinstance(self.shape, Union) else (self.shape,)
        return Plain("None") in members


@dataclass(frozen=True)
class Content:
    """A body of one media type. `kind` is json, form, multipart, text or binary."""

    media_type: str
    kind: str
    shape: Shape
    encodings: dict[str, str]


@dataclass(frozen=True)
class Body:
    """A request body, in any of several media types."""

    required: bool
    description: str
    contents: list[Content]


@dataclass(frozen=True)
class Response:
    """A documented response: its status, such as 200, 4XX or default, and its content, which may be none."""

    status: str
    contents: list[Content]


@dataclass(frozen=True)
class Operation:
    """An operation, with its names in Python."""

    id: str
    module: str
    tag: str
    method: str
    path: str
    summary: str
    description: str
    deprecated: bool
    secure: bool
    parameters: list[Parameter]
    body: Body | None
    responses: list[Response]
    place: Place


def read_operations(document: Document, shapes: Shapes) -> list[Operation]:
    """Return the operations of a document whose structure is right."""
    reader = _Reader(document, shapes)
    _check_paths(document)
    operations = [reader.operation(place, operation) for place, operation in document.operations()]
    _check_names(document, operations)
    _check_links(document, operations)
    return operations


class _Reader:
    def __init__(self, document: Document, shapes: Shapes) -> None:
        self.document = document
        self.shapes = shapes

    def operation(self, place: Place, operation: dict[str, Any]) -> Operation:
        path, method = self._path(place), str(place[-1])
        tags = operation.get("tags") or ["default"]
        name = (
            operation.get("operationId")
            or f"{method}_{re.sub(r'[{}]', '', path).strip('/').replace('/', '_')}"
        )
        body = self._body(place, operation, name)
        parameters = self._parameters(place, path, name)
        return Operation(
            id=name,
            module=module_name(name),
            tag=tags[0],
            method=method,
            path=path,
            summary=operation.get("summary", ""),
            description=operation.get("description", ""),
            deprecated=operation.get("deprecated", False),
            secure=self._secure(place, operation),
            parameters=parameters,
            body=body,
            responses=self._responses(place, operation, name),
            place=place,
        )

    def _path(self, place: Place) -> str:
        # A path may be a reference to one of `components: pathItems:`, and then stands elsewhere.
        for path in self.document.data["paths"]:
            if self.document.resolve(("paths", path))[0] == place[:-1]:
                return str(path)
        raise KeyError(place)

    def _parameters(self, place: Place, path: str, name: str) -> list[Parameter]:
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
        """Tell parameters of the same name by where they are, as the generator does by itself."""
        names = [parameter.python for parameter in parameters]
        made = [
            Parameter(**{**vars(it), "python": f"{it.python.rstrip('_')}_{it.where}"})
            if names.count(it.python) > 1
            else it
            for it in parameters
        ]
        for index, parameter in enumerate(made):
            for other in made[:index]:
                if other.python == parameter.python:
                    raise self.document.error(
                        parameter.place,
                        f"{other.name!r} and {parameter.name!r} would both be {other.python} in Python: rename one",
                    )
        return made

    def _parameter(self, place: Place, node: dict[str, Any], operation: str) -> Parameter:
        where, name = node["in"], node["name"]
        self._check_parameter(place, node)
        if "content" in node:
            ((media_type, media),) = node["content"].items()
            inner: Place = (*place, "content", media_type, "schema")
            shape = (
                self.shapes.shape(inner, pascal_case(operation), name) if "schema" in media else Anything()
            )
            style = "json"
        else:
            shape = self.shapes.shape((*place, "schema"), pascal_case(operation), name)
            style = self._style(place, node, shape)
        schema = {} if "content" in node else self.document.at((*place, "schema"))
        text = node.get("description") or (schema.get("description", "") if isinstance(schema, dict) else "")
        default = self.shapes.schemas.flat(((*place, "schema"),)).keywords.get("default") if schema else None
        if default is not None:
            text = f"{text.rstrip()} Default: {default!r}.".lstrip()
        deprecated = node.get("deprecated", False)
        return Parameter(
            name,
            parameter_name(name),
            where,
            node.get("required", False),
            shape,
            style,
            f"Deprecated. {text}".rstrip() if deprecated else text,
            deprecated,
            place,
        )

    def _check_parameter(self, place: Place, node: dict[str, Any]) -> None:
        error = self.document.error
        where, name = node["in"], node["name"]
        if ("schema" in node) == ("content" in node):
            raise error(place, f"the parameter {name!r} needs either `schema` or `content`")
        if "content" in node and (len(node["content"]) != 1 or _kind(next(iter(node["content"]))) != "json"):
            raise error(
                (*place, "content"), "a parameter is written as application/json, or described by `schema`"
            )
        if "content" in node and ("style" in node or "explode" in node):
            raise error(place, "`style` and `explode` have no effect beside `content`: leave them out")
        if where == "path" and node.get("required") is not True:
            raise error(place, f"the parameter {name!r} is in the path: write `required: true`")
        if where == "header" and name.lower() in _OWN_HEADERS:
            advice = "`security`" if name.lower() == "authorization" else "`content`"
            raise error(place, f"the header {name} is not written as a parameter: describe it by {advice}")
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
                (*place, "style"), f"style {given} is not one for {where}: write one of {allowed}"
            )
        explode = node.get("explode", given == "form")
        members = [
            part
            for part in (shape.members if isinstance(shape, Union) else (shape,))
            if part != Plain("None")
        ]
        objects = [part for part in members if _is_object(part)]
        lists = [part for part in members if isinstance(part, ListOf)]
        self._check_nesting(place, shape, style, members)
        if style == "deep":
            if len(objects) < len(members) and members != [Anything()]:
                raise self.document.error(
                    (*place, "style"), "style deepObject is for objects: write style form"
                )
            if node.get("explode") is False:
                raise self.document.error(
                    (*place, "explode"), "style deepObject has no form with `explode: false`"
                )
            return style
        if style in ("spaces", "pipes"):
            if len(lists) < len(members):
                raise self.document.error((*place, "style"), f"style {given} is for lists: write style form")
            if node.get("explode") is True:
                raise self.document.error(
                    (*place, "explode"), f"style {given} is written with `explode: false`"
                )
            return style
        if where == "cookie" and explode and (objects or lists):
            raise self.document.error(
                place, "a list or an object in a cookie is written with `explode: false`"
            )
        return f"{style}*" if explode else style

    def _check_nesting(self, place: Place, shape: Shape, style: str, members: list[Shape]) -> None:
        """No style writes lists of lists, or objects of objects except deepObject."""
        for member in members:
            inner: Iterable[Shape] = ()
            if isinstance(member, ListOf):
                inner = [member.item]
            elif isinstance(member, MapOf):
                inner = [member.value]
            elif isinstance(member, Named) and member.base == "ApiObject":
                inner = [field.shape for field in self.shapes.fields(member.name)]
            flat = [part for one in inner for part in (one.members if isinstance(one, Union) else (one,))]
            if style != "deep" and any(isinstance(part, ListOf | MapOf) or _is_object(part) for part in flat):
                raise self.document.error(
                    place,
                    "lists and objects within another cannot be written in a parameter: write `content: application/json`",
                )
        if any(isinstance(part, Binary) for part in parts(shape)):
            raise self.document.error(place, "format binary is for bodies: write `type: string`")

    def _body(self, place: Place, operation: dict[str, Any], name: str) -> Body | None:
        if "requestBody" not in operation:
            return None
        where, node = self.document.resolve((*place, "requestBody"))
        if not node["content"]:
            raise self.document.error(
                (*where, "content"), "a request body without content: name its media type"
            )
        several = len(node["content"]) > 1
        contents = []
        for media_type, media in node["content"].items():
            inner: Place = (*where, "content", media_type)
            kind = _kind(media_type)
            own = f"{pascal_case(kind)}Body" if several else "body"
            if "*" in media_type:
                raise self.document.error(inner, f"a request needs one media type, not {media_type}: name it")
            if kind == "unknown":
                raise self.document.error(
                    inner,
                    f"a request body of {media_type} cannot be written: write JSON, a form, text or bytes",
                )
            contents.append(self._content(inner, media_type, media, (name, own)))
        return Body(node.get("required", False), node.get("description", ""), contents)

    def _content(
        self, place: Place, media_type: str, media: dict[str, Any], names: tuple[str, str]
    ) -> Content:
        kind = _kind(media_type)
        error = self.document.error
        shape: Shape = Anything()
        if "schema" in media:
            shape = self.shapes.shape((*place, "schema"), pascal_case(names[0]), names[1])
        inner = (*place, "schema")
        if kind in ("form", "multipart") and not _is_object(shape):
            raise error(
                inner, f"{media_type} is written from an object: write `type: object` with its fields"
            )
        if kind == "text" and shape not in (Plain("str"), Anything()) and not _is_text(shape):
            raise error(inner, f"{media_type} is text: write `type: string`")
        if kind == "binary" and shape not in (Binary(), Anything()):
            raise error(
                inner, f"{media_type} is read and written as bytes: write `type: string` and `format: binary`"
            )
        if kind == "unknown" and shape not in (Binary(), Anything()):
            raise error(
                place, f"only JSON and text are read, not {media_type}: write `format: binary`, or JSON"
            )
        if "encoding" in media and kind not in ("form", "multipart"):
            raise error((*place, "encoding"), "`encoding` is for forms: leave it out")
        encodings = self._encodings(place, kind, shape, media.get("encoding") or {})
        if kind == "text":
            shape = Plain("str")
        elif kind in ("binary", "unknown"):
            kind, shape = "binary", Binary()
        return Content(media_type, kind, shape, encodings)

    def _encodings(self, place: Place, kind: str, shape: Shape, given: dict[str, Any]) -> dict[str, str]:
        """How each field of a form that is not text is written: deep, json, form, or the media type of a part."""
        found: dict[str, str] = {}
        fields = {it.name: it.shape for it in self.shapes.fields(shape.name)} if isinstance(shape, Named) else {}
        for name, encoding in given.items():
            inner: Place = (*place, "encoding", name)
            if fields and name not in fields:
                raise self.document.error(inner, f"the form has no field {name!r}")
            if encoding.get("headers") or encoding.get("allowReserved"):
                raise self.document.error(
                    inner, "headers and allowReserved of a part are not supported: leave them out"
                )
            style, content_type = encoding.get("style"), encoding.get("contentType")
            if style == "deepObject":
                found[name] = "deep"
            elif style in ("spaceDelimited", "pipeDelimited") or (
                style == "form" and encoding.get("explode") is False
            ):
                raise self.document.error(
                    inner, f"style {style} is not supported in a form: write deepObject, or form with explode"
                )
            elif content_type is not None and _kind(content_type.split(",")[0]) == "json":
                found[name] = "json"
            elif content_type is not None and kind == "form":
                raise self.document.error(inner, f"a field of a urlencoded form cannot be {content_type}")
            elif content_type is not None and "*" not in content_type:
                found[name] = content_type.partition(",")[0].strip()
        for name, field in fields.items():
            if kind == "form" and name not in found and any(_is_nested(part) for part in _members(field)):
                raise self.document.error(
                    place,
                    f"the field {name!r} is an object or a list of them: write `encoding: {name}: style: deepObject`, "
                    "or `contentType: application/json`",
                )
        return found

    def _responses(self, place: Place, operation: dict[str, Any], name: str) -> list[Response]:
        found = []
        for status in operation["responses"]:
            if status.startswith("x-"):
                continue
            inner = (*place, "responses", status)
            if not re.fullmatch(r"[1-5](\d\d|XX)|default", status):
                raise self.document.error(
                    inner, f"{status!r} is no status: write one such as '404', 4XX or default"
                )
            where, response = self.document.resolve(inner)
            contents = [
                self._content(
                    (*where, "content", media_type), media_type, media, (name, f"response_{status}")
                )
                for media_type, media in (response.get("content") or {}).items()
            ]
            for content in contents:
                if content.kind in ("form", "multipart"):
                    raise self.document.error(
                        inner, f"only JSON, text and bytes are read, not {content.media_type}"
                    )
            found.append(Response(status, contents))
        if not found:
            raise self.document.error((*place, "responses"), "no response: name at least the one of success")
        # The order in which they are tried: a status, a range, the rest.
        return sorted(found, key=lambda it: (it.status == "default", it.status.endswith("XX"), it.status))

    def _secure(self, place: Place, operation: dict[str, Any]) -> bool:
        """Whether a key is needed; raises when one key is not enough or is given in a way that is not written."""
        where: Place = (*place, "security") if "security" in operation else ("security",)
        required = operation.get("security", self.document.data.get("security") or [])
        schemes = (self.document.data.get("components") or {}).get("securitySchemes") or {}
        for index, requirement in enumerate(required):
            inner = (*where, index)
            if len(requirement) > 1:
                raise self.document.error(inner, "two keys at once are not supported: name one scheme")
            for name in requirement:
                if name not in schemes:
                    raise self.document.error(
                        (*inner, name), f"{name!r} is not one of `components: securitySchemes:`: add it there"
                    )
                self._check_scheme(("components", "securitySchemes", name))
        return bool(required) and {} not in required

    def _check_scheme(self, place: Place) -> None:
        where, scheme = self.document.resolve(place)
        if scheme["type"] == "apiKey" and not ("in" in scheme and "name" in scheme):
            raise self.document.error(where, "an API key needs `in` and `name`: say where it goes")
        if scheme["type"] == "http" and str(scheme.get("scheme", "")).lower() not in ("bearer", "basic"):
            raise self.document.error(
                where, f"the scheme {scheme.get('scheme')!r} is not supported: write bearer or basic"
            )


def _kind(media_type: str) -> str:
    essence = media_type.partition(";")[0].strip().lower()
    if essence == "application/json" or essence.endswith("+json"):
        return "json"
    if essence.startswith("text/"):
        return "text"
    kinds = {
        "application/x-www-form-urlencoded": "form",
        "multipart/form-data": "multipart",
        "application/octet-stream": "binary",
    }
    return kinds.get(essence, "unknown")


def _members(shape: Shape) -> tuple[Shape, ...]:
    return shape.members if isinstance(shape, Union) else (shape,)


def _is_object(shape: Shape) -> bool:
    members = [member for member in _members(shape) if member != Plain("None")]
    return bool(members) and all(
        isinstance(member, MapOf) or (isinstance(member, Named) and member.base == "ApiObject")
        for member in members
    )


def _is_nested(shape: Shape) -> bool:
    return _is_object(shape) or (isinstance(shape, ListOf) and not _is_plain(shape.item))


def _is_plain(shape: Shape) -> bool:
    return all(
        not isinstance(member, ListOf | MapOf) and not _is_object(member) for member in _members(shape)
    )


def _is_text(shape: Shape) -> bool:
    return (
        isinstance(shape, Text | Binary)
        or (isinstance(shape, Named) and shape.base == "str")
        or (isinstance(shape, Const) and isinstance(shape.value, str))
    )


def _check_paths(document: Document) -> None:
    seen: dict[str, str] = {}
    for path in document.data["paths"]:
        if path.startswith("x-"):
            continue
        place = ("paths", path)
        if not path.startswith("/"):
            raise document.error(place, f"the path {path!r} must begin with a slash: write '/{path}'")
        if re.search(r"[?#\s]", path):
            raise document.error(
                place, f"the path {path!r} has a query, a fragment or a space: write parameters instead"
            )
        if re.sub(r"{[^{}]+}", "", path).strip("/").count("{") or "}" in re.sub(r"{[^{}]+}", "", path):
            raise document.error(place, f"the path {path!r} has a brace without its other one")
        alike = re.sub(r"{[^}]*}", "{}", path)
        if alike in seen:
            raise document.error(place, f"the path {path} is the same as {seen[alike]}: write one of them")
        seen[alike] = path


def _check_names(document: Document, operations: list[Operation]) -> None:
    ids: dict[str, Operation] = {}
    modules: dict[tuple[str, str], Operation] = {}
    tags: dict[str, str] = {}
    for operation in operations:
        place = (*operation.place, "operationId")
        other = ids.setdefault(operation.id, operation)
        if other is not operation:
            line = document.line((*other.place, "operationId"))
            raise document.error(
                place, f"duplicate operationId {operation.id!r}, first on line {line}: write another"
            )
        package = module_name(operation.tag)
        other = modules.setdefault((package, operation.module), operation)
        if other is not operation:
            raise document.error(
                place, f"{other.id!r} and {operation.id!r} would both be {operation.module}.py: rename one"
            )
        if tags.setdefault(package, operation.tag) != operation.tag:
            raise document.error(
                (*operation.place, "tags"),
                f"the tags {tags[package]!r} and {operation.tag!r} would both be the package {package}: rename one",
            )


def _check_links(document: Document, operations: list[Operation]) -> None:
    ids = {operation.id for operation in operations}
    holders: list[Place] = [("components", "links")]
    for operation in operations:
        for status in document.at(operation.place)["responses"]:
            if not status.startswith("x-"):
                where, _ = document.resolve((*operation.place, "responses", status))
                holders.append((*where, "links"))
    for holder in holders:
        links = (
            (document.data.get("components") or {}).get("links")
            if len(holder) == 2
            else document.at(holder[:-1]).get("links")
        )
        for name in links or {}:
            where, link = document.resolve((*holder, name))
            if "operationId" in link and link["operationId"] not in ids:
                raise document.error(
                    (*where, "operationId"),
                    f"a link to {link['operationId']!r}, which is no operation: name one",
                )
            if "operationRef" in link and document.place(link["operationRef"]) is None:
                raise document.error(
                    (*where, "operationRef"),
                    f"a link to {link['operationRef']!r}, which does not exist here: name an operation",
                )
            if "operationId" not in link and "operationRef" not in link:
                raise document.error(where, "a link without `operationId`: name an operation")
