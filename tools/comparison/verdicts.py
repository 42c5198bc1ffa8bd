"""The meaning of a difference to users, and the version bump that it calls for.

A request may become less strict but not stricter; a response may promise more but not less. Enums and
unions are open: readers accept values that they do not know, so a new one breaks nothing.
Names that code uses are judged by `callers`, from the generated packages; without these, a change of a
name breaks. docs/contract-rules.md lists the rules with their reasons.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from tools.comparison.differences import Difference, Effect, Side
from tools.comparison.limits import LIMITS
from tools.comparison.walk import Comparison, Use
from tools.openapi import Document

__all__ = ["RULES", "Change", "Step", "changes", "rule_of", "step_asked", "step_taken", "version_of"]

_NEVER = ("", "")
_LEFT_OUT = "requests without it are refused"
_FORMER_TYPE = "requests with values of the former type are refused"
_UNREADABLE = "code that reads it fails"
_UNSETTABLE = "code that sets it fails"
_PASSED = "calls that pass it fail"
_OTHER_MEANING = "calls that leave it out get something else"

# The reasons why a difference breaks callers, by aspect and effect: in a call or request, and in a response.
RULES: dict[tuple[str, Effect], tuple[str, str]] = {
    ("servers", Effect.CHANGED): ("calls go to another address", ""),
    ("servers", Effect.NARROWED): ("calls to the former address fail", ""),
    ("servers", Effect.WIDENED): _NEVER,
    ("operation", Effect.ADDED): _NEVER,
    ("operation", Effect.REMOVED): ("calls to it fail", ""),
    ("path", Effect.CHANGED): ("servers that know only the former path refuse it", ""),
    ("operationId", Effect.CHANGED): ("code that imports it by its name fails", ""),
    ("tag", Effect.CHANGED): ("code that imports it from its package fails", ""),
    ("security", Effect.WIDENED): _NEVER,
    ("security", Effect.NARROWED): ("calls with the former key are refused", ""),
    ("security", Effect.CHANGED): ("calls need another key", ""),
    ("scheme", Effect.CHANGED): ("calls send the key in another way, which servers must know", ""),
    ("required parameter", Effect.ADDED): ("calls that leave it out are refused", ""),
    ("required parameter", Effect.REMOVED): (_PASSED, ""),
    ("optional parameter", Effect.ADDED): _NEVER,
    ("optional parameter", Effect.REMOVED): (_PASSED, ""),
    ("parameter name", Effect.CHANGED): ("calls that pass it by name fail", ""),
    ("style", Effect.CHANGED): ("it is written in another way, which servers must know", _UNREADABLE),
    ("required body", Effect.ADDED): ("calls without it are refused", ""),
    ("required body", Effect.REMOVED): (_PASSED, ""),
    ("optional body", Effect.ADDED): _NEVER,
    ("optional body", Effect.REMOVED): (_PASSED, ""),
    ("media type", Effect.ADDED): _NEVER,
    ("media type", Effect.REMOVED): ("calls that send it are refused", _UNREADABLE),
    ("status", Effect.ADDED): _NEVER,
    ("status", Effect.REMOVED): ("", "code that expects this response never gets it"),
    ("status of a range", Effect.ADDED): _NEVER,
    ("status of a range", Effect.REMOVED): _NEVER,
    ("required header", Effect.ADDED): _NEVER,
    ("required header", Effect.REMOVED): ("", _UNREADABLE),
    ("optional header", Effect.ADDED): _NEVER,
    ("optional header", Effect.REMOVED): _NEVER,
    ("required field", Effect.ADDED): (_LEFT_OUT, ""),
    ("required field", Effect.REMOVED): (_UNSETTABLE, _UNREADABLE),
    ("optional field", Effect.ADDED): _NEVER,
    ("optional field", Effect.REMOVED): (_UNSETTABLE, _UNREADABLE),
    ("read-only field", Effect.ADDED): _NEVER,
    ("read-only field", Effect.REMOVED): ("", _UNREADABLE),
    ("read-only", Effect.NARROWED): ("requests with it are refused", ""),
    ("read-only", Effect.WIDENED): _NEVER,
    ("read-only, required", Effect.NARROWED): ("requests with it are refused", ""),
    ("read-only, required", Effect.WIDENED): (_LEFT_OUT, ""),
    ("write-only", Effect.NARROWED): ("", "responses no longer have it"),
    ("write-only", Effect.WIDENED): _NEVER,
    ("other fields", Effect.NARROWED): ("requests with other fields are refused", ""),
    ("other fields", Effect.WIDENED): _NEVER,
    ("presence", Effect.NARROWED): (_LEFT_OUT, ""),
    ("presence", Effect.WIDENED): ("", "code must now expect it to be left out"),
    ("presence in responses", Effect.NARROWED): _NEVER,
    ("presence in responses", Effect.WIDENED): ("", "code must now expect it to be left out"),
    ("null", Effect.NARROWED): ("requests with null are refused", ""),
    ("null", Effect.WIDENED): ("", "code must now expect null"),
    ("type", Effect.NARROWED): (_FORMER_TYPE, ""),
    ("type", Effect.WIDENED): ("", "code must now expect values of another type"),
    ("type", Effect.CHANGED): (_FORMER_TYPE, "code that reads the former type fails"),
    ("variant", Effect.ADDED): _NEVER,
    ("variant", Effect.REMOVED): ("requests with it are refused", "code that looks for it fails"),
    ("discriminator", Effect.CHANGED): (
        "requests are distinguished by another field",
        "responses are distinguished by another field",
    ),
    ("mapping", Effect.ADDED): _NEVER,
    ("mapping", Effect.REMOVED): ("requests with this value are refused", "code that looks for it fails"),
    ("mapping", Effect.CHANGED): (
        "requests with this value need another object",
        "responses with this value are another object",
    ),
    ("value", Effect.ADDED): _NEVER,
    ("value", Effect.REMOVED): ("requests with it are refused", "code that names it fails"),
    ("known value", Effect.ADDED): _NEVER,
    ("known value", Effect.REMOVED): _NEVER,
    ("values", Effect.NARROWED): ("requests with other values are refused", ""),
    ("values", Effect.WIDENED): ("", "its type is no longer an enum"),
    ("outcome", Effect.CHANGED): ("", "waiting ends at another status"),
    ("idle status", Effect.CHANGED): ("", "code that asks whether someone must act gets another answer"),
    ("value when absent", Effect.CHANGED): ("", "code that reads what is left out gets another value"),
    ("short form", Effect.CHANGED): _NEVER,
    ("plan", Effect.CHANGED): _NEVER,
    ("page size", Effect.CHANGED): _NEVER,
    ("reached statuses", Effect.CHANGED): _NEVER,
    ("constant", Effect.NARROWED): ("requests with other values are refused", ""),
    ("constant", Effect.WIDENED): ("", "code must now expect other values"),
    ("constant", Effect.CHANGED): (
        "requests with the former value are refused",
        "code that looks for the former value fails",
    ),
    ("default", Effect.ADDED): _NEVER,
    ("default", Effect.REMOVED): _NEVER,
    ("default", Effect.CHANGED): (_OTHER_MEANING, ""),
    ("format", Effect.NARROWED): ("requests with values of another format are refused", ""),
    ("format", Effect.WIDENED): _NEVER,
    ("format", Effect.CHANGED): (
        "requests with values of the former format are refused",
        "code that reads the former format fails",
    ),
    ("other format", Effect.CHANGED): _NEVER,
    ("deprecated", Effect.CHANGED): _NEVER,
    ("class", Effect.CHANGED): ("code that uses the class fails", "code that uses the class fails"),
    ("limit", Effect.NARROWED): ("requests beyond the new limit are refused", ""),
    ("limit", Effect.WIDENED): _NEVER,
    ("limit", Effect.CHANGED): ("requests that met the former rule may be refused", ""),
}

_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(?![\d.])")


class Step(IntEnum):
    """The distance between two versions; a higher step includes the lower ones."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3


Version = tuple[int, int, int]


@dataclass(frozen=True)
class Change:
    """A difference with its verdict: `breaks` has the reasons why it breaks callers, by side."""

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
    """Return every difference with its verdict, in the order in which they were found."""
    return [_judged(one, use) for one, use in comparison.differences.items()]


def step_asked(found: list[Change], base: Version) -> Step:
    """Return the version bump that semantic versioning calls for.

    From 1.0.0 on, a breaking change calls for a major bump and any other for a minor one. Below
    1.0.0, where nothing is promised yet, these are a minor bump and a patch.
    """
    if not found:
        return Step.NONE
    asked = Step.MAJOR if any(change.breaks for change in found) else Step.MINOR
    return asked if base[0] > 0 else Step(asked - 1)


def step_taken(base: Version, now: Version) -> Step:
    """Return the step between two versions; none if the second is not higher."""
    if now <= base:
        return Step.NONE
    if now[0] > base[0]:
        return Step.MAJOR
    return Step.MINOR if now[1] > base[1] else Step.PATCH


def version_of(document: Document) -> Version:
    """Return the version of the release that a contract belongs to, its `info.version`.

    Raises:
        DocumentError: It is not of the form X.Y.Z.
    """
    match = _VERSION.match(document.version)
    if match is None:
        said = repr(document.version) if document.version else "missing"
        raise document.error(("info", "version"), f"`info.version` must be of the form 1.2.3, but is {said}")
    return (int(match[1]), int(match[2]), int(match[3]))


def rule_of(difference: Difference) -> tuple[str, Effect]:
    """Return the key of the rule in `RULES` that judges a difference; all limits share one."""
    return ("limit" if difference.aspect in LIMITS else difference.aspect), difference.effect


def _judged(difference: Difference, use: Use) -> Change:
    in_request, in_response = RULES[rule_of(difference)]
    reasons = {Side.CALL: in_request, Side.REQUEST: in_request, Side.RESPONSE: in_response}
    sides = tuple(side for side in Side if side in use.sides)
    return Change(
        difference,
        sides,
        {side: reasons[side] for side in sides if reasons[side]},
        tuple(use.operations),
    )
