"""Objects as text: several in a table, one as a list of fields.

Nothing is cut, except in a table for a terminal that is too narrow. In that case empty columns are left out,
times lose their seconds, texts are cut with a mark, then the last columns are left out. Ids and numbers stay
whole.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from .columns import Column, Columns
from .terminal import columns_of, ellipsized, is_terminal, paint, printable, width

_GAP = "  "
_NARROWEST = 10
_TIME_WITHOUT_SECONDS = 16


class _Cells(NamedTuple):
    """A column of a table: its header, the text of each row, and the properties that decide how it is cut."""

    column: Column
    header: str
    texts: Sequence[str]
    is_number: bool
    is_time: bool

    @property
    def size(self) -> int:
        """Width of the column."""
        return max(map(columns_of, [self.header, *self.texts]))

    @property
    def least(self) -> int:
        """Minimum width of the column."""
        if self.is_time:
            return min(self.size, _TIME_WITHOUT_SECONDS)
        is_whole = self.is_number or self.column.name == "id"
        return self.size if is_whole else min(self.size, _NARROWEST)

    @property
    def rank(self) -> int:
        """Order in which columns are cut, the lowest rank first."""
        return 0 if self.is_time else 2 if self.column.name == "status" else 1

    def placed(self, text: str, size: int) -> str:
        """Return a text in a cell of a size."""
        text = text[:size] if self.is_time else ellipsized(text, size)
        blanks = " " * (size - columns_of(text))
        return blanks + text if self.is_number else text + blanks


def table_lines(items: Sequence[Any], columns: Columns) -> list[str]:
    """Return the lines of a table, the header first."""
    cells = [_cells(column, items) for column in columns if not (column.wide or column.unlisted)]
    sizes = [one.size for one in cells]
    if is_terminal(sys.stdout):
        if sum(sizes) + len(_GAP) * (len(sizes) - 1) > width():
            cells = [one for one in cells if any(one.texts)]
        sizes = _fitted(cells, width())
        cells = cells[: len(sizes)]
    pairs = list(zip(cells, sizes, strict=True))
    header = _GAP.join(one.placed(one.header, size) for one, size in pairs).rstrip()
    lines = [paint(header, "bold")]
    for number, item in enumerate(items):
        parts = [paint(one.placed(one.texts[number], size), one.column.style(item)) for one, size in pairs]
        lines.append(_GAP.join(parts).rstrip())
    return lines


def field_lines(item: Any, columns: Columns) -> list[str]:
    """Return the lines of one object: a field in each."""
    listed = ((column, shown(column.read(item))) for column in columns if not column.unlisted)
    cells = [(column, text) for column, text in listed if text]
    label = max((len(column.name) for column, _ in cells), default=0)
    return [
        f"{paint(column.name.ljust(label), 'dim')}{_GAP}{paint(text, column.style(item))}".rstrip()
        for column, text in cells
    ]


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


def _cells(column: Column, items: Sequence[Any]) -> _Cells:
    values = [column.read(item) for item in items]
    given = [value for value in values if value is not None]
    return _Cells(
        column,
        printable(column.title) or column.name.upper().replace("_", " "),
        [shown(value) for value in values],
        all(isinstance(value, int | float) and not isinstance(value, bool) for value in given),
        bool(given) and all(isinstance(value, datetime) for value in given),
    )


def _fitted(cells: Sequence[_Cells], available: int) -> list[int]:
    """Return the sizes of the columns that fit: the first of them, as wide as there is room."""
    count = len(cells)
    while count > 1 and sum(one.least for one in cells[:count]) + len(_GAP) * (count - 1) > available:
        count -= 1
    sizes = [one.size for one in cells[:count]]
    room = available - len(_GAP) * (count - 1)
    for rank in range(3):
        while sum(sizes) > room:
            shrinking = [i for i in range(count) if cells[i].rank == rank and sizes[i] > cells[i].least]
            if not shrinking:
                break
            sizes[max(shrinking, key=sizes.__getitem__)] -= 1
    return sizes
