"""Translation of schemas to shapes, and to the classes that the contract needs.

Objects with fields and enums become classes: a component keeps its name, an inline one is named after where
it stands. Everything else becomes a type of other types, so a component that is a list, a map, a union or a
plain value is written out where it is used.
"""

from __future__ import annotations

import re

from tools.generation.classes import EnumClass, Field, ModelClass
from tools.generation.names import class_name, field_name, member_names, module_name, pascal_case
from tools.generation.schemas import Flat, Places, Schemas
from tools.generation.shapes import (
    Anything,
    Binary,
    Const,
    ListOf,
    MapOf,
    Named,
    Plain,
    Shape,
    Text,
    Union,
    is_read,
    members,
    parts,
)
from tools.generation.unions import Unions
from tools.openapi import Document, Place

__all__ = ["Shapes", "with_deprecation"]

# A sentence that begins with the word; a text may also mention what is deprecated elsewhere.
_DEPRECATION = re.compile(r"(?:\A|[.!?]\s+)Deprecated\b")

# Names that the modules of the models use themselves.
_RESERVED = frozenset(
    "Any ApiObject ClassVar File Literal Members READ READ_ALL Shaped Tagged UNSET UUID Unset".split()
)


class Shapes:
    """The shapes of a document's schemas, and the classes that they name."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.schemas = Schemas(document)
        self.classes: dict[str, ModelClass | EnumClass] = {}
        self._modules: dict[str, ModelClass | EnumClass] = {}
        self._by_places: dict[Places, Shape] = {}
        self._components: dict[str, Shape] = {}
        self._open: list[str] = []
        self._recursive: set[str] = set()
        self._unfinished: list[ModelClass] = []
        self._unions = Unions(self.schemas, self.classes, self._required)

    def read_components(self) -> None:
        """Make the classes of all components, so that none takes the name of an inline schema."""
        for name in (self.document.data.get("components") or {}).get("schemas") or {}:
            self.component(name)

    def finish(self) -> None:
        """Give all models their fields; call it when no more shapes will be requested."""
        while self._unfinished:
            model = self._unfinished.pop(0)
            self._fill(model)

    def fields(self, name: str) -> list[Field]:
        """Return the fields of a model before `finish`."""
        found = self.classes[name]
        if not isinstance(found, ModelClass):
            return []
        if found in self._unfinished:
            self._unfinished.remove(found)
            self._fill(found)
        return found.fields

    def models(self) -> list[ModelClass]:
        """Return the classes for objects, in the order of the contract."""
        return [found for found in self.classes.values() if isinstance(found, ModelClass)]

    def enums(self) -> list[EnumClass]:
        """Return the classes for choices, in the order of the contract."""
        return [found for found in self.classes.values() if isinstance(found, EnumClass)]

    def component(self, name: str) -> Shape:
        """Return the shape of a component.

        Raises:
            DocumentError: it cannot be generated, or it contains itself otherwise than in a field.
        """
        if name in self._components:
            return self._components[name]
        place: Place = ("components", "schemas", name)
        if name in self._open:
            self._recursive.add(name)
            return Anything()
        self._open.append(name)
        made = self._shape((place,), "", name)
        self._open.pop()
        if name in self._recursive and (made == Anything() or any(is_read(part) for part in parts(made))):
            raise self.document.error(
                place,
                f"{name} contains itself through lists, maps or unions: "
                "make it an object that has itself in a field",
            )
        self._components[name] = made
        return made

    def shape(self, place: Place, parent: str, own: str) -> Shape:
        """Return the shape of the schema at a place; its class is named after `parent` and `own`."""
        return self._shape((place,), parent, own)

    def _shape(self, places: Places, parent: str, own: str) -> Shape:
        if places not in self._by_places:
            made = self._made(places, parent, own)
            if self._open:
                return made  # it may contain the mark of an unfinished recursion
            self._by_places[places] = made
        return self._by_places[places]

    def _made(self, places: Places, parent: str, own: str) -> Shape:
        alias = self.schemas.alias(places)
        if alias is not None:
            return self.component(alias)
        flat = self.schemas.flat(places)
        if parent and flat.keywords.get("title"):
            own = str(flat.keywords["title"])
        if flat.union:
            shapes = [
                self._shape((place,), f"{parent}{pascal_case(own)}", f"type_{index}")
                for index, place in enumerate(flat.union)
            ]
            return self._unions.union(shapes, flat)
        if "enum" in flat.keywords:
            return self._enum(flat, parent, own)
        if "const" in flat.keywords:
            value = flat.keywords["const"]
            return Plain("None") if value is None else Const(value)
        types = flat.types or (("object",) if flat.properties else ())
        return self._unions.union([self._of_type(kind, flat, parent, own) for kind in types], flat)

    def _of_type(self, kind: str, flat: Flat, parent: str, own: str) -> Shape:
        if kind == "object":
            if flat.properties:
                return self._model(flat, parent, own)
            inner = flat.additional
            name = f"{parent}{pascal_case(own)}"
            return MapOf(
                self._shape(inner, name, "additional_property") if isinstance(inner, tuple) else Anything()
            )
        if kind == "array":
            return ListOf(self._shape(flat.items, parent, f"{own}_item") if flat.items else Anything())
        if kind == "string":
            formats: dict[str, Shape] = {
                "date-time": Text("datetime"),
                "date": Text("date"),
                "uuid": Text("uuid"),
                "binary": Binary(),
            }
            return formats.get(flat.keywords.get("format", ""), Plain("str"))
        return Plain({"integer": "int", "number": "float", "boolean": "bool", "null": "None"}[kind])

    def _model(self, flat: Flat, parent: str, own: str) -> Shape:
        name, module = self._class(flat.place, parent, own)
        made = ModelClass(name, module, flat.place, flat)
        self._add(made)
        self._unfinished.append(made)
        return Named(name, "ApiObject")

    def _enum(self, flat: Flat, parent: str, own: str) -> Shape:
        values = [value for value in flat.keywords["enum"] if value is not None]
        nullable = len(values) < len(flat.keywords["enum"])
        if not values:
            return Plain("None")
        if isinstance(values[0], bool):
            shape: Shape = Const(values[0])
        else:
            members = self._members(flat, values)
            name, module = self._class(flat.place, parent, own)
            base = "int" if isinstance(values[0], int) else "str"
            described = str(flat.keywords.get("description") or flat.keywords.get("title") or "")
            described = with_deprecation(described, bool(flat.keywords.get("deprecated")))
            self._add(EnumClass(name, module, flat.place, base, members, described))
            shape = Named(name, base)
        return Union((shape, Plain("None"))) if nullable else shape

    def _members(self, flat: Flat, values: list[str | int]) -> dict[str, str | int]:
        """Return the values of an enum by their names in Python."""
        given = flat.keywords.get("x-enum-varnames")
        if given is not None and not _are_names(given, len(values)):
            raise self.document.error(
                (*flat.place, "x-enum-varnames"),
                "`x-enum-varnames` must have a name for each value of `enum` except null, as text",
            )
        members: dict[str, str | int] = {}
        for member, value in zip(member_names(values, given), values, strict=True):
            if member in members:
                raise self.document.error(
                    (*flat.place, "enum"),
                    f"{members[member]!r} and {value!r} would both be {member} in Python: "
                    "name the values in `x-enum-varnames`",
                )
            members[member] = value
        return members

    def _class(self, place: Place, parent: str, own: str) -> tuple[str, str]:
        name = class_name(f"{parent}{pascal_case(own)}" if parent else own)
        if name in _RESERVED:
            raise self.document.error(
                place, f"{name!r} is a name that the generated code uses itself: write another"
            )
        module = module_name(name)
        if module == name:
            raise self.document.error(place, f"{name!r} has no capital letter: write a name that has one")
        return name, module

    def _add(self, made: ModelClass | EnumClass) -> None:
        other = self.classes.get(made.name) or self._modules.get(made.module)
        if other is not None and other.place != made.place:
            line = self.document.line(other.place)
            raise self.document.error(
                made.place,
                f"the class of this schema would be {made.name} in {made.module}.py, as on line {line}: "
                "give one of them another name, or make it a component",
            )
        self.classes[made.name] = self._modules[made.module] = made

    def _required(self, flat: Flat) -> list[str]:
        """Return the fields that a caller must give; those that only a server sets are left out."""
        return [
            name
            for name in flat.keywords.get("required", ())
            if not self._is_read_only(flat.properties[name])
        ]

    def _is_read_only(self, places: Places) -> bool:
        return self.schemas.flat(places).keywords.get("readOnly") is True

    def _fill(self, model: ModelClass) -> None:
        required = self._required(model.flat)
        taken: dict[str, str] = {}
        for name, places in model.flat.properties.items():
            python = field_name(name)
            if python in taken:
                raise self.document.error(
                    places[0], f"{taken[python]!r} and {name!r} would both be {python} in Python: rename one"
                )
            taken[python] = name
            shape = self._shape(places, model.name, name)
            said = self._said(places, shape)
            model.fields.append(Field(name, python, shape, name in required, *said, places[-1]))
        if isinstance(model.flat.additional, tuple):
            model.additional = self._shape(model.flat.additional, model.name, "additional_property")

    def is_deprecated(self, places: Places, shape: Shape) -> bool:
        """Return whether a value is deprecated: in its own schema, or in that of a component without a model.

        A model emits its own warning when it is created.
        """
        own = [node for place in places if isinstance(node := self.document.at(place), dict)]
        is_model = any(isinstance(part, Named) and part.base == "ApiObject" for part in members(shape))
        inherited = not is_model and self.schemas.flat(places).keywords.get("deprecated")
        return bool(inherited) or any(node.get("deprecated") for node in own)

    def _said(self, places: Places, shape: Shape) -> tuple[str, bool]:
        """Return the description of a field, with its default, and whether it is deprecated."""
        keywords = self.schemas.flat(places).keywords
        own = [node for place in places if isinstance(node := self.document.at(place), dict)]
        description = next((node["description"] for node in reversed(own) if "description" in node), None)
        text = str(description or keywords.get("description") or "")
        defaults = [node["default"] for node in own if node.get("default") is not None]
        if defaults:
            text = f"{text.rstrip()} Default: {defaults[-1]!r}.".lstrip()
        if keywords.get("readOnly"):
            text = f"{text.rstrip()} Set by the server.".lstrip()
        deprecated = self.is_deprecated(places, shape)
        return with_deprecation(text, deprecated), deprecated


def _are_names(given: object, count: int) -> bool:
    return isinstance(given, list) and len(given) == count and all(isinstance(name, str) for name in given)


def with_deprecation(text: str, is_deprecated: bool) -> str:
    """Return a description that says if its object is deprecated, in its own words if a sentence has them."""
    if not is_deprecated or _DEPRECATION.search(text):
        return text
    return f"Deprecated. {text}".rstrip()
