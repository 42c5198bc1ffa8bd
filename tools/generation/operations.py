"""The operations of a contract, with their names in Python.

What would be ignored, or written or read wrongly, is a `DocumentError`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from tools.generation.bodies import Bodies, Body, Response
from tools.generation.names import RESERVED_TAGS, module_name
from tools.generation.parameters import Parameter, Parameters
from tools.generation.reading import Shapes
from tools.openapi import Document, Place

__all__ = ["Operation", "read_operations"]


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
        self._bodies = Bodies(shapes)
        self._parameters = Parameters(shapes)

    def operation(self, place: Place, operation: dict[str, Any]) -> Operation:
        path, method = self._path(place), str(place[-1])
        tags = operation.get("tags") or ["default"]
        name = (
            operation.get("operationId")
            or f"{method}_{re.sub(r'[{}]', '', path).strip('/').replace('/', '_')}"
        )
        body = self._bodies.body(place, operation, name)
        parameters = self._parameters.read(place, path, name)
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
            responses=self._bodies.responses(place, operation, name),
            place=place,
        )

    def _path(self, place: Place) -> str:
        # A path may be a reference to one of `components: pathItems:`, and then stands elsewhere.
        for path in self.document.data["paths"]:
            if self.document.resolve(("paths", path))[0] == place[:-1]:
                return str(path)
        raise KeyError(place)

    def _secure(self, place: Place, operation: dict[str, Any]) -> bool:
        """Return whether a key is needed. Raises if one is not enough, or cannot be sent as described."""
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
        if "//" in path or any(segment in (".", "..") for segment in path.split("/")):
            raise document.error(
                place,
                f"the path {path!r} has an empty segment, or one that leads to another path: write it out",
            )
        if re.sub(r"{[^{}]+}", "", path).strip("/").count("{") or "}" in re.sub(r"{[^{}]+}", "", path):
            raise document.error(place, f"the path {path!r} has an unmatched brace")
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
        if package in RESERVED_TAGS:
            raise document.error(
                (*operation.place, "tags"),
                f"{package!r} is a name that the generated code uses itself: write another tag",
            )
        if tags.setdefault(package, operation.tag) != operation.tag:
            raise document.error(
                (*operation.place, "tags"),
                f"the tags {tags[package]!r} and {operation.tag!r} would both be the package {package}: "
                "rename one",
            )


def _check_links(document: Document, operations: list[Operation]) -> None:
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
            _check_link(document, where, link, operations)


def _check_link(document: Document, place: Place, link: dict[str, Any], operations: list[Operation]) -> None:
    by_id = {operation.id: operation for operation in operations}
    by_place = {operation.place: operation for operation in operations}
    if "operationId" in link and "operationRef" in link:
        raise document.error(place, "a link with both `operationId` and `operationRef`: write one of them")
    if "operationId" not in link and "operationRef" not in link:
        raise document.error(place, "a link without `operationId`: name an operation")
    if "operationId" in link:
        found = by_id.get(link["operationId"])
        if found is None:
            raise document.error(
                (*place, "operationId"),
                f"a link to {link['operationId']!r}, which is not an operation: name one",
            )
    else:
        target = document.place(link["operationRef"])
        found = by_place.get(document.resolve(target[:-1])[0] + target[-1:]) if target else None
        if found is None:
            problem = "does not exist here" if target is None else "is not an operation"
            raise document.error(
                (*place, "operationRef"),
                f"a link to {link['operationRef']!r}, which {problem}: name an operation",
            )
    taken = {name for it in found.parameters for name in (it.name, f"{it.where}.{it.name}")}
    given_values = link.get("parameters")
    for name in given_values if isinstance(given_values, dict) else ():
        if name not in taken:
            raise document.error(
                (*place, "parameters", name), f"{found.id} has no parameter {name!r}: leave it out"
            )
