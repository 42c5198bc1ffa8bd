"""Fields of views: how an attribute reads a property of the contract, and its `x-client`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tools.openapi import Document, Place

from .extension import Refusal, near
from .names import argument_name

__all__ = ["Field", "Vocabulary"]

_READERS = "field_readers"
_CUSTOM = "custom"
_PLAIN = {"boolean": "flag", "integer": "whole", "number": "number", "string": "text"}
_NUMERIC = frozenset({"whole", "number", "moment"})
_TEXTUAL = frozenset({"text", "text_as"})
# Names that an attribute cannot have: methods of views and of models, and the module of the readers.
_RESERVED = frozenset({"to_dict", "from_dict", "additional_properties", "additional_keys", _READERS})


@dataclass(frozen=True)
class _Reader:
    """A reader of `field_readers`.

    Attributes:
        name: name of the function.
        argument: argument of the call, if the function returns a reader.
    """

    name: str
    argument: str = ""

    def __str__(self) -> str:
        return f"{_READERS}.{self.name}{f'({self.argument})' if self.argument else ''}"

    @property
    def is_many(self) -> bool:
        """True if it reads a list or a dict, which is empty instead of None."""
        return self.name in ("mapping", "items", "list_of")


@dataclass(frozen=True)
class Field:
    """An attribute of a view.

    Attributes:
        name: its name.
        wire: name of the property in the contract.
        place: where the property is in the contract.
        description: the contract's description.
        reader: the expression that reads it; empty when it is written by hand.
    """

    name: str
    wire: str
    place: Place
    description: str
    reader: str

    @property
    def is_custom(self) -> bool:
        """True if it is written by hand."""
        return not self.reader


@dataclass(frozen=True)
class Vocabulary:
    """The classes that values of properties may have on the client.

    Attributes:
        contract: the contract.
        views: names of views by component.
        statuses: names of enums by component.
        identifiers: names of identifiers' classes.
    """

    contract: Document
    views: Mapping[str, str]
    statuses: Mapping[str, str]
    identifiers: Collection[str]

    def field(self, place: Place, schema: Any, *, is_required: bool) -> Field | None:
        """Read a property of an object; None for a fixed value. Raises `Refusal`."""
        schema = schema if isinstance(schema, dict) else {}
        wire = str(place[-1])
        name = argument_name(wire)
        extension = _extension((*place, "x-client"), schema.get("x-client", {}))
        leaves = list(self._leaves(schema))
        if len(leaves) == 1 and "const" in leaves[0][1] and name != "type":
            if extension:
                raise Refusal((*place, "x-client"), f"{wire!r} has a fixed value, so it is not an attribute")
            return None
        if name in _RESERVED:
            raise Refusal(place, f"{wire!r} is a name that views use themselves")
        resolved = self.contract.keywords(schema)
        description = schema.get("description") or resolved.get("description") or ""
        reader = ""
        if extension.get("type") != _CUSTOM:
            found = self._typed((*place, "x-client", "type"), self._reader(leaves), extension)
            is_id = is_required and (_kind(found) in self.identifiers or (wire == "id" and str(found) == _ID))
            absent = extension.get("absent", "" if is_id else None)
            reader = self._complete((*place, "x-client", "absent"), found, absent)
        elif "absent" in extension:
            raise Refusal(
                (*place, "x-client", "absent"), "`absent` has no effect with `type: custom`: leave it out"
            )
        return Field(name, wire, place, _in_python(description), reader)

    def _leaves(
        self, schema: Any, component: str = "", seen: tuple[Any, ...] = ()
    ) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the alternatives of a schema other than null, each with the name of its component."""
        schema = schema if isinstance(schema, dict) else {}
        if "$ref" in schema:
            reference = schema["$ref"]
            if reference not in seen:
                named = str(reference).rpartition("/")[2]
                target = self.contract.at(self.contract.target(schema))
                yield from self._leaves(target, named, (*seen, reference))
            return
        whole = schema.get("allOf") or ()
        members = schema.get("anyOf") or schema.get("oneOf") or (whole if len(whole) == 1 else ())
        for member in members:
            yield from self._leaves(member, component, seen)
        if not members:
            types = schema.get("type")
            for kind in types if isinstance(types, list) else [types]:
                if kind != "null":
                    yield component, {**schema, "type": kind}

    def _reader(self, leaves: list[tuple[str, Mapping[str, Any]]]) -> _Reader:
        """Choose the reader of a value with these alternatives."""
        numbers = [leaf for leaf in leaves if leaf[1].get("const") != "auto"]
        readers = set(map(self._leaf_reader, numbers))
        names = {reader.name for reader in readers}
        if len(numbers) < len(leaves) and names and names <= {"whole", "number"}:
            return _Reader(f"{'number' if 'number' in names else 'whole'}_or_auto")
        if numbers != leaves:
            readers.add(_Reader("text"))
            names.add("text")
        if len(readers) == 1:
            return readers.pop()
        if names == {"whole", "number"}:
            return _Reader("number")
        if names and names <= _TEXTUAL:
            return _Reader("text")
        return _Reader("mapping" if names and names <= {"mapping", "view"} else "anything")

    def _leaf_reader(self, leaf: tuple[str, Mapping[str, Any]]) -> _Reader:
        component, schema = leaf
        kind = schema.get("type") or ("string" if isinstance(schema.get("const"), str) else None)
        if component in self.views:
            return _Reader("view", f"lambda: {self.views[component]}")
        if component in self.statuses:
            return _Reader("text_as", self.statuses[component])
        if kind == "array":
            return self._array_reader(schema.get("items") or {})
        if kind == "object" or "properties" in schema or "allOf" in schema:
            return _Reader("mapping")
        if schema.get("format") == "unixtime" and kind in ("integer", "number"):
            return _Reader("moment")
        if schema.get("format") == "date" and kind == "string":
            return _Reader("day")
        return _Reader(_PLAIN.get(str(kind), "anything"))

    def _array_reader(self, schema: Mapping[str, Any]) -> _Reader:
        item = self._reader(list(self._leaves(schema)))
        # Items that may be null, or have no single type, stay as they are, at the same index.
        if item.name == "anything" or item.is_many or _admits_null(self.contract, schema):
            return _Reader("items")
        return _Reader("list_of", str(item))

    def _typed(self, place: Place, reader: _Reader, extension: Mapping[str, Any]) -> _Reader:
        """Apply the type of the extension to a reader."""
        if "type" not in extension:
            return reader
        kind = extension["type"]
        if kind == "time":
            if reader.name not in _NUMERIC:
                raise Refusal(place, "`type: time` is only for numbers")
            return _Reader("moment")
        if kind not in self.identifiers:
            known = {*self.identifiers, "time", _CUSTOM}
            raise Refusal(place, f"there is no type {kind!r}: {near(str(kind), known)}")
        if reader.name == "list_of" and reader.argument == _ID:
            return _Reader("list_of", str(_Reader("text_as", kind)))
        if str(reader) != _ID:
            raise Refusal(place, f"`type: {kind}` is only for strings and arrays of strings")
        return _Reader("text_as", kind)

    def _complete(self, place: Place, reader: _Reader, absent: Any) -> str:
        """Write the expression of a reader with the value for an absent property."""
        if absent is None:
            return str(reader)
        if reader.name == "view" and absent == {}:
            return str(_Reader("view_or_empty", reader.argument))
        is_flag = isinstance(absent, bool)
        fits = {
            "text": isinstance(absent, str),
            "text_as": isinstance(absent, str),
            "flag": is_flag,
            "whole": isinstance(absent, int) and not is_flag,
            "number": isinstance(absent, int | float) and not is_flag,
        }
        if not fits.get(reader.name):
            raise Refusal(place, f"absent: {absent!r} is not a value that this property can have")
        # The YAML reader returns subclasses, which print differently.
        written = repr(next(kind(absent) for kind in (bool, int, float, str) if isinstance(absent, kind)))
        value = f"{reader.argument}({written})" if reader.name == "text_as" else written
        return str(_Reader("or_else", f"{reader}, {value}"))


_ID = str(_Reader("text"))


def _in_python(description: str) -> str:
    """Return a description of JSON data in terms of Python: a time is a datetime, and null is None."""
    return re.sub(r"\bnull\b", "`None`", description.replace("in Unix seconds", "in UTC"))


def _kind(reader: _Reader) -> str:
    """Return the class of the texts that a reader reads."""
    return reader.argument if reader.name == "text_as" else ""


def _admits_null(contract: Document, schema: Mapping[str, Any]) -> bool:
    """Return whether null is one of the alternatives of a schema."""
    found = contract.keywords(schema)
    types = found.get("type")
    members = found.get("anyOf") or found.get("oneOf") or ()
    return (
        types == "null"
        or (isinstance(types, list) and "null" in types)
        or any(_admits_null(contract, member) for member in members)
    )


def _extension(place: Place, data: object) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise Refusal(place, "x-client of a property must be a mapping with type or absent")
    for key in data:
        if key not in ("type", "absent"):
            known = near(str(key), ("type", "absent"))
            raise Refusal((*place, key), f"x-client of a property has no key {key!r}: {known}")
    return data
