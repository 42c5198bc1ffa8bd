"""Training formats of a contract: components for the lines of data files, not for requests or responses.

A component with `x-training-format`, whose value names the format, and those to which only such ones refer,
have no models. They are written as data, a copy each for the client and the emulator, which derive their
checks from it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tools.openapi import Document

__all__ = ["COPIES", "MARK", "check", "format_schemas", "references", "roots", "without"]

MARK = "x-training-format"

COPIES = (
    "overlay/finetuning_client/data/training_formats.json",
    "emulator/finetuning_emulator/simulation/training_formats.json",
)
"""Paths of the copies, relative to the project's directory. The emulator must not read the client's."""

# Keywords that are for people only, or repeat what the members of a union say.
_LEFT_OUT = frozenset({"description", "title", "deprecated", "discriminator", "example", "examples", MARK})


def roots(document: Document) -> dict[str, str]:
    """Return the component of each training format, by the name of the format."""
    return {
        component[MARK]: name
        for name, component in _components(document).items()
        if isinstance(component, dict) and isinstance(component.get(MARK), str)
    }


def check(document: Document) -> None:
    """Raise `DocumentError` for a mark that is not a name, or that two components have."""
    found: dict[str, str] = {}
    for name, component in _components(document).items():
        if not isinstance(component, dict) or MARK not in component:
            continue
        place, mark = ("components", "schemas", name, MARK), component[MARK]
        if not isinstance(mark, str) or not mark:
            raise document.error(place, f"`{MARK}` must be the name of a format, as text, not {mark!r}")
        if found.setdefault(mark, name) != name:
            raise document.error(
                place, f"{mark!r} is the format of {found[mark]} already: write another name"
            )


def without(document: Document) -> Document:
    """Return the document without the parts that only training formats need."""
    formats = roots(document)
    if not formats:
        return document
    components = document.data["components"]
    schemas = components["schemas"]
    left_out = _reached(document, [{"$ref": f"#/components/schemas/{name}"} for name in formats.values()])
    others = {name: one for name, one in schemas.items() if name not in left_out}
    needed = _reached(document, {**document.data, "components": {**components, "schemas": others}})
    kept = {name: one for name, one in schemas.items() if name in needed or name in others}
    inner = {**components, "schemas": kept}
    data = {**document.data, "components": inner}
    lines = dict(document.lines)
    for new, old in ((data, document.data), (inner, components), (kept, components["schemas"])):
        lines[id(new)] = document.lines.get(id(old), {})
    return replace(document, data=data, lines=lines)


def format_schemas(document: Document) -> str:
    """Return the formats and the schemas that they need as JSON, a line each."""
    formats = roots(document)
    components = _components(document)
    names = _reached(document, [{"$ref": f"#/components/schemas/{name}"} for name in formats.values()])
    lines = [f'"formats":{json.dumps(formats, sort_keys=True)}']
    written = (f"{json.dumps(name)}:{json.dumps(_plain(components[name]))}" for name in sorted(names))
    lines.append('"schemas":{\n' + ",\n".join(written) + "\n}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _components(document: Document) -> dict[str, Any]:
    return document.mapping(document.mapping(document.data, "components"), "schemas")


def _reached(document: Document, part: Any) -> set[str]:
    """Return the names of the component schemas that a part of the document leads to."""
    components = _components(document)
    reached: set[str] = set()
    open_parts = [part]
    while open_parts:
        for name in references(open_parts.pop()):
            if name in components and name not in reached:
                reached.add(name)
                open_parts.append(components[name])
    return reached


def references(part: Any, prefix: str = "#/components/schemas/") -> Iterator[str]:
    """Yield the names of the schemas that a part of a document refers to."""
    if isinstance(part, dict):
        reference = part.get("$ref")
        if isinstance(reference, str):
            yield reference.removeprefix(prefix)
        for value in part.values():
            yield from references(value, prefix)
    elif isinstance(part, list):
        for value in part:
            yield from references(value, prefix)


def _plain(schema: Any) -> Any:
    """Return a schema without keywords for people; references are replaced by the names of components."""
    if isinstance(schema, list):
        return [_plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if key not in _LEFT_OUT}
    written = {key: _plain(value) for key, value in kept.items() if key not in ("properties", "$ref")}
    if "properties" in schema:
        written["properties"] = {name: _plain(inner) for name, inner in schema["properties"].items()}
    if "$ref" in schema:
        written["$ref"] = schema["$ref"].removeprefix("#/components/schemas/")
    return written
