"""The generated module `views/objects`: classes of the client for objects of the contract with a view."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from string import Formatter
from typing import Any

from tools.openapi import Document, Place
from tools.openapi.grammar import every_schema

from .extension import Refusal, near, refused
from .source import docstring, exported, header, imports, paragraphs
from .view_fields import Field, Vocabulary

__all__ = ["View", "read_views", "views_module"]

_KEYS = ("view", "shows")
# Names that the module imports for other purposes.
_TAKEN = frozenset({"Field", "View"})


@dataclass(frozen=True)
class View:
    """A view of the client.

    Attributes:
        name: name of its class.
        place: where the contract names it first.
        components: the components that have it.
        description: the first component's description.
        fields: the attributes, those of all components.
        shows: the text of its short form, with fields in braces; None for the usual one.
    """

    name: str
    place: Place
    components: Sequence[str]
    description: str
    fields: Sequence[Field]
    shows: str | None


def read_views(contract: Document, statuses: Mapping[str, str], identifiers: Collection[str]) -> list[View]:
    """Read the views, in the order of the contract. Raises `DocumentError` with a line for each problem.

    Args:
        contract: the contract.
        statuses: names of the client's enums by component.
        identifiers: names of the client's classes of identifiers.
    """
    named: dict[str, str] = {}
    viewed: list[tuple[Place, dict[str, Any]]] = []
    refusals: list[Refusal] = []
    taken = {*statuses.values(), *identifiers, *_TAKEN}
    for place, schema in every_schema(contract):
        # Enums are read by `statuses`, training methods by `training`, properties with their object.
        data = schema.get("x-client")
        is_method = isinstance(data, dict) and "method" in data and len(place) == 3
        if data is not None and "enum" not in schema and not is_method:
            try:
                if not _is_property(contract, place):
                    named[str(place[-1])] = _name(place, schema, taken)
                    viewed.append((place, schema))
            except Refusal as refusal:
                refusals.append(refusal)
    views: dict[str, View] = {}
    vocabulary = Vocabulary(contract, named, statuses, identifiers)
    for place, schema in viewed:
        try:
            view = _read(vocabulary, place, schema)
            views[view.name] = _joined(views[view.name], view) if view.name in views else view
        except Refusal as refusal:
            refusals.append(refusal)
    if refusals:
        raise refused(contract, refusals)
    return list(views.values())


def views_module(views: Sequence[View], statuses: Collection[str], identifiers: Collection[str]) -> str:
    """Write the module."""
    text = (
        "A field that the server left out, or sent as null or as a value of another type, reads as `None`, "
        "or as empty if the attribute is never `None`. Times are aware datetimes in UTC; `to_dict()` returns "
        "the server's values."
    )
    return "\n".join(
        [
            header("Views of the API's objects", paragraphs(text, 0)),
            "from __future__ import annotations",
            "from . import field_readers",
            *imports([("..errors", "printable")]),
            *imports(("..identifiers", name) for name in identifiers),
            *imports(("..statuses", name) for name in statuses),
            *imports((".field_readers", name) for name in _TAKEN),
            exported([view.name for view in views]),
            *map(_class, views),
        ]
    )


def _class(view: View) -> str:
    lines = [f"class {view.name}(View):", _described(view), "    __slots__ = ()", ""]
    for field in view.fields:
        if not field.is_custom:
            wire = "" if field.wire == field.name else f", {field.wire!r}"
            lines.append(f"    {field.name} = Field({field.reader}{wire})")
            lines += [docstring(field.description, margin=4)] if field.description else []
    if view.shows is not None:
        shown = f"<{view.name} {view.shows}>".replace("{", "{self.")
        lines += ["    def __repr__(self) -> str:", f"        return printable(f{shown!r})"]
    return "\n".join(lines)


def _described(view: View) -> str:
    first, _, rest = view.description.partition(". ")
    first = f"{first.rstrip('.')}." if first else f"View of `{view.components[0]}`."
    components = ", ".join(f"`{component}`" for component in view.components)
    source = f"Source: {components} in the contract."
    return docstring(first, paragraphs(rest, 4), paragraphs(source, 4), margin=4)


def _is_property(contract: Document, place: Place) -> bool:
    """Return whether a schema is a property of an object with a view. Raises `Refusal` if it is neither."""
    if place[:2] == ("components", "schemas"):
        outer = contract.data["components"]["schemas"][place[2]].get("x-client")
        if len(place) == 5 and place[3] == "properties" and isinstance(outer, dict) and "view" in outer:
            return True
        if len(place) == 3:
            return False
    problem = "x-client is only for operations, for components that are enums or objects, and for properties"
    raise Refusal((*place, "x-client"), f"{problem} of objects with a view")


def _name(place: Place, schema: Mapping[str, Any], taken: Collection[str]) -> str:
    """Read the name of a view. Raises `Refusal`."""
    data = schema["x-client"]
    place = (*place, "x-client")
    if not isinstance(data, dict) or "view" not in data:
        raise Refusal(place, "x-client of an object must be a mapping with view: NameOfTheClass")
    for key in data:
        if key not in _KEYS:
            raise Refusal((*place, key), f"x-client of an object has no key {key!r}: {near(str(key), _KEYS)}")
    name = data["view"]
    if not isinstance(name, str) or not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name):
        raise Refusal((*place, "view"), f"{name!r} is not the name of a class")
    if name in taken:
        raise Refusal((*place, "view"), f"{name!r} is already the name of something else")
    return name


def _read(vocabulary: Vocabulary, place: Place, schema: Mapping[str, Any]) -> View:
    """Read the view of a component. Raises `Refusal`."""
    properties = schema.get("properties")
    if not properties:
        raise Refusal((*place, "x-client", "view"), "the object has no properties, which a view needs")
    required = schema.get("required") or ()
    fields: dict[str, Field] = {}
    for wire, inner in properties.items():
        field = vocabulary.field((*place, "properties", wire), inner, is_required=wire in required)
        if field:
            first = fields.setdefault(field.name, field)
            if first is not field:
                problem = f"{wire!r} and {first.wire!r} would both be the attribute {field.name!r}"
                raise Refusal(field.place, problem)
    data = schema["x-client"]
    return View(
        name=data["view"],
        place=(*place, "x-client", "view"),
        components=[str(place[-1])],
        description=" ".join((schema.get("description") or "").split()),
        fields=list(fields.values()),
        shows=_shows((*place, "x-client", "shows"), data.get("shows"), fields),
    )


def _shows(place: Place, text: object, fields: Collection[str]) -> str | None:
    """Read the text of a short form. Raises `Refusal`."""
    if text is None:
        return None
    if not isinstance(text, str):
        raise Refusal(place, "`shows` must be a string with fields in braces, such as '{id}: {status}'")
    try:
        parts = list(Formatter().parse(text))
    except ValueError as error:
        raise Refusal(place, f"shows: {error}") from None
    for _, name, form, conversion in parts:
        if name is not None and (form or conversion or name not in fields):
            shown = name + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "")
            raise Refusal(place, f"shows: there is no field {shown!r}: {near(name, fields)}")
    if "{{" in text or "}}" in text:
        raise Refusal(place, "shows: doubled braces are not supported: leave them out")
    return str(text)


def _joined(first: View, other: View) -> View:
    """Join the views of two components with the same name. Raises `Refusal`."""
    if other.shows not in (None, first.shows):
        raise Refusal(
            (*other.place[:-1], "shows"),
            f"{first.components[0]} has a different short form for the same view: write the same one",
        )
    fields = {field.name: field for field in first.fields}
    for field in other.fields:
        fields[field.name] = _wider(fields.get(field.name, field), field, first.components[0])
    return replace(first, components=[*first.components, *other.components], fields=list(fields.values()))


def _wider(first: Field, other: Field, component: str) -> Field:
    """Return a field that reads the values of both; integers of one may be numbers in the other."""
    if (first.wire, first.reader) == (other.wire, other.reader):
        return first
    readers = sorted({first.reader, other.reader})
    if first.wire == other.wire and readers == ["field_readers.number", "field_readers.whole"]:
        return replace(first, reader=readers[0])
    raise Refusal(other.place, f"{other.wire!r} has a different type in {component}, which has the same view")
