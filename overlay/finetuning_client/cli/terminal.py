"""Text for people: colours where they are wanted, without control characters that a server may have sent."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from typing import TextIO

_CODES: Mapping[str, str] = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "cyan": "36",
}
_OUTCOMES: Mapping[str | None, str] = {"succeeded": "green", "failed": "red", "cancelled": "yellow"}


def is_terminal(stream: TextIO) -> bool:
    """Return whether a stream is a terminal that can draw."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def paint(text: str, style: str | None, stream: TextIO | None = None) -> str:
    """Return the text in a style, if the stream (standard output) is a terminal and `NO_COLOR` is unset."""
    if not style or os.environ.get("NO_COLOR") or not is_terminal(stream or sys.stdout):
        return text
    return f"\033[{_CODES[style]}m{text}\033[0m"


def style_of_outcome(outcome: str | None) -> str:
    """Return the style of a status with an outcome; `None` for an object that has not ended."""
    return _OUTCOMES.get(outcome, "cyan")


def printable(text: str) -> str:
    """Return the text in one line, each control character replaced, so that it cannot steer a terminal."""
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() else " " if c.isspace() else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def width() -> int:
    """Return the columns of the terminal, or of `COLUMNS`; 80 where neither is known."""
    return max(shutil.get_terminal_size().columns, 20)


def ellipsized(text: str, length: int) -> str:
    """Return the text, cut to `length` characters with a mark where it was longer."""
    return text if len(text) <= length else text[: max(length - 1, 0)] + "…"
