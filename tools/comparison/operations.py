"""The operations of a document, with their shared parts in place: requests, responses and security."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tools.comparison.extensions import extension_of
from tools.openapi import METHODS, Document

__all__ = ["Body", "Operation", "Parameter", "operations_of", "paths", "schemes"]

# The default style of a parameter, by its location.
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
        client: Its `x-client`.
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
    client: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def paths(document: Document) -> dict[Any, Any]:
    """Return the paths of a document.

    Raises:
        DocumentError: It is not an OpenAPI document.
    """
    if not isinstance(document.data.get("paths"), dict):
        raise document.error(("paths",), "not an OpenAPI document: it has no `paths` mapping")
    return document.mapping(document.data, "paths")


def operations_of(document: Document) -> Iterator[Operation]:
    """Yield every operation, in the order of the document.

    Raises:
        DocumentError: A part of the contract is not what OpenAPI requires there.
    """
    listed = paths(document)
    for path in listed:
        item = document.mapping(listed, path, follow=True)
        for method in METHODS:
            if method in item:
                yield _operation(document, str(path), method, item)


def _operation(document: Document, path: str, method: str, item: dict[str, Any]) -> Operation:
    here = f"{method.upper()} {path}"
    node = document.mapping(item, method)
    parameters: dict[tuple[str, str], Parameter] = {}
    for source in (item, node):
        listed = document.items(source, "parameters")
        for index in range(len(listed)):
            written = document.mapping(listed, index, follow=True)
            parameter = _described(document, str(written.get("name")), str(written.get("in")), written)
            parameters[parameter.location, parameter.name] = parameter
    responses = document.mapping(node, "responses")
    return Operation(
        method=method.upper(),
        path=path,
        name=str(node.get("operationId", here)),
        package=next((str(tag) for tag in document.items(node, "tags")), ""),
        security=_security(document, node if "security" in node else document.data),
        deprecated=node.get("deprecated") is True,
        parameters=tuple(parameters.values()),
        body=_body(document, node, "requestBody") if "requestBody" in node else None,
        responses={str(status).upper(): _body(document, responses, status) for status in responses},
        client=extension_of(node),
    )


def schemes(document: Document) -> dict[str, str]:
    """Return the definition of each security scheme as text, without its description.

    Raises:
        DocumentError: A part of the contract is not what OpenAPI requires there.
    """
    defined = document.mapping(document.mapping(document.data, "components"), "securitySchemes")
    return {str(name): _scheme(document.mapping(defined, name, follow=True)) for name in defined}


def _scheme(node: dict[str, Any]) -> str:
    """Return the kind of a key and how it is sent, without scopes, which operations list."""
    words = [str(node[key]) for key in ("type", "scheme", "in", "name", "openIdConnectUrl") if key in node]
    if "scheme" in node:
        words[1] = words[1].lower()  # not case-sensitive in HTTP
    flows = node.get("flows")
    if isinstance(flows, dict):
        kept = {name: _without_scopes(flow) for name, flow in flows.items()}
        words.append(json.dumps(kept, sort_keys=True, default=str))
    return " ".join(words)


def _without_scopes(flow: Any) -> Any:
    return {key: flow[key] for key in flow if key != "scopes"} if isinstance(flow, dict) else flow


def _described(document: Document, name: str, location: str, node: dict[str, Any]) -> Parameter:
    """Return a parameter or a header, which are described in the same way."""
    schema = document.schema(node, "schema")
    style = _style(str(node.get("style", _STYLES.get(location, "simple"))), node)
    content = document.mapping(node, "content")
    for media in content:
        schema = document.schema(document.mapping(content, media), "schema")
        style = str(media)
    return Parameter(
        name=name,
        location=location,
        required=node.get("required") is True,
        deprecated=node.get("deprecated") is True,
        style=style,
        schema=schema,
    )


def _body(document: Document, holder: dict[Any, Any], key: Any) -> Body:
    """Return the body of a request or a response, which are described in the same way."""
    node = document.mapping(holder, key, follow=True)
    content: dict[str, Any] = {}
    encoding: dict[str, str] = {}
    written = document.mapping(node, "content")
    for media in written:
        described = document.mapping(written, media)
        content[str(media).split(";")[0].strip().lower()] = document.schema(described, "schema")
        for where in ("encoding", "x-encoding"):
            fields = document.mapping(described, where)
            encoding.update({str(field): _encoding(document.mapping(fields, field)) for field in fields})
    named = document.mapping(node, "headers")
    headers = {
        str(name).lower(): _described(
            document, str(name), "header", document.mapping(named, name, follow=True)
        )
        for name in named
    }
    return Body(node.get("required") is True, content, encoding, headers)


def _style(style: str, node: dict[str, Any]) -> str:
    explode = node.get("explode", style in ("form", "deepObject"))
    return f"{style}, exploded" if explode else style


def _encoding(node: dict[str, Any]) -> str:
    words = [str(node["contentType"])] if "contentType" in node else []
    if "style" in node or "explode" in node:
        words.append(_style(str(node.get("style", "form")), node))
    return " as ".join(words) or "plain"


def _security(document: Document, holder: dict[str, Any]) -> frozenset[frozenset[str]]:
    listed = document.items(holder, "security")
    choices = []
    for index in range(len(listed)):
        keys = document.mapping(listed, index)
        scopes = {f"{key}: {scope}" for key in keys for scope in document.items(keys, key)}
        choices.append(frozenset({*(str(key) for key in keys), *scopes}))
    choices = choices or [frozenset()]
    # An alternative that requires more than another one has no effect.
    return frozenset(one for one in choices if not any(other < one for other in choices))
