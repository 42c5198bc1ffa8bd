"""The rows of a JSON Lines file, one at a time, for the functions that write new files from them.

A file that is not JSON Lines in UTF-8 raises `DatasetError`, which names the function that repairs it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from ..errors import DatasetError, InvalidRequestError, Problem
from ..upload_source import open_source, reading
from .lines import BOM, REPAIR, LineFault
from .other_files import named, other_encoding

LONGEST_ROW = 64 * 1024 * 1024
"""Size limit of one row, in bytes: a longer one is not JSON Lines."""

PROBLEMS_KEPT = 1000
"""Number of problems that an error holds."""

_PROBLEMS_SHOWN = 5
_SPACE = b" \t\r\n"


def as_path(path: str | os.PathLike[str], field: str = "path") -> Path:
    """Return the argument `field` as a path. Raises `InvalidRequestError` if it is not a path."""
    if not isinstance(path, str | os.PathLike):
        raise InvalidRequestError.of(field, "a path, as a string or a Path", path)
    return Path(os.fsdecode(path))


def read_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the number and the content of each line that is not blank, without the white space around it."""
    with open_source(path) as payload, reading(str(path)):
        yield from _lines(payload.file, path)


def _lines(file: BinaryIO, path: Path) -> Iterator[tuple[int, bytes]]:
    number = 0
    while line := file.readline(LONGEST_ROW + 1):
        number += 1
        if number == 1:
            _require_lines(line, path)
            line = line.removeprefix(BOM)
        if len(line) > LONGEST_ROW:
            raise not_a_row(path, number, f"is longer than {LONGEST_ROW} bytes")
        if line := line.strip(_SPACE):
            yield number, line


def _require_lines(line: bytes, path: Path) -> None:
    kind = other_encoding(line)
    if kind is not None:
        raise other_file(path, kind)


def other_file(path: Path, kind: LineFault) -> DatasetError:
    """Return the error for a file of another kind."""
    advice = named(kind.hint or REPAIR, str(path))
    return DatasetError(f"{path}: is not JSON Lines: {kind.text}: {advice}", path=str(path))


def read_rows(path: Path) -> Iterator[tuple[int, bytes, dict[str, Any]]]:
    """Yield the line number, the line and the value of each row. Raises `DatasetError` for a bad line."""
    for number, line in read_lines(path):
        yield number, line, row_of(path, number, line)


def row_of(path: Path, number: int, line: bytes) -> dict[str, Any]:
    """Return the value of a line. Raises `DatasetError` for a bad one, naming the steps that help."""
    try:
        return parsed(path, number, line)
    except DatasetError as error:
        advice = "call data.check to list every problem, and data.repair to fix what needs no guessing"
        raise DatasetError(f"{error}\n{advice}", path=error.path, problems=error.problems) from None


def parsed(path: Path, number: int, line: bytes) -> dict[str, Any]:
    """Return the value of a row. Raises `DatasetError` for what is not a JSON object in UTF-8."""
    try:
        value = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise not_a_row(path, number, f"is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise not_a_row(path, number, "is not a JSON object")
    return value


def object_in(line: bytes) -> dict[str, Any] | None:
    """Return the JSON object that a line is, or `None` for anything else."""
    try:
        value = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def not_a_row(path: Path, number: int, message: str) -> DatasetError:
    """Return the error for a line that cannot be used."""
    problem = Problem(number, message)
    return DatasetError(f"{path}, {problem}", path=str(path), problems=(problem,))


def bad_rows(path: Path, message: str, problems: Sequence[Problem]) -> DatasetError:
    """Return the error for all the lines that cannot be used; its message has the first of them."""
    shown = "".join(f"\n  {problem}" for problem in problems[:_PROBLEMS_SHOWN])
    more = len(problems) - _PROBLEMS_SHOWN
    text = f"{path}: {message}{shown}" + (f"\n  and {more} more" if more > 0 else "")
    return DatasetError(text, path=str(path), problems=tuple(problems))
