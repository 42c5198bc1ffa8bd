"""The shape that each schema has in Python, and the classes that the contract needs.

Objects with fields and enums become classes: a component keeps its name, an inline one is named after where it stands.
Everything else becomes a type made of others, so a component that is a list, a map, a union or a plain value is written
out where it is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tools.generation.names import class_name, field_name, member_names, module_name, pascal_case
from tools.generation.schemas import Flat, Places, Schemas
from tools.openapi import Document, Place

__all__ = [
    "Anything",
    "Binary",
    "Const",
    "EnumClass",
    "Field",
    "Kinds",
    "ListOf",
    "MapOf",
    "ModelClass",
    "Named",
    "Plain",
    "Shape",
    "Shapes",
    "Text",
    "Union",
    "parts",
]

# Names that the modules of the models use themselves.
_RESERVED = frozenset(
    {"Any", "ApiObject", "ClassVar", "File", "Kinds", "Literal", "Members", "Unset", "UUID", "UNSET"}
)


@dataclass(frozen=True)
class Anything:
    """A value of any type, which stays as it is."""


@dataclass(frozen=True)
class Plain:
    """A value of a JSON type: `str`, `int`, `float`, `bool` or `None`."""

    type: str


@dataclass(frozen=True)
class Text:
    """A string that is read as a `datetime`, `date` or `uuid`."""

    kind: str


@dataclass(frozen=True)
class Binary:
    """The content of a file, in a form or as a whole body."""


@dataclass(frozen=True)
class Const:
    """The one value that is allowed."""

    value: str | int | bool


@dataclass(frozen=True)
class Named:
    """A class of the contract; `base` is `ApiObject` for models, and `str` or `int` for enums."""

    name: str
    base: str


@dataclass(frozen=True)
class ListOf:
    """A list."""

    item: Shape


@dataclass(frozen=True)
class MapOf:
    """An object without fields of its own, whose values are all alike."""

    value: Shape


@dataclass(frozen=True)
class Kinds:
    """The models among which a union chooses: by the value of a field, or by the fields that are there.

    Attributes:
        tag: the field that tells them apart; empty when the fields that are there do.
        models: for each model its name, the values of the tag, the fields it requires and those it knows.
    """

    tag: str
    models: tuple[tuple[str, tuple[str | int, ...], tuple[str, ...], tuple[str, ...]], ...]


@dataclass(frozen=True)
class Union:
    """A value of one of several shapes; `kinds` tells its models apart when there are several."""

    members: tuple[Shape, ...]
    kinds: Kinds | None = None


Shape: TypeAlias = "Anything | Plain | Text | Binary | Const | Named | ListOf | MapOf | Union"


@dataclass(frozen=True)
class Field:
    """A field of a model, by its name on the wire and in Python."""

    name: str
    python: str
    shape: Shape
    required: bool
    description: str
    deprecated: bool
    place: Place


@dataclass(eq=False)
class ModelClass:
    """A class for objects that have fields."""

    name: str
    module: str
    place: Place
    flat: Flat
    fields: list[Field] = field(default_factory=list)
    additional: Shape = Anything()

    @property
    def description(self) -> str:
        """What the contract says of the object."""
        return str(self.flat.keywords.get("description") or self.flat.keywords.get("title") or "")

    @property
    def deprecated(self) -> bool:
        """Whether the contract says that the object should no longer be used."""
        return bool(self.flat.keywords.get("deprecated"))


@dataclass(eq=False)
class EnumClass:
    """A class for a choice of strings or whole numbers."""

    name: str
    module: str
    place: Place
    base: str
    members: dict[str, str | int]
    description: str


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

    def read_components(self) -> None:
        """Make the classes of all components, so that none takes the name of an inline schema."""
        for name in (self.document.data.get("components") or {}).get("schemas") or {}:
            self.component(name)

    def finish(self) -> None:
        """Give all models their fields; call it when all shapes have been asked for."""
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
            DocumentError: it cannot be generated, or it contains itself other than through a field of an object.
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
        if name in self._recursive and (made == Anything() or any(_is_read(part) for part in parts(made))):
            raise self.document.error(
                place,
                f"{name} contains itself through lists, maps or unions: make it an object that has itself in a field",
            )
        self._components[name] = made
        return made

    def shape(self, place: Place, parent: str, own: str) -> Shape:
        """Return the shape of the schema at a place; a class that it needs is named after `parent` and `own`."""
        return self._shape((place,), parent, own)

    def _shape(self, places: Places, parent: str, own: str) -> Shape:
        if places not in self._by_places:
            made = self._made(places, parent, own)
            if self._open:
                return made  # it may hold the mark of a recursion that is not finished
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
            return self._union(shapes, flat)
        if "enum" in flat.keywords:
            return self._enum(flat, parent, own)
        if "const" in flat.keywords:
            value = flat.keywords["const"]
            return Plain("None") if value is None else Const(value)
        types = flat.types or (("object",) if flat.properties else ())
        return self._union([self._of_type(kind, flat, parent, own) for kind in types], flat)

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

    def _union(self, shapes: list[Shape], flat: Flat) -> Shape:
        members: list[Shape] = []
        for shape in shapes:
            inner = shape.members if isinstance(shape, Union) else (shape,)
            members += [member for member in inner if member not in members]
        if not members or Anything() in members:
            return Anything()
        if len(members) == 1:
            return members[0]
        for kind, many in ((ListOf, "lists"), (MapOf, "maps")):
            alike = [member for member in members if isinstance(member, kind)]
            if len(alike) > 1 and any(_is_read(part) for member in alike for part in parts(member)):
                raise self.document.error(
                    flat.place,
                    f"the {many} of this union cannot be told apart: write one whose values are a union",
                )
        models = [member for member in members if isinstance(member, Named) and member.base == "ApiObject"]
        has_map = any(isinstance(member, MapOf) for member in members)
        if len(models) + has_map < 2:
            if "discriminator" in flat.keywords and not models:
                raise self.document.error(
                    (*flat.place, "discriminator"), "a discriminator of a union without objects: leave it out"
                )
            return Union(tuple(members))
        classes = [self.classes[model.name] for model in models]
        kinds = self._kinds([made for made in classes if isinstance(made, ModelClass)], flat)
        if has_map and not kinds.tag and not all(required for _, _, required, _ in kinds.models):
            raise self.document.error(
                flat.place,
                "a map and an object without required fields cannot be told apart: require a field",
            )
        return Union(tuple(members), kinds)

    def _kinds(self, models: list[ModelClass], flat: Flat) -> Kinds:
        discriminator = flat.keywords.get("discriminator")
        if discriminator is not None:
            tag = discriminator["propertyName"]
            values = self._mapped(models, discriminator, flat)
        else:
            tag, values = self._own_tags(models)
        listed = tuple(
            (
                model.name,
                values.get(model.name, ()),
                tuple(self._required(model.flat)),
                tuple(model.flat.properties),
            )
            for model in models
        )
        if not tag:
            for index, (name, _, required, known) in enumerate(listed):
                for other, _, theirs, also_known in listed[index + 1 :]:
                    if set(required) <= set(also_known) and set(theirs) <= set(known):
                        raise self.document.error(
                            _union_place(flat),
                            f"{name} and {other} cannot be told apart: give each a required `type` that is a const, "
                            "or write a discriminator",
                        )
        return Kinds(tag, listed)

    def _mapped(
        self, models: list[ModelClass], discriminator: dict[str, Any], flat: Flat
    ) -> dict[str, tuple[str | int, ...]]:
        """For each model the values of the discriminator: those of the mapping, its constants, or its own name."""
        place = (*flat.place, "discriminator")
        key = discriminator["propertyName"]
        by_name: dict[str, list[str | int]] = {}
        for value, reference in (discriminator.get("mapping") or {}).items():
            name = str(reference).removeprefix("#/components/schemas/")
            target = class_name(name)
            if target not in {model.name for model in models}:
                raise self.document.error(
                    (*place, "mapping", value),
                    f"{reference!r} is not a member of the union: add it, or leave it out",
                )
            by_name.setdefault(target, []).append(value)
        for model in models:
            if key not in model.flat.properties:
                raise self.document.error(
                    (*place, "propertyName"), f"{model.name} has no field {key!r}: add it, as a const"
                )
            own = self._constants(model, key)
            mapped = by_name.get(model.name)
            if own and mapped and set(own) != set(mapped):
                raise self.document.error(
                    (*place, "mapping"),
                    f"{model.name} has the {key} {own[0]!r}, not {mapped[0]!r}: write it so",
                )
            by_name[model.name] = mapped or list(own) or [str(model.place[-1])]
        self._check_distinct(by_name, place)
        return {name: tuple(values) for name, values in by_name.items()}

    def _check_distinct(self, by_name: dict[str, list[str | int]], place: Place) -> None:
        every = [value for values in by_name.values() for value in values]
        for value in every:
            if every.count(value) > 1:
                raise self.document.error(place, f"{value!r} stands for two members of the union: change one")

    def _own_tags(self, models: list[ModelClass]) -> tuple[str, dict[str, tuple[str | int, ...]]]:
        """The required field whose constants differ from model to model, and its values; preferably `type`."""
        keys = sorted(models[0].flat.properties, key=lambda key: key != "type")
        for key in keys:
            found = {model.name: self._constants(model, key) for model in models}
            every = [value for values in found.values() for value in values]
            required = all(key in model.flat.keywords.get("required", ()) for model in models)
            if required and all(found.values()) and len(set(every)) == len(every):
                return key, found
        return "", {}

    def _constants(self, model: ModelClass, key: str) -> tuple[str | int, ...]:
        places = model.flat.properties.get(key)
        if places is None:
            return ()
        keywords = self.schemas.flat(places).keywords
        values = keywords.get("enum") or ([keywords["const"]] if "const" in keywords else [])
        return tuple(value for value in values if isinstance(value, str | int))

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
            place = (*flat.place, "enum")
            given = flat.keywords.get("x-enum-varnames")
            if given is not None and (not isinstance(given, list) or len(given) != len(values)):
                raise self.document.error(
                    (*flat.place, "x-enum-varnames"),
                    "`x-enum-varnames` must have a name for each value of `enum`",
                )
            members: dict[str, str | int] = {}
            for member, value in zip(member_names(values, given), values, strict=True):
                if member in members:
                    raise self.document.error(
                        place,
                        f"{members[member]!r} and {value!r} would both be {member} in Python: "
                        "name the values by `x-enum-varnames`",
                    )
                members[member] = value
            name, module = self._class(flat.place, parent, own)
            base = "int" if isinstance(values[0], int) else "str"
            described = str(flat.keywords.get("description") or flat.keywords.get("title") or "")
            self._add(EnumClass(name, module, flat.place, base, members, described))
            shape = Named(name, base)
        return Union((shape, Plain("None"))) if nullable else shape

    def _class(self, place: Place, parent: str, own: str) -> tuple[str, str]:
        name = class_name(f"{parent}{pascal_case(own)}" if parent else own)
        if name in _RESERVED:
            raise self.document.error(
                place, f"{name!r} is a name that the generated code uses itself: write another"
            )
        return name, module_name(name)

    def _add(self, made: ModelClass | EnumClass) -> None:
        other = self.classes.get(made.name) or self._modules.get(made.module)
        if other is not None and other.place != made.place:
            line = self.document.line(other.place)
            raise self.document.error(
                made.place,
                f"the class of this schema would be {made.name} in {made.module}.py, as that of line {line}: "
                "give one of them another name, or make it a component",
            )
        self.classes[made.name] = self._modules[made.module] = made

    def _required(self, flat: Flat) -> list[str]:
        """The fields that whoever makes the object must give: those that only a server sets are not among them."""
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
            model.fields.append(Field(name, python, shape, name in required, *self._said(places), places[-1]))
        if isinstance(model.flat.additional, tuple):
            model.additional = self._shape(model.flat.additional, model.name, "additional_property")

    def _said(self, places: Places) -> tuple[str, bool]:
        """What the contract says of a field: its description with its default, and whether it is deprecated."""
        keywords = self.schemas.flat(places).keywords
        own = [node for place in places if isinstance(node := self.document.at(place), dict)]
        description = next((node["description"] for node in reversed(own) if "description" in node), None)
        text = str(description or keywords.get("description") or "")
        defaults = [node["default"] for node in own if node.get("default") is not None]
        if defaults:
            text = f"{text.rstrip()} Default: {defaults[-1]!r}.".lstrip()
        if keywords.get("readOnly"):
            text = f"{text.rstrip()} Set by the server.".lstrip()
        deprecated = any(node.get("deprecated") for node in own)
        return (f"Deprecated. {text}".rstrip() if deprecated else text), deprecated


def parts(shape: Shape) -> Iterator[Shape]:
    """Yield a shape and all that it is made of."""
    yield shape
    inner: tuple[Shape, ...] = ()
    if isinstance(shape, Union):
        inner = shape.members
    elif isinstance(shape, ListOf):
        inner = (shape.item,)
    elif isinstance(shape, MapOf):
        inner = (shape.value,)
    for part in inner:
        yield from parts(part)


def _union_place(flat: Flat) -> Place:
    return flat.union[0][:-1] if flat.union else flat.place


def _is_read(shape: Shape) -> bool:
    """Whether values of this shape are read as something else than the JSON value itself."""
    return isinstance(shape, Named | Text | Binary)
