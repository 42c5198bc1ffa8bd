"""Repair of a data file without guessing: its compression, encoding and layout.

Apart from the encoding, the content of the examples stays the same, byte for byte.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import attrs

from ..errors import DatasetError, Problem
from .json_values import json_objects, on_one_line
from .lines import BOM
from .output_files import beside, new_files
from .plain_text import PlainText, recognise
from .rows import PROBLEMS_KEPT, as_path, bad_rows, object_in, parsed

_TEXTS = {
    "gzip": "decompressed the file",
    "encoding": "converted it from {} to UTF-8",
    "bom": "removed a byte order mark",
    "json-array": "took the examples out of a JSON array",
    "pretty-printed": "wrote each example on one line",
    "line-ends": "changed the line endings to LF",
    "blank-lines": "removed blank lines",
    "trailing-comma": "removed commas and white space around examples",
    "joined-lines": "put each example on its own line",
}


@attrs.frozen(kw_only=True)
class Mending:
    """One kind of repair.

    Attributes:
        code: its name: `gzip`, `encoding`, `bom`, `json-array`, `pretty-printed`, `line-ends`, `blank-lines`,
            `trailing-comma` or `joined-lines`.
        text: what was done.
        count: to how many lines, or 1 for the whole file.
    """

    code: str
    text: str
    count: int

    def __str__(self) -> str:
        return f"{self.text} ({self.count} times)" if self.count > 1 else self.text


@attrs.frozen(kw_only=True)
class Repaired:
    """A file that was repaired.

    Attributes:
        path: the new file: JSON Lines in UTF-8.
        examples: how many examples it has.
        mended: what was repaired; empty if there was nothing to mend. Whatever `check` still finds is
            in the content of the examples, which only a person can correct.
    """

    path: Path
    examples: int
    mended: tuple[Mending, ...]


def repair(
    path: str | os.PathLike[str],
    to: str | os.PathLike[str] | None = None,
    *,
    encoding: str | None = None,
    overwrite: bool = False,
) -> Repaired:
    """Write a data file as JSON Lines in UTF-8, repairing what can be repaired without guessing.

    It repairs gzip, UTF-16, UTF-32 and Latin-1 (as far as it is certain), byte order marks, CR and CRLF line
    endings, blank lines, commas after examples, a JSON array, and examples spread over several lines.

    Args:
        path: the file to read.
        to: the new file; `None` names it `data.repaired.jsonl` for `data.jsonl`. To repair a file in place,
            name it again, with `overwrite=True`.
        encoding: the encoding of the file, if you know it and the file has no byte order mark.
        overwrite: whether a file that exists may be replaced.

    Raises `DatasetError`, and writes nothing, if a line cannot be repaired without a guess; its `problems`
    list the first 1000 such lines.
    """
    source = as_path(path)
    target = beside(source, "repaired") if to is None else as_path(to, "to")
    work = _Repair(recognise(source, encoding))
    with new_files(target, overwrite=overwrite) as (file,):
        if work.has_lines():
            work.write_lines(file)
        if work.problems or not work.examples:
            work = work.write_objects(file)
        if not work.examples:
            raise DatasetError(f"{source}: has no examples", path=str(source))
    return Repaired(path=target, examples=work.examples, mended=work.mended())


class _Repair:
    """The rows of a file, and what has been repaired in them so far."""

    def __init__(self, text: PlainText) -> None:
        self._text = text
        self._path = text.path
        self._counts: Counter[str] = Counter(gzip=int(text.is_compressed))
        if text.encoding != "utf-8":
            self._counts["encoding"] = 1
        elif text.mark:
            self._counts["bom"] = 1
        self.problems: list[Problem] = []
        self.examples = 0

    def mended(self) -> tuple[Mending, ...]:
        """Return what was repaired, each kind once."""
        return tuple(
            Mending(code=code, text=text.format(self._text.encoding_name), count=self._counts[code])
            for code, text in _TEXTS.items()
            if self._counts[code]
        )

    def has_lines(self) -> bool:
        """Return whether the first line that is not blank has at least one whole example."""
        if self._text.beginning().startswith(b"["):
            return False
        lines = (line for raw in self._text.lines() if (line := raw.removeprefix(BOM).strip()))
        return bool(self._objects_in(next(lines, b"")))

    def write_lines(self, file: BinaryIO) -> None:
        """Write each example of each line; lines that cannot be repaired become problems."""
        self._write(file, self._from_lines())

    def write_objects(self, file: BinaryIO) -> _Repair:
        """Write the examples as a sequence of objects instead, whatever lines they are on; return the result.

        If the whole text is such a sequence, no other reading is possible. Raises `DatasetError` if not.
        """
        file.seek(0)
        file.truncate()
        other = _Repair(self._text)
        try:
            other._write(file, other._from_objects())
        except DatasetError:
            if self.problems:
                text = "cannot be repaired without guessing: correct it by hand"
                raise bad_rows(self._path, text, self.problems) from None
            raise
        return other

    def _write(self, file: BinaryIO, rows: Iterator[bytes]) -> None:
        for row in rows:
            self.examples += 1
            file.write(row + b"\n")

    def _from_lines(self) -> Iterator[bytes]:
        number = 0
        for raw in self._text.lines():
            number += 1
            self._counts["bom"] += raw.startswith(BOM)
            self._counts["line-ends"] += raw.endswith((b"\r", b"\r\n"))
            line = raw.removeprefix(BOM).rstrip(b"\r\n")
            if not line.strip():
                self._counts["blank-lines"] += 1
                continue
            found = self._objects_in(line, number)
            self._counts["joined-lines"] += len(found) > 1
            self._counts["trailing-comma"] += len(found) == 1 and found[0] != line
            yield from found

    def _objects_in(self, line: bytes, number: int = 0) -> list[bytes]:
        """Return the examples in a line; if it has anything else, return none and add a problem."""
        try:
            if line.startswith(b"{") and line.endswith(b"}") and object_in(line) is not None:
                return [line]
            found = [content for _, content in json_objects([line], self._path)]
            for content in found:
                parsed(self._path, number, content)
        except DatasetError as error:
            if number and len(self.problems) < PROBLEMS_KEPT:
                self.problems.append(Problem(number, error.problems[0].message))
            return []
        return found

    def _from_objects(self) -> Iterator[bytes]:
        self._counts["json-array"] = int(self._text.beginning().startswith(b"["))
        for number, content in json_objects(self._text.pieces(), self._path):
            parsed(self._path, number, content)
            row = on_one_line(content) if b"\n" in content or b"\r" in content else content
            self._counts["pretty-printed"] += row is not content
            yield row
