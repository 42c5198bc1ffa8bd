"""Differences between two contracts or two packages: their names and places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "Difference",
    "Effect",
    "Place",
    "Side",
    "change_of_flag",
    "change_of_text",
    "change_of_width",
    "presence",
]


class Side(StrEnum):
    """The side on which a difference matters: the call as such, requests, responses, or code in Python."""

    CALL = "call"
    REQUEST = "request"
    RESPONSE = "response"
    CODE = "code"


class Effect(StrEnum):
    """The direction of a difference: more or fewer things, or more or fewer allowed values."""

    ADDED = "added"
    REMOVED = "removed"
    NARROWED = "narrowed"
    WIDENED = "widened"
    CHANGED = "changed"

    @property
    def reverse(self) -> Effect:
        """The effect of the opposite change."""
        return _REVERSE.get(self, self)


_REVERSE = {
    Effect.ADDED: Effect.REMOVED,
    Effect.REMOVED: Effect.ADDED,
    Effect.NARROWED: Effect.WIDENED,
    Effect.WIDENED: Effect.NARROWED,
}


@dataclass(frozen=True)
class Place:
    """A part of a document: a component or an operation, and the way from there to the part.

    The way is `.field`, `[]` for items, `{}` for the values and `{key}` for the names of a map,
    `(kind)` for one of several variants, or ` query limit`, ` request`, ` response 200`.
    """

    subject: str
    way: str = ""

    def within(self, step: str) -> Place:
        """Return the place one step further."""
        return Place(self.subject, self.way + step)

    def __str__(self) -> str:
        return self.subject + self.way


@dataclass(frozen=True)
class Difference:
    """One difference; `before` or `after` is None where there is nothing."""

    place: Place
    aspect: str
    effect: Effect
    before: str | None
    after: str | None


def presence(place: Place, aspect: str, before: str | None, after: str | None) -> Difference:
    """Return the difference for something that only one side has."""
    return Difference(place, aspect, Effect.ADDED if before is None else Effect.REMOVED, before, after)


def change_of_text(place: Place, aspect: str, before: str, after: str) -> Iterator[Difference]:
    """Yield the difference of two texts, unless they are equal."""
    if before != after:
        yield Difference(place, aspect, Effect.CHANGED, before or "none", after or "none")


def change_of_width(
    place: Place, aspect: str, narrow: tuple[bool, bool], words: tuple[str, str]
) -> Iterator[Difference]:
    """Yield a restriction that only one side has; `words` name its absence and its presence."""
    if narrow[0] != narrow[1]:
        effect = Effect.NARROWED if narrow[1] else Effect.WIDENED
        yield Difference(place, aspect, effect, words[narrow[0]], words[narrow[1]])


def change_of_flag(place: Place, aspect: str, before: bool, after: bool) -> Iterator[Difference]:
    """Yield a mark that only one side has, such as `deprecated`."""
    if before != after:
        yield Difference(place, aspect, Effect.CHANGED, *("yes" if one else "no" for one in (before, after)))
