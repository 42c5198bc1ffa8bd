"""What a difference means to users, and the step of the version that it asks for.

A request may be given more freedom but no less; an answer may promise more but no less. Enums and
unions are open: readers are ready for values that they do not know, so a new one breaks nothing.
Names that generated code is imported or called by are kept as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from tools.comparison.document import Document
from tools.comparison.limits import LIMITS
from tools.comparison.walk import Comparison, Difference, Effect, Side, Use

__all__ = ["Change", "Step", "changes", "step_asked", "step_taken", "version_of"]

# By aspect and effect, why it breaks callers: in a call or request, and in a response.
_REASONS: dict[tuple[str, Effect], tuple[str, str]] = {
    ("servers", Effect.CHANGED): ("calls go to another address", ""),
    ("operation", Effect.ADDED): ("", ""),
    ("operation", Effect.REMOVED): ("calls of it no longer exist", ""),
    ("path", Effect.CHANGED): ("servers that know the former path only refuse it", ""),
    ("operationId", Effect.CHANGED): ("code that imports it by its name fails", ""),
    ("tag", Effect.CHANGED): ("code that imports it from its package fails", ""),
    ("security", Effect.CHANGED): ("calls need another key", ""),
    ("required parameter", Effect.ADDED): ("calls that leave it out are refused", ""),
    ("required parameter", Effect.REMOVED): ("calls that pass it fail", ""),
    ("optional parameter", Effect.ADDED): ("", ""),
    ("optional parameter", Effect.REMOVED): ("calls that pass it fail", ""),
    ("parameter name", Effect.CHANGED): ("calls that pass it by name fail", ""),
    ("style", Effect.CHANGED): ("it is written in another way, which servers must know", ""),
    ("required body", Effect.ADDED): ("calls without it are refused", ""),
    ("required body", Effect.REMOVED): ("calls that pass it fail", ""),
    ("optional body", Effect.ADDED): ("", ""),
    ("optional body", Effect.REMOVED): ("calls that pass it fail", ""),
    ("media type", Effect.ADDED): ("", ""),
    ("media type", Effect.REMOVED): ("calls that send it are refused", "code that reads it fails"),
    ("status", Effect.ADDED): ("", ""),
    ("status", Effect.REMOVED): ("", "code that expects this answer waits in vain"),
    ("required field", Effect.ADDED): ("requests without it are refused", ""),
    ("required field", Effect.REMOVED): ("code that sets it fails", "code that reads it fails"),
    ("optional field", Effect.ADDED): ("", ""),
    ("optional field", Effect.REMOVED): ("code that sets it fails", "code that reads it fails"),
    ("other fields", Effect.NARROWED): ("requests with other fields are refused", ""),
    ("other fields", Effect.WIDENED): ("", ""),
    ("presence", Effect.NARROWED): ("requests without it are refused", ""),
    ("presence", Effect.WIDENED): ("", "code must now expect that it is left out"),
    ("null", Effect.NARROWED): ("requests with null are refused", ""),
    ("null", Effect.WIDENED): ("", "code must now expect null"),
    ("type", Effect.NARROWED): ("requests with values of the former type are refused", ""),
    ("type", Effect.WIDENED): ("", "code must now expect values of another type"),
    ("type", Effect.CHANGED): (
        "requests with values of the former type are refused",
        "code that reads the former type fails",
    ),
    ("variant", Effect.ADDED): ("", ""),
    ("variant", Effect.REMOVED): ("requests with it are refused", "code that looks for it fails"),
    ("value", Effect.ADDED): ("", ""),
    ("value", Effect.REMOVED): ("requests with it are refused", "code that names it fails"),
    ("known value", Effect.ADDED): ("", ""),
    ("known value", Effect.REMOVED): ("", ""),
    ("values", Effect.NARROWED): ("requests with other values are refused", ""),
    ("values", Effect.WIDENED): ("", "its type is no longer an enum"),
    ("constant", Effect.NARROWED): ("requests with other values are refused", ""),
    ("constant", Effect.WIDENED): ("", "code must now expect other values"),
    ("constant", Effect.CHANGED): (
        "requests with the former value are refused",
        "code that looks for the former value fails",
    ),
    ("format", Effect.CHANGED): ("", ""),
    ("deprecated", Effect.CHANGED): ("", ""),
    ("class", Effect.CHANGED): ("code that uses the class fails", "code that uses the class fails"),
}

_LIMIT_REASONS: dict[Effect, tuple[str, str]] = {
    Effect.NARROWED: ("requests beyond the new limit are refused", ""),
    Effect.WIDENED: ("", ""),
    Effect.CHANGED: ("requests that met the former rule may be refused", ""),
}

_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(?![\d.])")


class Step(IntEnum):
    """How far a version goes from another; a higher step includes the lower ones."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3


Version = tuple[int, int, int]


@dataclass(frozen=True)
class Change:
    """A difference with what it means: `breaks` gives, by side, why it breaks callers."""

    difference: Difference
    sides: tuple[Side, ...]
    breaks: dict[Side, str]
    operations: tuple[str, ...]

    @property
    def text(self) -> str:
        """The difference in words, without its place."""
        one = self.difference
        if one.effect is Effect.ADDED or one.effect is Effect.REMOVED:
            return f"{one.aspect} {one.effect}: {one.after if one.before is None else one.before}"
        return f"{one.aspect}: {one.before or 'none'} -> {one.after or 'none'}"


def changes(comparison: Comparison) -> list[Change]:
    """Every difference with its verdict, the breaking ones first, else in the order they came."""
    judged = [_judged(one, use) for one, use in comparison.differences.items()]
    return sorted(judged, key=lambda change: not change.breaks)


def step_asked(found: list[Change], base: Version) -> Step:
    """The step that semantic versioning asks for.

    From 1.0.0 on, a breaking change asks for a major step and any other for a minor one. Below
    1.0.0, where nothing is promised yet, it is a minor step and a patch.
    """
    if not found:
        return Step.NONE
    asked = Step.MAJOR if any(change.breaks for change in found) else Step.MINOR
    return asked if base[0] > 0 else Step(asked - 1)


def step_taken(base: Version, now: Version) -> Step:
    """The step between two versions; none when the second is not higher."""
    if now <= base:
        return Step.NONE
    if now[0] > base[0]:
        return Step.MAJOR
    return Step.MINOR if now[1] > base[1] else Step.PATCH


def version_of(document: Document) -> Version:
    """The version of the release that a contract belongs to, its `info.version`.

    Raises:
        DocumentError: It is not of the form X.Y.Z.
    """
    match = _VERSION.match(document.version)
    if match is None:
        said = repr(document.version) if document.version else "missing"
        raise document.error(f"its info.version should be like 1.2.3, and is {said}")
    return (int(match[1]), int(match[2]), int(match[3]))


def _judged(difference: Difference, use: Use) -> Change:
    if difference.aspect in LIMITS:
        in_request, in_response = _LIMIT_REASONS[difference.effect]
    else:
        in_request, in_response = _REASONS[difference.aspect, difference.effect]
    reasons = {Side.CALL: in_request, Side.REQUEST: in_request, Side.RESPONSE: in_response}
    sides = tuple(side for side in Side if side in use.sides)
    return Change(
        difference,
        sides,
        {side: reasons[side] for side in sides if reasons[side]},
        tuple(use.operations),
    )
