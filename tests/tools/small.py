"""The small contract of these tests, and changed copies of it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from tools.openapi import Document, read

__all__ = ["SMALL", "Edit", "at", "breaking", "compatible", "planted", "rewrite", "text_with"]

Edit = Callable[[dict[str, Any]], object]

SMALL = Path(__file__).parent / "small.yaml"
_SOUND = read(SMALL)


def at(data: Any, *steps: str | int) -> Any:
    """Return the part of a document at these steps; the first step may be the name of a schema."""
    if steps and steps[0] in data.get("components", {}).get("schemas", {}):
        data = data["components"]["schemas"]
    for step in steps:
        data = data[step]
    return data


def planted(edit: Edit = lambda _: None) -> Document:
    """Return a copy of the small contract with a change."""
    data = copy.deepcopy(_SOUND.data)
    edit(data)
    return Document(SMALL.name, data)


def text_with(edit: Edit) -> str:
    """Return a changed copy of the small contract as the text of a file."""
    return yaml.safe_dump(planted(edit).data, sort_keys=False)


def rewrite(path: Path, edit: Edit, version: str = "0.4.1") -> None:
    """Write the small contract to a file, with a change and a version."""

    def both(data: dict[str, Any]) -> None:
        edit(data)
        data["info"]["version"] = version

    path.write_text(text_with(both), encoding="utf-8")


def breaking(data: dict[str, Any]) -> None:
    """Make a change that breaks callers."""
    at(data, "Job", "properties").pop("loss")


def compatible(data: dict[str, Any]) -> None:
    """Make a change that breaks no caller."""
    at(data, "JobStatus", "enum").append("paused")
