"""The shapes that values of the contract have in Python."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

__all__ = [
    "Anything",
    "Binary",
    "Const",
    "Kinds",
    "ListOf",
    "MapOf",
    "Named",
    "Plain",
    "Shape",
    "Text",
    "Union",
    "is_object",
    "is_read",
    "members",
    "parts",
]


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
    """An object without fixed fields, whose values all have one shape."""

    value: Shape


@dataclass(frozen=True)
class Kinds:
    """The models among which a union chooses: by the value of a field, or by the set of fields.

    Attributes:
        tag: the field that distinguishes them; empty if the set of fields does.
        models: for each model its name, the values of the tag, the fields it requires and those it knows.
    """

    tag: str
    models: tuple[tuple[str, tuple[str | int, ...], tuple[str, ...], tuple[str, ...]], ...]


@dataclass(frozen=True)
class Union:
    """A value of one of several shapes; `kinds` distinguishes its models if there are several."""

    members: tuple[Shape, ...]
    kinds: Kinds | None = None


Shape: TypeAlias = "Anything | Plain | Text | Binary | Const | Named | ListOf | MapOf | Union"


def parts(shape: Shape) -> Iterator[Shape]:
    """Yield a shape and all shapes within it."""
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


def members(shape: Shape) -> tuple[Shape, ...]:
    """Return the shapes among which a value chooses: those of a union, or the shape itself."""
    return shape.members if isinstance(shape, Union) else (shape,)


def is_object(shape: Shape) -> bool:
    """Return whether every value of this shape, except null, is an object."""
    found = [member for member in members(shape) if member != Plain("None")]
    return bool(found) and all(
        isinstance(member, MapOf) or (isinstance(member, Named) and member.base == "ApiObject")
        for member in found
    )


def is_read(shape: Shape) -> bool:
    """Return whether values of this shape become something other than the JSON value itself."""
    return isinstance(shape, Named | Text | Binary)
