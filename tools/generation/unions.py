"""Unions: what their members have in common, and what tells their objects apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tools.generation.classes import EnumClass, ModelClass
from tools.generation.names import class_name
from tools.generation.schemas import Flat, Schemas
from tools.generation.shapes import (
    Anything,
    Kinds,
    ListOf,
    MapOf,
    Named,
    Shape,
    Union,
    is_read,
    members,
    parts,
)
from tools.openapi import Place

__all__ = ["Unions"]


class Unions:
    """Makes unions of shapes.

    Args:
        schemas: the schemas of the document.
        classes: the classes that are known so far, by name.
        required: gives the fields that whoever makes an object must give.
    """

    def __init__(
        self,
        schemas: Schemas,
        classes: Mapping[str, ModelClass | EnumClass],
        required: Callable[[Flat], list[str]],
    ) -> None:
        self._schemas = schemas
        self._document = schemas.document
        self._classes = classes
        self._required = required

    def union(self, shapes: list[Shape], flat: Flat) -> Shape:
        """Return the shape of a value that has one of several shapes."""
        found: list[Shape] = []
        for shape in shapes:
            found += [member for member in members(shape) if member not in found]
        if not found or Anything() in found:
            return Anything()
        models = [member for member in found if isinstance(member, Named) and member.base == "ApiObject"]
        if "discriminator" in flat.keywords and len(models) == 1:
            self._mapped(self._model_classes(models), flat.keywords["discriminator"], flat)
        if len(found) == 1:
            return found[0]
        for kind, many in ((ListOf, "lists"), (MapOf, "maps")):
            alike = [member for member in found if isinstance(member, kind)]
            if len(alike) > 1 and any(is_read(part) for member in alike for part in parts(member)):
                raise self._document.error(
                    flat.place,
                    f"the {many} of this union cannot be told apart: write one whose values are a union",
                )
        has_map = any(isinstance(member, MapOf) for member in found)
        if len(models) + has_map < 2:
            if "discriminator" in flat.keywords and not models:
                raise self._document.error(
                    (*flat.place, "discriminator"), "a discriminator of a union without objects: leave it out"
                )
            return Union(tuple(found))
        kinds = self._kinds(self._model_classes(models), flat)
        if has_map and not kinds.tag and not all(required for _, _, required, _ in kinds.models):
            raise self._document.error(
                flat.place,
                "a map and an object without required fields cannot be told apart: require a field",
            )
        return Union(tuple(found), kinds)

    def _model_classes(self, models: list[Named]) -> list[ModelClass]:
        classes = [self._classes[model.name] for model in models]
        return [made for made in classes if isinstance(made, ModelClass)]

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
                        raise self._document.error(
                            _union_place(flat),
                            f"{name} and {other} cannot be told apart: give each a required `type` that is a "
                            "const, or write a discriminator",
                        )
        return Kinds(tag, listed)

    def _mapped(
        self, models: list[ModelClass], discriminator: dict[str, Any], flat: Flat
    ) -> dict[str, tuple[str | int, ...]]:
        """The values of the discriminator by model: those of the mapping, its constants, or its own name."""
        place = (*flat.place, "discriminator")
        key = discriminator["propertyName"]
        mapped: dict[str, list[str | int]] = {model.name: [] for model in models}
        for value, reference in (discriminator.get("mapping") or {}).items():
            target = class_name(str(reference).removeprefix("#/components/schemas/"))
            if target not in mapped:
                raise self._document.error(
                    (*place, "mapping", value),
                    f"{reference!r} is not a member of the union that is an object: "
                    f"name one of {', '.join(mapped)}",
                )
            mapped[target].append(value)
        for model in models:
            if key not in model.flat.properties:
                raise self._document.error(
                    (*place, "propertyName"), f"{model.name} has no field {key!r}: add it, as a const"
                )
        owned = {model.name: self._constants(model, key) for model in models}
        claims = [value for values in [*owned.values(), *mapped.values()] for value in values]
        for model in models:
            own, values = owned[model.name], mapped[model.name]
            if own and not set(values) <= set(own):
                raise self._document.error(
                    (*place, "mapping"),
                    f"{model.name} has the {key} {own[0]!r}, not {values[0]!r}: make them agree",
                )
            values += [value for value in own if claims.count(value) == 1]
            if not values:
                values.append(self._implied(model, own, key, place))
        self._check_distinct(mapped, place)
        return {name: tuple(values) for name, values in mapped.items()}

    def _implied(self, model: ModelClass, own: tuple[str | int, ...], key: str, place: Place) -> str:
        """The name of a component, which stands for it where nothing else is said."""
        name = str(model.place[-1])
        is_component = model.place == ("components", "schemas", name)
        if not is_component or (own and name not in own):
            raise self._document.error(
                place, f"nothing says which {key} {model.name} has: write a const there, or a mapping"
            )
        return name

    def _check_distinct(self, by_name: dict[str, list[str | int]], place: Place) -> None:
        every = [value for values in by_name.values() for value in values]
        for value in every:
            if every.count(value) > 1:
                raise self._document.error(
                    place, f"{value!r} stands for two members of the union: change one"
                )

    def _own_tags(self, models: list[ModelClass]) -> tuple[str, dict[str, tuple[str | int, ...]]]:
        """The required field whose constants differ from model to model, preferably `type`, with them."""
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
        keywords = self._schemas.flat(places).keywords
        values = keywords.get("enum") or ([keywords["const"]] if "const" in keywords else [])
        return tuple(value for value in values if type(value) in (str, int))


def _union_place(flat: Flat) -> Place:
    return flat.union[0][:-1] if flat.union else flat.place
