"""Removal of duplicate examples, in one pass that keeps 16 bytes per example in a table."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

import attrs

from ..errors import InvalidRequestError
from .output_files import beside, new_files
from .prompts import prompt_of
from .rows import as_path, read_rows
from .stable_digests import DigestSet, digest_of

Sameness: TypeAlias = Literal["example", "prompt"]
"""Criterion by which two examples are duplicates."""

_COMPARED: Mapping[Sameness, Callable[[Mapping[str, Any]], Any]] = {
    "example": lambda row: row,
    "prompt": prompt_of,
}


@attrs.frozen(kw_only=True)
class Deduplicated:
    """The file without duplicates.

    Attributes:
        path: the new file.
        examples: how many examples it has.
        removed: how many examples of the old file were left out.
    """

    path: Path
    examples: int
    removed: int


def dedupe(
    path: str | os.PathLike[str],
    to: str | os.PathLike[str] | None = None,
    *,
    by: Sameness = "example",
    overwrite: bool = False,
) -> Deduplicated:
    """Write a JSON Lines file without its duplicates; the first of each is kept, unchanged and in order.

    Args:
        path: the file to read.
        to: the new file; `None` names it `data.deduped.jsonl` for `data.jsonl`.
        by: what makes two examples duplicates: `example` for the same JSON value, `prompt` for the same
            prompt.
        overwrite: whether a file that exists may be replaced.

    Raises `DatasetError`, and writes nothing, for a file that is not JSON Lines.
    """
    source = as_path(path)
    if by not in _COMPARED:
        raise InvalidRequestError.of("by", " or ".join(map(repr, get_args(Sameness))), by)
    target = beside(source, "deduped") if to is None else as_path(to, "to")
    compared, seen, rows = _COMPARED[by], DigestSet(), 0
    with new_files(target, overwrite=overwrite) as (file,):
        for _, line, row in read_rows(source):
            rows += 1
            if seen.add(digest_of(compared(row))):
                file.write(line + b"\n")
    return Deduplicated(path=target, examples=len(seen), removed=rows - len(seen))
