"""The operations of a document, with their shared parts in place: requests, responses and security."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tools.comparison.document import Document

__all__ = ["METHODS", "Body", "Operation", "Parameter", "operations", "schemes"]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
# The style of a parameter when the contract does not say.
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
    """A request or response body.

    Attributes:
        required: Whether a request needs it.
        content: Schemas by media type.
        encoding: The styles of form fields.
        headers: The headers of a response, by name in lower case.
    """

    required: bool
    content: Mapping[str, Any]
    encoding: Mapping[str, str]
    headers: Mapping[str, Parameter]


@dataclass(frozen=True)
class Operation:
    """One method of one path.

    Attributes:
        package: Its first tag, which names the package of its generated module.
        security: The alternatives; each has the names of its schemes, and `name: scope` for each scope.
        responses: By status.
    """

    method: str
    path: str
    name: str
    package: str
    security: frozenset[frozenset[str]]
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
        for method in METHODS:
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
        package=next((str(tag) for tag in document.items(node.get("tags"), f"tags of {here}")), ""),
        security=_security(document, node.get("security", document.data.get("security")), here),
        deprecated=node.get("deprecated") is True,
        parameters=tuple(parameters.values()),
        body=_body(document, node["requestBody"], here) if "requestBody" in node else None,
        responses={
            str(status).upper(): _body(document, answer, f"response {status} of {here}")
            for status, answer in responses.items()
        },
    )


def schemes(document: Document) -> dict[str, str]:
    """The definition of each security scheme as text, without its description.

    Raises:
        DocumentError: A part of the contract is not what OpenAPI has there.
    """
    components = document.mapping(document.data.get("components"), "components")
    defined = document.mapping(components.get("securitySchemes"), "securitySchemes")
    return {str(name): _scheme(document.resolved(node, f"scheme {name}")) for name, node in defined.items()}


def _scheme(node: dict[str, Any]) -> str:
    words = [str(node[key]) for key in ("type", "scheme", "in", "name", "openIdConnectUrl") if key in node]
    if "flows" in node:
        words.append(json.dumps(node["flows"], sort_keys=True, default=str))
    return " ".join(words)


def _parameter(document: Document, listed: Any, here: str) -> Parameter:
    node = document.resolved(listed, f"a parameter of {here}")
    return _described(document, str(node.get("name")), str(node.get("in")), node, here)


def _described(document: Document, name: str, location: str, node: dict[str, Any], here: str) -> Parameter:
    """A parameter or a header, which are described alike."""
    schema = node.get("schema", {})
    style = str(node.get("style", _STYLES.get(location, "simple")))
    style = _style(style, node)
    for media, typed in document.mapping(node.get("content"), f"{location} {name} of {here}").items():
        schema = document.mapping(typed, f"{location} {name} of {here}").get("schema", {})
        style = str(media)
    return Parameter(
        name=name,
        location=location,
        required=node.get("required") is True,
        deprecated=node.get("deprecated") is True,
        style=style,
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
    headers = {}
    for written, described in document.mapping(node.get("headers"), f"headers of {here}").items():
        header = document.resolved(described, f"header {written} of {here}")
        headers[str(written).lower()] = _described(document, str(written), "header", header, here)
    return Body(node.get("required") is True, content, encoding, headers)


def _style(style: str, node: dict[str, Any]) -> str:
    explode = node.get("explode", style in ("form", "deepObject"))
    return f"{style}, exploded" if explode else style


def _encoding(node: dict[str, Any]) -> str:
    words = [str(node["contentType"])] if "contentType" in node else []
    if "style" in node or "explode" in node:
        words.append(_style(str(node.get("style", "form")), node))
    return " as ".join(words) or "plain"


def _security(document: Document, listed: Any, here: str) -> frozenset[frozenset[str]]:
    choices = []
    for choice in document.items(listed, f"security of {here}"):
        keys = document.mapping(choice, f"security of {here}")
        scopes = {
            f"{key}: {scope}" for key in keys for scope in document.items(keys[key], f"scopes of {here}")
        }
        choices.append(frozenset({*(str(key) for key in keys), *scopes}))
    choices = choices or [frozenset()]
    # An alternative that asks for more than another one changes nothing.
    return frozenset(one for one in choices if not any(other < one for other in choices))
