"""The objects in a JSON text that is not one object per line: an array, or objects over several lines.

The text is scanned piece by piece for the ends of objects, so a file can be larger than memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from .lines import SEPARATORS
from .rows import LONGEST_ROW, not_a_row

# A string whose end is not in the text yet has an empty group.
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*("?)|[{}\[\]]', re.DOTALL)
_BETWEEN = re.compile(SEPARATORS)
_SPACE = re.compile(rb'("[^"\\]*(?:\\.[^"\\]*)*")|[ \t\r\n]+', re.DOTALL)


def json_objects(pieces: Iterable[bytes], path: Path, before: int = 0) -> Iterator[tuple[int, bytes]]:
    """Yield each object of an array or of a sequence, with the number of its first line.

    The text begins after `before` lines. The inside of an object is not checked. Raises `DatasetError` for
    anything else outside of objects.
    """
    scanner = _Scanner(path, before + 1)
    for piece in pieces:
        yield from scanner.feed(piece)
    scanner.finish()


def on_one_line(content: bytes) -> bytes:
    """Return JSON without the white space around its values; nothing else changes."""
    return _SPACE.sub(rb"\1", content)


class _Scanner:
    """Scanner of a text in pieces, with the state between two of them."""

    def __init__(self, path: Path, line: int) -> None:
        self._path = path
        self._text = b""
        self._at = 0  # where scanning continues
        self._begin = -1  # start of the incomplete object; -1 between objects
        self._end = 0  # end of the last object
        self._depth = 0
        self._base = 0  # 1 inside an array
        self._is_over = False
        self._has_begun = False
        self._line, self._counted = line, 0  # the line of the text up to a position

    def feed(self, piece: bytes) -> Iterator[tuple[int, bytes]]:
        self._forget()
        self._text += piece
        if len(self._text) > LONGEST_ROW + len(piece):
            line = self._line_of(self._begin)
            raise not_a_row(self._path, line, f"starts an object of more than {LONGEST_ROW} bytes")
        for token in _TOKEN.finditer(self._text, self._at):
            if token[1] == b"":
                self._at = token.start()
                return
            found = self._take(token[0], token.start(), token.end())
            self._at = token.end()
            if found:
                yield found
        self._at = max(self._at, len(self._text)) if self._begin >= 0 else self._at

    def finish(self) -> None:
        """Raise `DatasetError` if the text ends within an object or an array."""
        if self._begin >= 0:
            line = self._line_of(self._begin)
            raise not_a_row(self._path, line, "starts an object that is never closed")
        self._require_nothing(len(self._text))
        if self._base and not self._is_over:
            raise not_a_row(
                self._path, self._line_of(len(self._text)), "is truncated: the array is never closed"
            )

    def _take(self, token: bytes, start: int, end: int) -> tuple[int, bytes] | None:
        if self._depth == self._base and token != b"]":
            self._require_nothing(start)
            if token == b"[" and not self._has_begun:
                self._base, self._has_begun, self._end = 1, True, end
            elif token != b"{" or self._is_over:
                raise not_a_row(self._path, self._line_of(start), "is not a JSON object")
            else:
                self._begin, self._has_begun = start, True
        if token in (b"{", b"["):
            self._depth += 1
        elif token in (b"}", b"]"):
            return self._close(start, end)
        return None

    def _close(self, start: int, end: int) -> tuple[int, bytes] | None:
        self._depth -= 1
        if self._depth < self._base:
            self._require_nothing(start)
            if self._is_over or not self._base:
                raise not_a_row(self._path, self._line_of(start), "has an unmatched closing bracket")
            self._is_over, self._end, self._depth = True, end, self._base
        elif self._depth == self._base:
            begin, self._begin, self._end = self._begin, -1, end
            return self._line_of(begin), self._text[begin:end]
        return None

    def _require_nothing(self, until: int) -> None:
        """Raise `DatasetError` for text between two objects."""
        between = _BETWEEN.match(self._text, self._end)
        if between is not None and between.end() < until:
            line = self._line_of(between.end())
            raise not_a_row(self._path, line, "is not a JSON object")

    def _line_of(self, position: int) -> int:
        if position > self._counted:
            self._line += self._text.count(b"\n", self._counted, position)
            self._counted = position
        return self._line

    def _forget(self) -> None:
        """Drop the text that is no longer needed."""
        start = self._begin if self._begin >= 0 else self._end
        self._line_of(start)
        self._counted -= start
        self._text = self._text[start:]
        self._at -= start
        self._end -= start
        self._begin = 0 if self._begin >= 0 else -1
