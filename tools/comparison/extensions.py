"""Changes of `x-client` that signatures do not show: how a method is run, and what a view reads.

Changes that signatures do show, such as the name of a method, are found in the code of the two clients.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tools.comparison.differences import Difference, Place, change_of_text
from tools.openapi import Document

__all__ = ["component_differences", "extension_of", "operation_differences"]

# Keys of an operation, with their aspects.
_OPERATION = {"plan": "plan", "page_size": "page size", "reaches": "reached statuses"}


def extension_of(node: Any) -> Mapping[str, Any]:
    """Return the `x-client` of a part of a document; empty if it has none."""
    found = node.get("x-client") if isinstance(node, dict) else None
    return found if isinstance(found, dict) else {}


def operation_differences(
    place: Place, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[Difference]:
    """Yield changes of how the method of an operation is run; none if one side has no method."""
    for key, aspect in _OPERATION.items() if old and new else ():
        yield from change_of_text(place, aspect, _text(old.get(key)), _text(new.get(key)))


def component_differences(old: Document, new: Document) -> Iterator[Difference]:
    """Yield changes of how views show their objects, and of their values for absent fields."""
    before, after = _schemas(old), _schemas(new)
    for name in before:
        ours, theirs = extension_of(before[name]), extension_of(after.get(name))
        if ours and theirs:
            place = Place(str(name))
            words = (_text(one.get("shows")) for one in (ours, theirs))
            yield from change_of_text(place, "short form", *words)
            fields, others = (_mapping(_mapping(one.get(name)), "properties") for one in (before, after))
            for field in fields:
                if field in others:
                    words = (_text(extension_of(one[field]).get("absent")) for one in (fields, others))
                    yield from change_of_text(place.within(f".{field}"), "value when absent", *words)


def _schemas(document: Document) -> dict[Any, Any]:
    return _mapping(_mapping(document.data, "components"), "schemas")


def _mapping(holder: Any, key: str | None = None) -> dict[Any, Any]:
    found = holder.get(key) if key is not None and isinstance(holder, dict) else holder
    return found if isinstance(found, dict) else {}


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else repr(value) if value == "" else str(value)
