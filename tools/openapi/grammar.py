"""The objects of OpenAPI 3.1: the keys of each, their kinds, and the keys that are not supported here.

Every key of a document is on one of the lists below. Any other key is refused, since the generator would
silently ignore it. Extension keys, `x-...`, are allowed anywhere.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from tools.openapi.document import Document, DocumentError, Place
from tools.openapi.wording import named, spelled

__all__ = ["EXTENSIONS", "OBJECTS", "OF_KIND", "REFUSED", "Part", "check_structure", "every_schema", "parts"]

# Kinds: text, flag, number, count, any, the name of an object below, [kind] for a list, {kind} for a map,
# kind& if a `$ref` is allowed instead, and words between quotes for a choice. A star marks what is
# required.
_OBJECTS = """
Document: openapi*=text info*=Info servers=[Server] paths*={PathItem&} components=Components
    security=[{[text]}] tags=[Tag] externalDocs=any
Info: title*=text version*=text summary=text description=text termsOfService=text contact=any license=any
Server: url*=text description=text variables=any
Tag: name*=text description=text externalDocs=any
Components: schemas={Schema} responses={Response&} parameters={Parameter&} requestBodies={RequestBody&}
    headers={Header&} securitySchemes={SecurityScheme&} pathItems={PathItem&} links={Link&} examples=any
PathItem: summary=text description=text parameters=[Parameter&] get=Operation put=Operation post=Operation
    delete=Operation options=Operation head=Operation patch=Operation trace=Operation
Operation: operationId=text tags=[text] summary=text description=text externalDocs=any deprecated=flag
    security=[{[text]}] parameters=[Parameter&] requestBody=RequestBody& responses*={Response&}
Parameter: name*=text in*="query path header cookie" required=flag description=text deprecated=flag
    schema=Schema style="form simple label matrix spaceDelimited pipeDelimited deepObject" explode=flag
    content={MediaType} allowEmptyValue=flag allowReserved=flag example=any examples=any
RequestBody: content*={MediaType} required=flag description=text
MediaType: schema=Schema encoding={Encoding} x-encoding={Encoding} example=any examples=any
Encoding: contentType=text style="form spaceDelimited pipeDelimited deepObject" explode=flag headers={Header&}
    allowReserved=flag
Response: description*=text content={MediaType} headers={Header&} links={Link&}
Header: description=text required=flag deprecated=flag schema=Schema style="simple" explode=flag
    content={MediaType} example=any examples=any
Link: operationId=text operationRef=text parameters=any requestBody=any description=text
SecurityScheme: type*="apiKey http oauth2 openIdConnect" description=text name=text in="query header cookie"
    scheme=text bearerFormat=text flows=any openIdConnectUrl=text
Discriminator: propertyName*=text mapping={text}
Schema: $ref=text type=Type const=any enum=[any] format=text title=text description=text default=any
    example=any examples=any $comment=text externalDocs=any deprecated=flag readOnly=flag writeOnly=flag
    anyOf=[Schema] oneOf=[Schema] allOf=[Schema] discriminator=Discriminator
    properties={Schema} required=[text] additionalProperties=Schema propertyNames=Schema minProperties=count
    maxProperties=count items=Schema minItems=count maxItems=count uniqueItems=flag
    minimum=number maximum=number exclusiveMinimum=number exclusiveMaximum=number multipleOf=number
    minLength=count maxLength=count pattern=text
"""

# Keys of OpenAPI that this generator does not support, with what to write instead.
REFUSED: dict[str, dict[str, str]] = {
    "Document": {
        "swagger": "this is Swagger 2.0: convert the document to OpenAPI 3.1",
        "webhooks": "describe what a webhook sends as a component, and leave `webhooks` out",
        "jsonSchemaDialect": "leave it out: schemas are read as OpenAPI 3.1 defines them",
        "$self": "it is from OpenAPI 3.2: leave it out",
        "definitions": "it is from Swagger 2.0: write `components: schemas:`",
    },
    "PathItem": {
        "servers": "write one list of `servers` for the whole document",
        "query": "the method is from OpenAPI 3.2: write `post`",
        "additionalOperations": "it is from OpenAPI 3.2: write an HTTP method",
    },
    "Operation": {
        "servers": "write one list of `servers` for the whole document",
        "callbacks": "describe what a callback sends as a component, and leave `callbacks` out",
        "consumes": "it is from Swagger 2.0: write the media types in `requestBody: content:`",
        "produces": "it is from Swagger 2.0: write the media types in `responses`, `content:`",
    },
    "Parameter": {
        "type": "it is from Swagger 2.0: write it within `schema:`",
        "collectionFormat": "it is from Swagger 2.0: write `style` and `explode`",
    },
    "Components": {
        "callbacks": "leave them out",
        "mediaTypes": "it is from OpenAPI 3.2: write them inline",
    },
    "Response": {"schema": "it is from Swagger 2.0: write `content: application/json: schema:`"},
    "MediaType": {"itemSchema": "it is from OpenAPI 3.2: describe the whole body with `schema`"},
    "Link": {"server": "leave it out"},
    "Schema": {
        "nullable": "it is from OpenAPI 3.0: write `type: [string, 'null']`, or `anyOf` with `type: 'null'`",
        "xml": "only JSON and forms are written: leave it out",
        "not": "say what the value is, not what it is not",
        "if": "write `anyOf` with the cases",
        "then": "write `anyOf` with the cases",
        "else": "write `anyOf` with the cases",
        "dependentRequired": "write `anyOf` of two components, each with its `required`",
        "dependentSchemas": "write `anyOf` of two components",
        "patternProperties": "write `additionalProperties`, with `propertyNames` for what keys may be",
        "unevaluatedProperties": "write `additionalProperties`",
        "unevaluatedItems": "write `items`",
        "prefixItems": "write `items` with `anyOf` of what may stand there, and `minItems` and `maxItems`",
        "additionalItems": "write `items`",
        "contains": "describe every item with `items`",
        "minContains": "write `minItems`",
        "maxContains": "write `maxItems`",
        "contentEncoding": "write `type: string`, and say in the description how the text is encoded",
        "contentMediaType": "write `type: string`, and say in the description what the text is",
        "contentSchema": "write `type: string`, and say in the description what the text is",
        "$defs": "write a component under `components: schemas:`",
        "definitions": "write a component under `components: schemas:`",
        "$id": "leave it out: references are `#/components/schemas/NAME`",
        "$schema": "leave it out: schemas are read as OpenAPI 3.1 defines them",
        "$anchor": "write a component and a `$ref` to it",
        "$dynamicRef": "write a component and a `$ref` to it",
        "$dynamicAnchor": "write a component and a `$ref` to it",
        "$vocabulary": "leave it out",
    },
}

# The extensions that are read here, each with the objects that may have it.
EXTENSIONS: dict[str, tuple[str, ...]] = {
    "x-client": ("Operation", "Schema"),
    "x-outcomes": ("Schema",),
    "x-idle": ("Schema",),
    "x-training-format": ("Schema",),
    "x-enum-varnames": ("Schema",),
    "x-encoding": ("MediaType",),
}

_TYPES = ("string", "integer", "number", "boolean", "array", "object", "null")

# A part of a document: its place, the kind of object it is, and the object, with references followed or not.
Part = tuple[Place, str, Any]


def _table() -> dict[str, dict[str, tuple[str, bool]]]:
    table: dict[str, dict[str, tuple[str, bool]]] = {}
    for entry in _OBJECTS.replace("\n    ", " ").strip().splitlines():
        name, _, keys = entry.partition(":")
        table[name] = {}
        for key in _words(keys):
            left, _, kind = key.partition("=")
            table[name][left.rstrip("*")] = kind, left.endswith("*")
    return table


def _words(text: str) -> Iterator[str]:
    """Split at spaces that are not between quotes."""
    for index, piece in enumerate(text.split('"')):
        words = piece.split()
        if index % 2 == 0:
            yield from words[: len(words) - piece.rstrip(" ").endswith("=")]
            opening = words[-1] if piece.rstrip(" ").endswith("=") else ""
        else:
            yield f'{opening}"{piece}"'


OBJECTS = _table()


def check_structure(document: Document) -> None:
    """Raise a `DocumentError` for the first key or value that OpenAPI 3.1 or this generator does not have."""
    version = document.data.get("openapi")
    if "swagger" in document.data:
        raise document.error(("swagger",), REFUSED["Document"]["swagger"])
    if isinstance(version, str | int | float) and not re.match(r"3\.1(\.|$)", str(version)):
        raise document.error(
            ("openapi",),
            f"OpenAPI {version} is not supported: convert the document to OpenAPI 3.1",
        )
    problems = _Walk(document).problems()
    if problems:
        # A missing key may be there under a misspelt name: report that first.
        place, text = min(problems, key=lambda it: ("has no `" in it[1], document.line(it[0])))
        raise document.error(place, text)


def parts(document: Document) -> Iterator[Part]:
    """Yield every object of a document with a valid structure, each once, in the order of the document."""
    yield from _Walk(document).parts((), "Document", document.data)


@lru_cache(maxsize=2)
def every_schema(document: Document) -> tuple[tuple[Place, dict[str, Any]], ...]:
    """Return every schema of such a document with its place, those inside other schemas included.

    The result is cached: many checks need it, and a walk through a document takes long.
    """
    return tuple((place, schema) for place, kind, schema in parts(document) if kind == "Schema")


class _Walk:
    """A walk through a document along the kinds of its objects."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._found: list[tuple[Place, str]] = []

    def problems(self) -> list[tuple[Place, str]]:
        for _ in self.parts((), "Document", self._document.data):
            pass
        return self._found

    def parts(self, place: Place, kind: str, node: Any) -> Iterator[Part]:
        if kind[0] == '"':
            self._choice(place, kind, node)
        elif kind[0] in "[{":
            yield from self._items(place, kind, node)
        elif kind in _SIMPLE:
            self._simple(place, kind, node)
        elif kind == "Schema" and isinstance(node, bool):
            if not node and place[-1] != "additionalProperties":
                self._note(place, "the schema `false` is not supported: leave the part out")
        elif kind.endswith("&") and isinstance(node, dict) and "$ref" in node:
            self._reference(place, kind[:-1], node)
        elif not isinstance(node, dict):
            self._note(place, f"{_shown(place)} must be a mapping, not {named(node)}")
        else:
            yield from self._object(place, kind.rstrip("&"), node)

    def _object(self, place: Place, kind: str, node: dict[Any, Any]) -> Iterator[Part]:
        yield place, kind, node
        keys = OBJECTS[kind]
        for key, (_, required) in keys.items():
            if required and key not in node:
                self._note(place, f"{_shown(place)} has no `{key}`: add it")
        for key, value in node.items():
            inner = (*place, key)
            if not isinstance(key, str):
                self._note(inner, f"the key {spelled(key)} is not text: write '{spelled(key)}'")
            elif key in keys:
                if value is None and keys[key][0] != "any":
                    self._note(inner, f"`{key}` is empty: fill it in or leave it out")
                else:
                    yield from self.parts(inner, keys[key][0], value)
            elif key.startswith("x-"):
                self._extension(inner, kind, key)
            else:
                self._unknown(inner, kind, key)

    def _extension(self, place: Place, kind: str, key: str) -> None:
        """Check an extension that is read here; documents may have others."""
        if key in EXTENSIONS and kind not in EXTENSIONS[key]:
            holders = " or ".join(OF_KIND[name] for name in EXTENSIONS[key])
            self._note(
                place, f"`{key}` has no effect in {OF_KIND[kind]}: write it in {holders} or leave it out"
            )
        close = difflib.get_close_matches(key, EXTENSIONS, 1, 0.8)
        if close and key not in EXTENSIONS:
            self._note(place, f"`{key}` is unknown in {OF_KIND[kind]}: did you mean `{close[0]}`?")

    def _unknown(self, place: Place, kind: str, key: str) -> None:
        advice = REFUSED.get(kind, {}).get(key)
        if advice:
            self._note(place, f"`{key}` is not supported in {OF_KIND[kind]}: {advice}")
            return
        close = difflib.get_close_matches(key, OBJECTS[kind], 1, 0.75)
        hint = f"did you mean `{close[0]}`?" if close else "leave it out"
        self._note(place, f"`{key}` is unknown in {OF_KIND[kind]}: {hint}")

    def _items(self, place: Place, kind: str, node: Any) -> Iterator[Part]:
        wanted, expected = (list, "a list") if kind[0] == "[" else (dict, "a mapping")
        if not isinstance(node, wanted):
            self._note(place, f"{_shown(place)} must be {expected}, not {named(node)}")
            return
        for key, value in enumerate(node) if isinstance(node, list) else node.items():
            inner = (*place, key)
            if isinstance(node, dict) and not isinstance(key, str):
                self._note(inner, f"the key {spelled(key)} is not text: write '{spelled(key)}'")
            elif isinstance(key, str) and key.startswith("x-") and place[-1:] in (("paths",), ("responses",)):
                continue
            elif value is None and kind != "[any]":
                self._note(inner, f"{_shown(inner)} is empty: fill it in or leave it out")
            else:
                yield from self.parts(inner, kind[1:-1], value)

    def _reference(self, place: Place, kind: str, node: dict[str, Any]) -> None:
        for key in node:
            if key not in ("$ref", "summary", "description") and not str(key).startswith("x-"):
                self._note(
                    (*place, key), f"`{key}` beside `$ref` is ignored: put it into the target of the `$ref`"
                )
        try:
            target, found = self._document.resolve(place)
        except DocumentError as error:
            self._note((*place, "$ref"), str(error).split(": ", 1)[1])
            return
        section = _SECTIONS[kind]
        if target[:2] != ("components", section) or len(target) != 3 or not isinstance(found, dict):
            self._note(
                (*place, "$ref"), f"{node['$ref']!r} is not one of `components: {section}:`: name one of them"
            )

    def _simple(self, place: Place, kind: str, node: Any) -> None:
        accepted, expected = _SIMPLE[kind]
        if not accepted(node):
            quoted = (
                f": write '{spelled(node)}'" if kind == "text" and not isinstance(node, dict | list) else ""
            )
            self._note(place, f"{_shown(place)} must be {expected}, not {named(node)}{quoted}")

    def _choice(self, place: Place, kind: str, node: Any) -> None:
        words = kind.strip('"').split()
        if node not in words:
            self._note(place, f"{_shown(place)} cannot be {spelled(node)!r}: write one of {', '.join(words)}")

    def _note(self, place: Place, problem: str) -> None:
        self._found.append((place, problem))


_SECTIONS = {
    "PathItem": "pathItems",
    "Response": "responses",
    "Parameter": "parameters",
    "RequestBody": "requestBodies",
    "Header": "headers",
    "SecurityScheme": "securitySchemes",
    "Link": "links",
}
OF_KIND = {name: f"a {name}" for name in OBJECTS} | {
    "Document": "the document",
    "Info": "`info`",
    "Server": "a server",
    "Tag": "a tag",
    "Components": "`components`",
    "PathItem": "a path item",
    "Operation": "an operation",
    "Parameter": "a parameter",
    "RequestBody": "a request body",
    "MediaType": "a media type",
    "Encoding": "an encoding",
    "Response": "a response",
    "Header": "a header",
    "Link": "a link",
    "SecurityScheme": "a security scheme",
    "Discriminator": "a discriminator",
    "Schema": "a schema",
}


def _is_type(node: Any) -> bool:
    names = node if isinstance(node, list) else [node]
    return bool(names) and all(isinstance(name, str) and name in _TYPES for name in names)


def _is_number(node: Any) -> bool:
    return isinstance(node, int | float) and not isinstance(node, bool)


_SIMPLE: dict[str, tuple[Any, str]] = {
    "any": (lambda _: True, "anything"),
    "text": (lambda node: isinstance(node, str), "text"),
    "flag": (lambda node: isinstance(node, bool), "true or false"),
    "number": (_is_number, "a number"),
    "count": (lambda node: _is_number(node) and isinstance(node, int) and node >= 0, "an integer, 0 or more"),
    "Type": (_is_type, f"one of {', '.join(_TYPES)}, or a list of them"),
}


def _shown(place: Place) -> str:
    if not place:
        return "the document"
    return f"`{place[-1]}`" if isinstance(place[-1], str) else f"item {place[-1] + 1} of `{place[-2]}`"
