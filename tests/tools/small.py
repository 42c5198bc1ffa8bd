"""The small contract of these tests, and copies of it to plant changes in."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from tools.openapi import Document, read

__all__ = ["SMALL", "Edit", "at", "planted", "text_with"]

Edit = Callable[[dict[str, Any]], object]

SMALL = Path(__file__).parent / "small.yaml"
_SOUND = read(SMALL)


def at(data: Any, *steps: str | int) -> Any:
    """The part of a document that the steps lead to; a first step may name a schema."""
    if steps and steps[0] in data.get("components", {}).get("schemas", {}):
        data = data["components"]["schemas"]
    for step in steps:
        data = data[step]
    return data


def planted(edit: Edit = lambda _: None) -> Document:
    """A copy of the small contract with a change in it."""
    data = copy.deepcopy(_SOUND.data)
    edit(data)
    return Document(SMALL.name, data)


def text_with(edit: Edit) -> str:
    """The same as a file's text."""
    return yaml.safe_dump(planted(edit).data, sort_keys=False)
