"""The extension `x-client` of an operation: its place on the client, and how it is run."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from tools.openapi import Document, DocumentError, Place

__all__ = ["Extension", "Refusal", "near", "read_extension", "refused"]

# Keys that each plan may have, in addition to those that every plan must have.
_REQUIRED = ("resource", "method", "plan")
_PLANS: Mapping[str, tuple[str, ...]] = {
    "fetch": ("returns", "arguments", "handle"),
    "page": ("returns", "arguments", "handle", "page_size"),
    "action": ("returns", "arguments", "handle", "reaches"),
    "delete": ("returns", "arguments", "handle"),
    "custom": ("returns", "arguments", "handle"),
}
_SNAKE_CASE = re.compile(r"[a-z][a-z0-9_]*")


class Refusal(Exception):
    """A part of the contract for which no method can be generated.

    Attributes:
        place: where it is.
        problem: what is wrong, and what to do.
    """

    def __init__(self, place: Place, problem: str) -> None:
        super().__init__(problem)
        self.place = place
        self.problem = problem


def refused(contract: Document, refusals: Iterable[Refusal]) -> DocumentError:
    """Return the error about the first of the refusals in the contract: correcting it may correct others."""
    first = min(refusals, key=lambda one: contract.line(one.place))
    return contract.error(first.place, first.problem)


@dataclass(frozen=True)
class Extension:
    """The contents of `x-client`.

    Attributes:
        place: where it is in the contract.
        resource: path of the attribute on the client, such as `checkpoints.permissions`.
        method: name of the method on the resource.
        plan: `fetch`, `page`, `action`, `delete` or `custom`.
        returns: name of the handle or view that the method returns.
        arguments: names of arguments that differ from the contract's.
        handle: name of the method on the handle.
        reaches: statuses that show that an action has happened.
        page_size: default number of items in a page.
    """

    place: Place
    resource: str
    method: str
    plan: str
    returns: str | None
    arguments: Mapping[str, str]
    handle: str | None
    reaches: tuple[str, ...]
    page_size: int | None


def read_extension(operation_place: Place, operation: Mapping[str, Any]) -> Extension:
    """Read the extension of an operation. Raises `Refusal`."""
    place = (*operation_place, "x-client")
    data = operation.get("x-client")
    if data is None:
        raise Refusal(
            operation_place, "the operation has no x-client: add it, with resource, method and plan"
        )
    if not isinstance(data, dict):
        raise Refusal(place, "x-client must be a mapping with resource, method and plan")
    _check_keys(place, data)
    resource, method, handle = data["resource"], data["method"], data.get("handle", False)
    if not isinstance(resource, str):
        raise Refusal((*place, "resource"), f"`resource` must be a name or a dotted path, not {resource!r}")
    for part in resource.split("."):
        _check_name((*place, "resource"), "resource", part)
    _check_name((*place, "method"), "method", method)
    if not isinstance(handle, bool):
        _check_name((*place, "handle"), "handle", handle)
    return Extension(
        place=place,
        resource=resource,
        method=method,
        plan=data["plan"],
        returns=_returns(place, data),
        arguments=_arguments((*place, "arguments"), data.get("arguments", {})),
        handle=method if handle is True else handle or None,
        reaches=_reaches((*place, "reaches"), data.get("reaches", [])),
        page_size=_page_size((*place, "page_size"), data.get("page_size")),
    )


def near(name: str, known: Collection[str]) -> str:
    """Return the end of a message about an unknown name: the most similar known name, else all names."""
    close = get_close_matches(name, known, 1)
    return f"did you mean {close[0]!r}?" if close else f"known names: {', '.join(sorted(known)) or 'none'}"


def _check_keys(place: Place, data: Mapping[str, Any]) -> None:
    known = {*_REQUIRED, *(key for keys in _PLANS.values() for key in keys)}
    for key in data:
        if key not in known:
            raise Refusal((*place, key), f"x-client has no key {key!r}: {near(str(key), known)}")
    for key in _REQUIRED:
        if key not in data:
            raise Refusal(place, f"x-client has no `{key}`: add it")
    plan = data["plan"]
    if not isinstance(plan, str) or plan not in _PLANS:
        raise Refusal((*place, "plan"), f"there is no plan {plan!r}: {near(str(plan), _PLANS)}")
    for key in data:
        if key not in (*_REQUIRED, *_PLANS[plan]):
            raise Refusal((*place, key), f"`{key}` has no effect with `plan: {plan}`: leave it out")


def _check_name(place: Place, what: str, name: object) -> None:
    if not isinstance(name, str) or not _SNAKE_CASE.fullmatch(name):
        raise Refusal(place, f"{what}: {name!r} is not a Python name in snake case")
    if keyword.iskeyword(name):
        raise Refusal(place, f"{what}: {name!r} is a Python keyword")


def _returns(place: Place, data: Mapping[str, Any]) -> str | None:
    returns = data.get("returns")
    if returns is not None and not isinstance(returns, str):
        raise Refusal(
            (*place, "returns"), f"`returns` must be the name of a handle or a view, not {returns!r}"
        )
    return returns


def _arguments(place: Place, data: object) -> Mapping[str, str]:
    if not isinstance(data, dict):
        raise Refusal(place, "`arguments` must map names of the contract to names of arguments")
    for given, name in data.items():
        _check_name((*place, given), "arguments", name)
    return data


def _reaches(place: Place, data: object) -> tuple[str, ...]:
    if not isinstance(data, list) or not all(isinstance(status, str) for status in data):
        raise Refusal(place, "`reaches` must be a list of statuses")
    return tuple(data)


def _page_size(place: Place, data: object) -> int | None:
    if data is not None and (not isinstance(data, int) or isinstance(data, bool) or data < 1):
        raise Refusal(place, f"`page_size` must be a whole number, at least 1, not {data!r}")
    return data
