"""The limits of the contract as data for checks at run time: `schemas.json` and `parameters.json`.

Schemas are written flat, without `allOf` and without anything beside a `$ref`. Formats that define what texts
look like become a `pattern`, and those of whole numbers a range, so that a checker needs to know only
the limits.
"""

from __future__ import annotations

import json
from typing import Any

from tools.generation.contract import Contract
from tools.generation.parameters import Parameter, schema_place
from tools.generation.schemas import FORMAT_PATTERNS, FORMAT_RANGES, Flat, Places, Schemas

__all__ = ["parameters_text", "schemas_text"]

# Keywords that are for people only.
_LEFT_OUT = frozenset("description title example examples $comment externalDocs".split())


def schemas_text(contract: Contract) -> str:
    """Return the component schemas by name, a line each, so that a diff shows the schema that changed."""
    writer = _Writer(contract.shapes.schemas)
    components = (contract.document.data.get("components") or {}).get("schemas") or {}
    return _lines({name: writer.schema((("components", "schemas", name),)) for name in components})


def parameters_text(contract: Contract) -> str:
    """Return the parameters of each operation by its id, a line each: where they go, and their schemas.

    The key of a parameter is its name; if an operation has two of one name, the later one has `query.name`.
    """
    writer = _Writer(contract.shapes.schemas)
    document: dict[str, Any] = {}
    for operation in contract.operations:
        found: dict[str, Any] = {}
        for parameter in operation.parameters:
            key = parameter.name if parameter.name not in found else f"{parameter.where}.{parameter.name}"
            found[key] = {
                "in": parameter.where,
                "required": parameter.required,
                "schema": _schema(contract, writer, parameter),
            }
        if found:
            document[operation.id] = found
    return _lines(document)


def _schema(contract: Contract, writer: _Writer, parameter: Parameter) -> dict[str, Any]:
    place = schema_place(contract.document, parameter.place)
    return {} if place is None else writer.schema((place,))


def _lines(document: dict[str, Any]) -> str:
    lines = (
        f"{json.dumps(name)}:{json.dumps(value, sort_keys=True, separators=(',', ':'))}"
        for name, value in sorted(document.items())
    )
    return "{\n" + ",\n".join(lines) + "\n}\n"


class _Writer:
    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._open: list[Places] = []

    def schema(self, places: Places) -> dict[str, Any]:
        alias = self._schemas.alias(places)
        node = self._schemas.document.at(places[-1])
        if alias is not None:
            kept = {
                key: node[key] for key in ("default", "deprecated", "readOnly", "writeOnly") if key in node
            }
            return {"$ref": f"#/components/schemas/{alias}", **kept}
        if places in self._open:
            raise self._schemas.document.error(
                places[-1],
                "an object that contains itself, with other keys beside its `$ref`: leave these out",
            )
        self._open.append(places)
        written = self._written(self._schemas.flat(places))
        self._open.pop()
        return written

    def _written(self, flat: Flat) -> dict[str, Any]:
        written = {
            key: value
            for key, value in flat.keywords.items()
            if key not in _LEFT_OUT and not key.startswith("x-") and key != "required"
        }
        if flat.properties:
            written["properties"] = {name: self.schema(places) for name, places in flat.properties.items()}
        required = [name for name in flat.keywords.get("required", ()) if not self._is_read_only(flat, name)]
        if required or flat.keywords.get("required") == []:
            written["required"] = required
        if flat.additional is not True:
            additional = flat.additional
            written["additionalProperties"] = self.schema(additional) if additional else False
        if flat.items:
            written["items"] = self.schema(flat.items)
        if flat.names:
            written["propertyNames"] = self.schema(flat.names)
        if flat.union:
            written[str(flat.union[0][-2])] = [self.schema((place,)) for place in flat.union]
        _add_format(written)
        return written

    def _is_read_only(self, flat: Flat, name: str) -> bool:
        return self._schemas.flat(flat.properties[name]).keywords.get("readOnly") is True


def _add_format(written: dict[str, Any]) -> None:
    name = written.get("format", "")
    if name in FORMAT_RANGES:
        limit = FORMAT_RANGES[name]
        written["minimum"] = max(written.get("minimum", -limit), -limit)
        written["maximum"] = min(written.get("maximum", limit - 1), limit - 1)
    if name in FORMAT_PATTERNS:
        own = written.get("pattern")
        looks = FORMAT_PATTERNS[name]
        # A text must match both; each lookahead starts at the beginning.
        written["pattern"] = rf"^(?={looks[1:]})(?=[\s\S]*?(?:{own}))" if own else looks
