"""The classes that a contract needs: models for objects that have fields, and enums."""

from __future__ import annotations

from dataclasses import dataclass, field

from tools.generation.schemas import Flat
from tools.generation.shapes import Anything, Shape
from tools.openapi import Place

__all__ = ["EnumClass", "Field", "ModelClass"]


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
    additional: Shape = field(default_factory=Anything)

    @property
    def description(self) -> str:
        """Description of the object in the contract."""
        return str(self.flat.keywords.get("description") or self.flat.keywords.get("title") or "")

    @property
    def deprecated(self) -> bool:
        """True if the object is deprecated in the contract."""
        return bool(self.flat.keywords.get("deprecated"))


@dataclass(eq=False)
class EnumClass:
    """A class for an enum of strings or integers."""

    name: str
    module: str
    place: Place
    base: str
    members: dict[str, str | int]
    description: str
