"""The generated module `statuses`: an open enum for each enum of the contract that has `x-client`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tools.generation.names import member_names
from tools.openapi import Document, Place
from tools.openapi.grammar import every_schema

from .extension import Refusal, near, refused
from .source import docstring, exported, header, indented, paragraphs

__all__ = ["StatusEnum", "read_statuses", "statuses_module"]

_OUTCOMES = ("succeeded", "failed", "cancelled")
_KEYS = ("x-client", "x-outcomes", "x-idle")


@dataclass(frozen=True)
class StatusEnum:
    """An enum of the client.

    Attributes:
        name: name of its class.
        component: name of the contract's enum.
        description: its description in the contract.
        values: its values by their names in Python.
        outcomes: the final values, and what they mean.
        idle: the values that do not change until a user acts.
    """

    name: str
    component: str
    description: str
    values: Mapping[str, str]
    outcomes: Mapping[str, str]
    idle: Sequence[str]


def read_statuses(contract: Document) -> list[StatusEnum]:
    """Read the enums, in the order of the contract.

    Raises `DocumentError` with a line for each extension that is not valid.
    """
    found: list[StatusEnum] = []
    refusals: list[Refusal] = []
    for place, schema in every_schema(contract):
        # Objects and properties with x-client are read by `views`.
        if any(key in schema and (key != "x-client" or "enum" in schema) for key in _KEYS):
            try:
                found.append(_read(place, schema, [status.name for status in found]))
            except Refusal as refusal:
                refusals.append(refusal)
    if refusals:
        raise refused(contract, refusals)
    return found


def statuses_module(statuses: Sequence[StatusEnum]) -> str:
    """Write the module."""
    text = (
        "An unknown value is kept as it is. It is neither final nor an error: waiting continues until the "
        "value is one that is known to be final."
    )
    return "\n".join(
        [
            header("Statuses as open enums", paragraphs(text, 0)),
            "from __future__ import annotations",
            "from finetuning_api.types import OpenStrEnum",
            "from .open_status import Status, with_outcomes",
            exported([status.name for status in statuses]),
            *(_class(status) for status in statuses),
        ]
    )


def _class(status: StatusEnum) -> str:
    base = "Status" if status.outcomes else "OpenStrEnum"
    first, _, rest = status.description.partition(". ")
    end = f"A value compares equal to its text. Source: `{status.component}` in the contract."
    decorator = f"@with_outcomes({dict(status.outcomes)!r}, idle={tuple(status.idle)!r})"
    lines = [
        *([decorator] if status.outcomes else []),
        f"class {status.name}({base}):",
        docstring(first.rstrip(".") + ".", paragraphs(rest, 4), paragraphs(end, 4), margin=4),
        *(indented(f"{member} = {value!r}", 4) for member, value in status.values.items()),
    ]
    return "\n".join(lines)


def _read(place: Place, schema: Mapping[str, Any], names: Sequence[str]) -> StatusEnum:
    values = schema.get("enum")
    if place[:2] != ("components", "schemas") or len(place) != 3 or not values:
        key = next(key for key in reversed(_KEYS) if key in schema)
        only = "components that are enums" if key != "x-client" else "enums that are components"
        raise Refusal((*place, key), f"{key} is only for {only}: leave it out")
    if not all(isinstance(value, str) for value in values):
        raise Refusal((*place, "enum"), "an enum with a name on the client must have strings as values")
    data = schema.get("x-client")
    if not isinstance(data, dict) or list(data) != ["name"]:
        raise Refusal(place, "x-client of an enum must be {name: NameOfTheClass}, and nothing else")
    name = data["name"]
    if not isinstance(name, str) or not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name):
        raise Refusal((*place, "x-client", "name"), f"{name!r} is not the name of a class")
    if name in (*names, "OpenStrEnum", "Status"):
        raise Refusal((*place, "x-client", "name"), f"{name!r} is already the name of something else")
    outcomes, idle = schema.get("x-outcomes", {}), schema.get("x-idle", [])
    for key, problem in _problems(values, outcomes, idle):
        raise Refusal((*place, key), problem)
    members = dict(zip(member_names(values, schema.get("x-enum-varnames")), values, strict=True))
    return StatusEnum(name, str(place[2]), schema.get("description") or name, members, outcomes, idle)


def _problems(values: Sequence[str], outcomes: object, idle: object) -> Iterator[tuple[str, str]]:
    if not isinstance(outcomes, dict):
        yield "x-outcomes", f"x-outcomes must map each final value to one of {', '.join(_OUTCOMES)}"
        return
    for value, outcome in outcomes.items():
        if value not in values:
            yield "x-outcomes", f"{value!r} is not a value of the enum: {near(str(value), values)}"
        if outcome not in _OUTCOMES:
            yield "x-outcomes", f"{value}: {outcome!r} is not an outcome: {near(str(outcome), _OUTCOMES)}"
    if not isinstance(idle, list):
        yield "x-idle", "x-idle must be a list of values"
        return
    for value in idle:
        if not isinstance(value, str) or value not in values:
            yield "x-idle", f"{value!r} is not a value of the enum: {near(str(value), values)}"
        elif value in outcomes:
            yield "x-idle", f"{value!r} is final according to x-outcomes: leave one out"
    if idle and not outcomes:
        yield "x-idle", "x-idle without x-outcomes: say which values are final"
