"""A file of examples, read once in bounded memory: what it holds, or the first thing wrong in it.

Reading never raises for what a file contains; every complaint is a `Problem`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from finetuning_emulator.formats import Format, Weight, fault, weigh

__all__ = ["MIN_EXAMPLES", "Dataset", "Problem", "Role", "read_dataset"]

MIN_EXAMPLES = 10
Role = Literal["training", "validation"]

_LONGEST_LINE = 16 * 1024 * 1024
_REMEMBERED = 200_000
_BOM = b"\xef\xbb\xbf"


class Problem(msgspec.Struct, frozen=True):
    """Why a job fails, as its `error` says it."""

    code: str
    message: str
    param: str | None


class Dataset(msgspec.Struct, frozen=True):
    """What a file of good examples holds.

    `tokens` and `targets` (those the model learns to write) are estimates over all examples;
    `duplicates` counts examples equal to an earlier one; `digest` is of the bytes.
    """

    examples: int
    tokens: int
    targets: int
    duplicates: int
    digest: str


def read_dataset(path: Path, form: Format, role: Role) -> Dataset | Problem:
    """Read a JSON Lines file in the given format; blank lines are skipped and not counted."""
    hasher = hashlib.blake2b(digest_size=16)
    seen: set[int] = set()
    examples = tokens = targets = duplicates = 0
    with path.open("rb") as file:
        for line in _lines(file):
            examples += 1
            weight = _examined(line, form)
            if isinstance(weight, str):
                return _invalid(role, f"Example {examples}{weight}")
            hasher.update(line + b"\n")
            tokens += weight.tokens
            targets += weight.targets
            mark = hash(line)
            duplicates += mark in seen
            if len(seen) < _REMEMBERED:
                seen.add(mark)
    if examples < MIN_EXAMPLES:
        return _too_few(role, examples)
    return Dataset(examples, tokens, targets, duplicates, hasher.hexdigest())


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines that are not blank; one that is too long ends the file and is cut."""
    first = True
    while line := file.readline(_LONGEST_LINE + 1):
        if first:
            line, first = line.removeprefix(_BOM), False
        too_long = len(line) > _LONGEST_LINE
        if too_long or (line := line.strip(b" \t\r\n")):
            yield line
        if too_long:
            return


def _examined(line: bytes, form: Format) -> Weight | str:
    """The weight of the example on this line, or what is wrong with it."""
    if len(line) > _LONGEST_LINE:
        return f" is longer than {_LONGEST_LINE} bytes"
    try:
        example = msgspec.json.decode(line)
        return fault(example, form) or weigh(example, form)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return " is not valid JSON: every line must be one JSON object in UTF-8"


def _invalid(role: Role, complaint: str) -> Problem:
    return Problem(
        code=f"invalid_{role}_file",
        message=(f"The job failed due to an invalid {role} file. Invalid file format. {complaint}"),
        param=f"{role}_file",
    )


def _too_few(role: Role, examples: int) -> Problem:
    return Problem(
        code="invalid_n_examples",
        message=(
            f"{role.capitalize()} file has {examples} example(s),"
            f" but must have at least {MIN_EXAMPLES} examples"
        ),
        param=f"{role}_file",
    )
