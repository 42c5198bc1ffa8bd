"""What a column of the output is, and the text of its cells for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from .terminal import printable


class Column(NamedTuple):
    """A column of the output: its name, how it is read from an object, and how its text is styled.

    A `wide` column is left out of tables of several objects, and an `unlisted` one of every table. `data`
    reads the value for `json`, `jsonl` and `yaml` where that has more than the text of a cell. The `title` is
    its header in a table, if it is not the name in capitals.
    """

    name: str
    read: Callable[[Any], object]
    style: Callable[[Any], str | None] = lambda _: None
    wide: bool = False
    unlisted: bool = False
    data: Callable[[Any], object] | None = None
    title: str = ""


Columns = Sequence[Column]


def shown(value: object) -> str:
    """Return a value as text for people, in one line."""
    if isinstance(value, datetime):
        return f"{value.astimezone():%Y-%m-%d %H:%M:%S}"
    if isinstance(value, Mapping):
        return printable(" ".join(f"{key}={shown(item)}" for key, item in value.items()))
    if isinstance(value, list | tuple):
        return printable(" ".join(shown(item) for item in value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1e6 else f"{value:,.0f}"
    return "" if value is None else printable(str(value))
