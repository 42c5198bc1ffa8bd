"""Rows of text in aligned columns, as wide as the terminal allows."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest

__all__ = ["Row", "columns", "counted", "listed", "paragraph", "terminal_width", "widths_for"]

Cell = str | Sequence[str]
Row = Sequence[Cell]

_GAP = 2


def terminal_width() -> int:
    """Return the width to write in: that of the terminal, between 60 and 120 columns."""
    return min(max(shutil.get_terminal_size((80, 24)).columns, 60), 120)


def widths_for(rows: Sequence[Row], width: int, *, indent: int = 2) -> list[int]:
    """Return the widths of the columns of a table, which several tables can share.

    Each column is as wide as its longest text, up to two fifths of the width; the last has the rest.
    """
    room = width - indent
    count = len(rows[0]) - 1 if rows else 0
    widths = []
    for index in range(count):
        longest = max(len(text) for row in rows for text in _texts(row[index]))
        widths.append(min(longest, room * 2 // 5))
    return [*widths, max(room - sum(widths) - _GAP * count, 20)]


def columns(rows: Sequence[Row], widths: Sequence[int], *, indent: int = 2) -> Iterator[str]:
    """Yield the lines of a table.

    A cell is text, or several texts that each begin a line; long texts are wrapped.
    """
    for row in rows:
        cells = [_wrapped(cell, wide) for cell, wide in zip(row, widths, strict=True)]
        for parts in zip_longest(*cells, fillvalue=""):
            padded = (part.ljust(wide) for part, wide in zip(parts, widths, strict=True))
            yield (" " * indent + (" " * _GAP).join(padded)).rstrip()


def paragraph(text: str, width: int, *, indent: int = 0) -> Iterator[str]:
    """Yield the lines of a text, with those after the first indented."""
    yield from textwrap.wrap(text, width, subsequent_indent=" " * indent, break_on_hyphens=False)


def listed(names: Sequence[str], room: int) -> str:
    """Return as many names as there is room for, and the number of the others."""
    for shown in range(len(names), 0, -1):
        rest = f" and {len(names) - shown} more" if shown < len(names) else ""
        text = ", ".join(names[:shown]) + rest
        if len(text) <= room or shown == 1:
            return text
    return ""


def counted(number: int, noun: str) -> str:
    """Return the number with its noun, which takes an `s` in the plural."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _texts(cell: Cell) -> Sequence[str]:
    return [cell] if isinstance(cell, str) else cell


def _wrapped(cell: Cell, width: int) -> list[str]:
    lines: list[str] = []
    for text in _texts(cell):
        lines += textwrap.wrap(text, max(width, 1), break_on_hyphens=False)
    return lines
