"""A file of examples, read once in bounded memory: its size, or the first error in it.

Reading never raises because of a file's content; every problem is returned as a `JobError`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Literal

import msgspec

from finetuning_emulator.grading import item_value
from finetuning_emulator.simulation.example_formats import Format, TokenCount, count_tokens, find_mistake
from finetuning_emulator.simulation.job_error import JobError

__all__ = ["MIN_EXAMPLES", "Dataset", "Role", "read_dataset"]

Role = Literal["training", "validation"]

MIN_EXAMPLES: dict[Role, int] = {"training": 10, "validation": 1}
"""The smallest number of examples in a file of each role."""

_MAX_LINE_BYTES = 16 * 1024 * 1024
_MAX_REMEMBERED = 200_000
_BOM = b"\xef\xbb\xbf"


class Dataset(msgspec.Struct, frozen=True):
    """The size of a file of valid examples.

    Attributes:
        examples: number of examples.
        tokens: estimated tokens of all examples.
        targets: estimated tokens that the model learns to write.
        duplicates: number of examples equal to an earlier one.
        digest: hash of the content.
    """

    examples: int
    tokens: int
    targets: int
    duplicates: int
    digest: str


def read_dataset(
    path: Path, expected: Format, role: Role, *, needed: Mapping[str, bool] | None = None
) -> Dataset | JobError:
    """Read a JSON Lines file in the expected format; blank lines are skipped and not counted.

    Every example must have the fields that a grader needs, such as `answer`; those marked True must be
    strings.
    """
    hasher = hashlib.blake2b(digest_size=16)
    seen: set[int] = set()
    for_grader = _GraderFields(needed or {})
    examples = tokens = targets = duplicates = 0
    with path.open("rb") as file:
        for line in _lines(file):
            examples += 1
            example = _decode(line)
            count = _check(example, expected)
            if isinstance(count, str):
                return _invalid(role, f"Example {examples}{count}")
            for_grader.look_in(example, examples)
            hasher.update(line + b"\n")
            tokens += count.tokens
            targets += count.targets
            mark = hash(line)
            duplicates += mark in seen
            if len(seen) < _MAX_REMEMBERED:
                seen.add(mark)
    if examples < MIN_EXAMPLES[role]:
        return _too_few(role, examples)
    if (error := for_grader.error(role)) is not None:
        return error
    return Dataset(examples, tokens, targets, duplicates, hasher.hexdigest())


class _GraderFields:
    """The fields that a grader reads, and the first example that does not fit each."""

    def __init__(self, needed: Mapping[str, bool]) -> None:
        self._needed = needed
        self._faults: dict[str, str] = {}
        self._found: set[str] = set()

    def look_in(self, example: Any, number: int) -> None:
        for field, is_text in self._needed.items():
            try:
                value = item_value(example, field)
            except LookupError:
                self._faults.setdefault(
                    field, f"Example {number} Missing key '{field}', which the grader reads"
                )
                continue
            self._found.add(field)
            if value is None or (is_text and isinstance(value, dict | list)):
                self._faults.setdefault(
                    field, f"Example {number}, {field} Input should be a string, which the grader reads"
                )

    def error(self, role: Role) -> JobError | None:
        """Return the error for a field that no example has, else for the first example that does not fit."""
        for field, fault in self._faults.items():
            return _invalid(role, fault) if field in self._found else _unused(role, field)
        return None


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines that are not blank; a line that is too long is cut and is the last."""
    first = True
    while line := file.readline(_MAX_LINE_BYTES + 1):
        if first:
            line, first = line.removeprefix(_BOM), False
        too_long = len(line) > _MAX_LINE_BYTES
        if too_long or (line := line.strip(b" \t\r\n")):
            yield line
        if too_long:
            return


class _NotJson(msgspec.Struct):
    problem: str


def _decode(line: bytes) -> Any:
    if len(line) > _MAX_LINE_BYTES:
        return _NotJson(f" is longer than {_MAX_LINE_BYTES} bytes")
    try:
        value = msgspec.json.decode(line)
        if line.count(b'"') != _quotes(value):
            # More strings than were decoded: a key may occur twice.
            json.loads(line, object_pairs_hook=_unique)
    except _RepeatedKey as error:
        return _NotJson(f" has the key '{error}' twice in an object")
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _NotJson(" is not valid JSON: every line must be one JSON object in UTF-8")
    return value


class _RepeatedKey(Exception):
    """A key that occurs twice in an object."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _RepeatedKey(key)
        found[key] = value
    return found


def _quotes(value: Any) -> int:
    """Return the number of quotes that a value, however deeply nested, needs as JSON."""
    count, left = 0, [value]
    while left:
        item = left.pop()
        if isinstance(item, str):
            count += 2 + item.count('"')
        elif isinstance(item, dict):
            left += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            left += item
    return count


def _check(example: Any, expected: Format) -> TokenCount | str:
    """Return the tokens of the example, or what is wrong with it."""
    if isinstance(example, _NotJson):
        return example.problem
    try:
        return find_mistake(example, expected) or count_tokens(example, expected)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return " is not valid JSON: every line must be one JSON object in UTF-8"


def _invalid(role: Role, problem: str) -> JobError:
    return JobError(
        code=f"invalid_{role}_file",
        message=(f"The job failed due to an invalid {role} file. Invalid file format. {problem}"),
        param=f"{role}_file",
    )


def _too_few(role: Role, examples: int) -> JobError:
    least = MIN_EXAMPLES[role]
    return JobError(
        code="invalid_n_examples",
        message=(
            f"{role.capitalize()} file has {examples} example(s),"
            f" but must have at least {least} example{'s' * (least > 1)}"
        ),
        param=f"{role}_file",
    )


def _unused(role: Role, item_path: str) -> JobError:
    return JobError(
        code="invalid_grader",
        message=(
            f"The job failed due to an invalid grader. It reads '{{{{item.{item_path}}}}}',"
            f" but no example of the {role} file has '{item_path}'"
        ),
        param="method.reinforcement.grader",
    )
