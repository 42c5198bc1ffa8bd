"""The public signatures of a package: a surface maps a dotted path to what is there.

A path is relative to the package, such as `models.Job.loss`. Names that begin with an underscore are
private. Inherited members belong to the class, so that moving a method to a base class changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "EITHER",
    "KEYWORD",
    "POSITIONAL",
    "Attribute",
    "Class",
    "Function",
    "Item",
    "Member",
    "Name",
    "Parameter",
    "Surface",
    "Types",
]

Types = frozenset[str]

POSITIONAL, EITHER, KEYWORD = "positional", "either", "keyword"


@dataclass(frozen=True)
class Parameter:
    """A parameter; `kind` is positional, either, keyword, or the stars of one that takes the rest."""

    name: str
    kind: str
    required: bool
    types: Types


@dataclass(frozen=True)
class Function:
    """A function or method, without `self`."""

    parameters: tuple[Parameter, ...]
    result: Types
    awaited: bool


@dataclass(frozen=True)
class Attribute:
    """An attribute or property.

    `required` says whether the constructor needs it, and is None where the constructor does not take it.
    """

    types: Types
    required: bool | None = None


@dataclass(frozen=True)
class Member:
    """A member of an enum."""

    value: str


@dataclass(frozen=True)
class Class:
    """A class; `positional` are the fields that its constructor takes by position, in order."""

    positional: tuple[str, ...] = ()


@dataclass(frozen=True)
class Name:
    """Something of which only the existence is recorded, such as a module."""

    kind: str


Item = Function | Attribute | Member | Class | Name
Surface = dict[str, Item]
