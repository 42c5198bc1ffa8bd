"""Text for people: with colours if they are wanted, without control characters from a server."""

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
# Replacements for the characters of bars, sparklines and charts.
_ASCII: Mapping[str, str] = dict(
    zip("█░▁▂▃▄▅▆▇┤┼├│└┌─○…·\N{MULTIPLICATION SIGN}", "#.__--==+||||++-o~.x", strict=True)
)
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


def plain(error: UnicodeError) -> tuple[str, int]:
    """Return replacements in ASCII of what an output cannot encode (a handler of `codecs`)."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_in_ascii, error.object[error.start : error.end])), error.end


def _in_ascii(character: str) -> str:
    if "\N{BRAILLE PATTERN BLANK}" <= character <= "\N{BRAILLE PATTERN DOTS-12345678}":
        # Charts consist of Braille characters.
        return " " if character == "\N{BRAILLE PATTERN BLANK}" else "*"
    return _ASCII.get(character, "?")


def width() -> int:
    """Return the columns of the terminal, or of `COLUMNS`; 80 where neither is known."""
    return max(shutil.get_terminal_size().columns, 20)


def wrapped(text: str) -> str:
    """Return a sentence in lines that fit the terminal of the standard error; in one line without one."""
    if not is_terminal(sys.stderr):
        return text
    import textwrap

    return textwrap.fill(text, width(), break_long_words=False, break_on_hyphens=False)


def columns_of(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return len(text) if text.isascii() else sum(map(_columns_of_one, text))


def _columns_of_one(character: str) -> int:
    from unicodedata import combining, east_asian_width

    return 0 if combining(character) else 1 + (east_asian_width(character) in "WF")


def ellipsized(text: str, length: int) -> str:
    """Return the text, cut to `length` columns with a mark where it was longer."""
    if columns_of(text) <= length:
        return text
    while text and columns_of(text) >= length:
        text = text[:-1]
    return text + "…"


def agrees(question: str) -> bool:
    """Ask a question in the terminal; return whether the answer was yes. The end of the input is a no."""
    while True:
        sys.stderr.write(f"{question} [y/N]: ")
        sys.stderr.flush()
        answer = ""
        try:
            answer = sys.stdin.readline()
        finally:
            if not answer:
                # Ctrl-C and Ctrl-D leave the cursor on the line of the question.
                sys.stderr.write("\n")
        word = answer.strip().lower()
        if word in ("y", "yes", "n", "no", ""):
            return word in ("y", "yes")
        sys.stderr.write("Please answer y or n.\n")
