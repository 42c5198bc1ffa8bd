"""The operations of a document, with their shared parts in place: what a call sends and receives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tools.comparison.document import Document

__all__ = ["Body", "Operation", "Parameter", "operations"]

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
# What a parameter's values look like when the contract does not say.
_STYLES = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}


@dataclass(frozen=True)
class Parameter:
    """One parameter: `location` is path, query, header or cookie."""

    name: str
    location: str
    required: bool
    deprecated: bool
    style: str
    schema: Any


@dataclass(frozen=True)
class Body:
    """What is sent or received: a schema and the styles of form fields, by media type."""

    required: bool
    content: Mapping[str, Any]
    encoding: Mapping[str, str]


@dataclass(frozen=True)
class Operation:
    """One method of one path. `responses` are by status; `security` says which keys it takes."""

    method: str
    path: str
    name: str
    tags: str
    security: str
    deprecated: bool
    parameters: tuple[Parameter, ...]
    body: Body | None
    responses: Mapping[str, Body]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def operations(document: Document) -> Iterator[Operation]:
    """Every operation, in the order of the document.

    Raises:
        DocumentError: A part of the contract is not what OpenAPI has there.
    """
    for path, item in document.data["paths"].items():
        shared = document.resolved(item, f"path {path}")
        for method in _METHODS:
            if method in shared:
                yield _operation(document, str(path), method, shared)


def _operation(document: Document, path: str, method: str, item: dict[str, Any]) -> Operation:
    here = f"{method.upper()} {path}"
    node = document.mapping(item[method], here)
    parameters: dict[tuple[str, str], Parameter] = {}
    for source in (item, node):
        for listed in document.items(source.get("parameters"), f"parameters of {here}"):
            parameter = _parameter(document, listed, here)
            parameters[parameter.location, parameter.name] = parameter
    responses = document.mapping(node.get("responses"), f"responses of {here}")
    return Operation(
        method=method.upper(),
        path=path,
        name=str(node.get("operationId", here)),
        tags=", ".join(str(tag) for tag in document.items(node.get("tags"), f"tags of {here}")),
        security=_security(document, node.get("security", document.data.get("security")), here),
        deprecated=node.get("deprecated") is True,
        parameters=tuple(parameters.values()),
        body=_body(document, node["requestBody"], here) if "requestBody" in node else None,
        responses={
            str(status).upper(): _body(document, answer, f"response {status} of {here}")
            for status, answer in responses.items()
        },
    )


def _parameter(document: Document, listed: Any, here: str) -> Parameter:
    node = document.resolved(listed, f"a parameter of {here}")
    name, location = str(node.get("name")), str(node.get("in"))
    schema = node.get("schema", {})
    for typed in document.mapping(node.get("content"), f"parameter {name} of {here}").values():
        schema = document.mapping(typed, f"parameter {name} of {here}").get("schema", {})
    style = node.get("style", _STYLES.get(location, "simple"))
    return Parameter(
        name=name,
        location=location,
        required=node.get("required") is True,
        deprecated=node.get("deprecated") is True,
        style=_style(str(style), node),
        schema=schema,
    )


def _body(document: Document, listed: Any, here: str) -> Body:
    node = document.resolved(listed, here)
    content, encoding = {}, {}
    for written, typed in document.mapping(node.get("content"), f"content of {here}").items():
        media = document.mapping(typed, f"content of {here}")
        name = str(written).split(";")[0].strip().lower()
        content[name] = media.get("schema", {})
        for field, how in document.mapping(media.get("encoding"), f"encoding of {here}").items():
            parts = document.mapping(how, f"encoding of {field} of {here}")
            encoding[str(field)] = _encoding(parts)
    return Body(node.get("required") is True, content, encoding)


def _style(style: str, node: dict[str, Any]) -> str:
    explode = node.get("explode", style in ("form", "deepObject"))
    return f"{style}, exploded" if explode else style


def _encoding(node: dict[str, Any]) -> str:
    words = [str(node["contentType"])] if "contentType" in node else []
    if "style" in node or "explode" in node:
        words.append(_style(str(node.get("style", "form")), node))
    return " as ".join(words) or "plain"


def _security(document: Document, listed: Any, here: str) -> str:
    choices = [
        " and ".join(sorted(str(key) for key in document.mapping(choice, f"security of {here}")))
        for choice in document.items(listed, f"security of {here}")
    ]
    return " or ".join(sorted(choice or "none" for choice in choices)) or "none"
