"""One list of the changes of the contracts and of the changes of the packages.

A change of the contract that only concerns names breaks callers when a name in Python changes with it.
A change in Python that a change of the contract accounts for is not listed again; any other one is
listed, and breaks by the rules of `callers`. So a format that turns `str` into `datetime` is breaking,
and an operationId that changes no module is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from tools.comparison.callers import CODE_RULES
from tools.comparison.differences import Difference, Side
from tools.comparison.operations import operations_of
from tools.comparison.verdicts import Change
from tools.comparison.walk import Comparison
from tools.openapi import Document

__all__ = ["breaking_first", "code_changes", "joined"]

# Aspects of the contract that matter only because names in code are derived from them.
_NAMES = frozenset({"operationId", "tag", "class", "parameter name"})
# The packages of the library whose modules are named after parts of the contract.
_PACKAGES = re.compile(r"^finetuning_api\.(?:models|api\.\w+)\.")
_FIELDS = ("required field", "optional field", "read-only field")
_PARAMETERS = ("required parameter", "optional parameter", "required body", "optional body")
_TYPES = frozenset({"type", "variant", "class", "values", "constant", "value", "known value"})
# The aspects that account for a member of a union.
_MEMBERS = {"None": frozenset({"null", "type"}), "Unset": frozenset({"presence", "presence in responses"})}
# By aspect in Python, the aspects of the contract at the same place that account for it.
_ACCOUNTS: dict[str, tuple[str, ...]] = {
    "module": ("operation", "operationId", "tag"),
    "class": ("class",),
    "attribute": _FIELDS,
    "required attribute": ("required field",),
    "member": ("value", "values", "known value"),
    "member value": ("value",),
    "optional argument": _PARAMETERS,
    "required argument": _PARAMETERS,
    "argument": (*_PARAMETERS, *_FIELDS, "presence", "presence in responses", "constant", "values"),
    "argument name": ("parameter name",),
}


def joined(
    found: list[Change], code: Iterable[Change], comparison: Comparison, documents: tuple[Document, Document]
) -> list[Change]:
    """Return the changes of the contract with their effect on code, and those of the generated library.

    Args:
        found: The changes of the contract.
        code: The changes of the library.
        comparison: The comparison that found the changes of the contract.
        documents: The two contracts.
    """
    index = _Index(found, comparison, documents)
    noticed: set[Difference] = set()
    others: list[Change] = []
    for change in code:
        accounts = list(index.accounts_of(change.difference))
        if change.breaks:
            noticed.update(account.difference for account in accounts)
        if not accounts:
            others.append(change)
    judged = [
        replace(change, breaks={})
        if change.difference.aspect in _NAMES and change.difference not in noticed
        else change
        for change in found
    ]
    return [*judged, *others]


def code_changes(code: Iterable[Difference]) -> Iterator[Change]:
    """Yield the differences between packages with their verdicts."""
    for difference in dict.fromkeys(code):
        reason = CODE_RULES[difference.aspect, difference.effect]
        yield Change(difference, (Side.CODE,), {Side.CODE: reason} if reason else {}, ())


def breaking_first(found: Iterable[Change]) -> list[Change]:
    """Return the changes, the breaking ones first, otherwise in the same order."""
    return sorted(found, key=lambda change: not change.breaks)


class _Index:
    """Index of the changes of the contract by the name of their place in generated code."""

    def __init__(
        self, found: list[Change], comparison: Comparison, documents: tuple[Document, Document]
    ) -> None:
        self._names: dict[str, list[str]] = {}
        for name, place in comparison.places.items():
            self._names.setdefault(place, []).append(name)
        self._by_key: dict[str, list[Change]] = {}
        self._by_component: dict[str, list[Change]] = {}
        for change in found:
            for key in self._keys(change.difference):
                self._by_key.setdefault(key, []).append(change)
            if not re.sub(r" \([^)]*\)", "", change.difference.place.way):
                self._by_component.setdefault(change.difference.place.subject, []).append(change)
        self._uses: dict[str, set[str]] = {}
        for document in documents:
            for key, names in _uses(document):
                self._uses.setdefault(key, set()).update(names)

    def _keys(self, difference: Difference) -> Iterator[str]:
        place = difference.place
        way = re.sub(r" \([^)]*\)|\[\]|\{(key)?\}", "", place.way)
        way = re.sub(r" (query|path|header|cookie) ", ".", way).replace(" request", ".body")
        for subject in self._names.get(place.subject, [place.subject]):
            yield _key(subject + way)
            if difference.aspect in ("operation", "operationId"):
                yield from (_key(one) for one in (difference.before, difference.after) if one)
            if difference.aspect in ("value", "known value"):
                yield _key(subject + way + (difference.before or difference.after or ""))
            if difference.aspect in ("values", "constant"):
                words = f"{difference.before} or {difference.after}".split(" or ")
                yield from (_key(subject + way + word) for word in words)
            if difference.aspect == "class":
                yield from (_key(one) for one in (difference.before, difference.after) if one)

    def accounts_of(self, difference: Difference) -> Iterator[Change]:
        """Yield the changes of the contract that account for a difference in Python."""
        key = _key(_PACKAGES.sub("", str(difference.place)))
        here = self._by_key.get(key, [])
        if difference.aspect == "result type":
            yield from self._of_results(difference, key)
            return
        if difference.place.way == " client":
            # A function takes a client with a key if the contract requires one.
            here = self._by_key.get(key.removesuffix("client"), [])
            yield from (change for change in here if change.difference.aspect == "security")
            return
        if difference.aspect.endswith("type"):
            yield from self._of_types(difference, key, here)
            return
        # A constructor that needs a new read-only field cannot be called as before, so only a field
        # that requests need accounts for it.
        aspects = _ACCOUNTS.get(difference.aspect, ())
        yield from (change for change in here if change.difference.aspect in aspects)

    def _of_results(self, difference: Difference, key: str) -> Iterator[Change]:
        """Yield changes of responses; only a breaking one accounts for a result that is not expected."""
        breaks = CODE_RULES[difference.aspect, difference.effect]
        for name, found in self._by_key.items():
            if re.fullmatch(re.escape(key) + r"response(\dxx|\d{3}|default)", name):
                for change in found:
                    if not breaks or change.breaks or change.difference.aspect == "class":
                        yield change
        if difference.before and difference.after:
            for one in set(difference.before.split(" | ")) ^ set(difference.after.split(" | ")):
                found = self._by_key.get(_key(one), [])
                yield from (change for change in found if change.difference.aspect == "class")

    def _of_types(self, difference: Difference, key: str, here: list[Change]) -> Iterator[Change]:
        """Yield the changes that together account for the whole change of a type; none if a part remains."""
        near = [*here]
        for component in self._uses.get(key, ()):
            near += self._by_component.get(component, [])
        if any(change.difference.aspect == "format" for change in near):
            # A format may be the cause, and the contract does not say which class represents it.
            return
        before, after = (set((text or "").split(" | ")) for text in (difference.before, difference.after))
        needed = [_MEMBERS.get(member, _TYPES) for member in before ^ after]
        found = [[change for change in near if _has_aspect(change, aspects)] for aspects in needed]
        if all(found):
            yield from (change for changes in found for change in changes)


def _has_aspect(change: Change, aspects: frozenset[str]) -> bool:
    one = change.difference
    inner = aspects is _TYPES and re.search(r"\[\]|\{\}", one.place.way) is not None
    return one.aspect in aspects or (inner and one.aspect in ("null", "type"))


def _key(text: str) -> str:
    """Return a name in a form that is the same in the contract and in Python: letters and digits only."""
    return re.sub(r"[\W_]", "", text).lower()


def _uses(document: Document) -> Iterator[tuple[str, set[str]]]:
    """Yield each field, parameter and body with the components that its type consists of."""
    schemas = document.mapping(document.mapping(document.data, "components"), "schemas")
    for name, schema in schemas.items():
        for field, inner in _fields(schema):
            yield _key(f"{name}{field}"), _components(inner, schemas)
    for operation in operations_of(document):
        for parameter in operation.parameters:
            yield _key(operation.name + parameter.name), _components(parameter.schema, schemas)
        for inner in operation.body.content.values() if operation.body else ():
            yield _key(f"{operation.name}body"), _components(inner, schemas)


def _fields(schema: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(schema, dict):
        properties = schema.get("properties")
        yield from properties.items() if isinstance(properties, dict) else ()
        for part in schema.get("allOf") or ():
            yield from _fields(part)


def _components(schema: Any, schemas: Mapping[str, Any]) -> set[str]:
    """Return the components that a schema refers to, also through components without a class."""
    found: set[str] = set()
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        waiting += children
        reference = node.get("$ref") if isinstance(node, dict) else None
        name = str(reference).rpartition("/")[2]
        if reference is not None and name not in found:
            found.add(name)
            target = schemas.get(name)
            if not (isinstance(target, dict) and "properties" in target):
                waiting.append(target)
    return found
