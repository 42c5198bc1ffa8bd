"""Paths of values inside a row: `label`, `meta.labels[0]`, `messages[-1].content`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeAlias

Steps: TypeAlias = tuple[str | int, ...]
"""Keys of objects, and indexes of lists."""

_STEP = re.compile(r"(?:^|\.)([^.\[\]]+)|\[(-?\d{1,9})\]")


def steps_of(path: str) -> Steps | None:
    """Return the steps of a path, or `None` if it is not one."""
    found: list[str | int] = []
    end = 0
    for step in _STEP.finditer(path):
        if step.start() != end:
            return None
        end = step.end()
        found.append(step[1] if step[1] is not None else int(step[2]))
    return tuple(found) if found and end == len(path) else None


def look_up(value: Any, steps: Steps) -> Any:
    """Return the value at the end of a path; `tags.0` means the same as `tags[0]`.

    Raises `LookupError` if there is none.
    """
    for step in steps:
        if isinstance(value, Mapping):
            value = value[str(step)]
        elif isinstance(value, list) and str(step).lstrip("-").isdecimal():
            value = value[int(step)]
        else:
            raise LookupError(step)
    return value
