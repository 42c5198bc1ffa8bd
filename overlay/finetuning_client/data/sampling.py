"""Random samples of a file's examples: to save memory, their numbers are drawn before they are read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from heapq import heappush, heappushpop
from pathlib import Path
from typing import Any

import attrs

from ..errors import InvalidRequestError
from .output_files import beside, new_files
from .rows import as_path, read_lines, row_of
from .splitting import check_seed
from .stable_digests import digest_of_bytes


@attrs.frozen(kw_only=True)
class Sampled:
    """A file that holds a random sample.

    Attributes:
        path: the new file.
        examples: how many examples it has: fewer than asked for if the old file has fewer.
        total: how many examples the old file has.
    """

    path: Path
    examples: int
    total: int


def sample(
    path: str | os.PathLike[str],
    to: str | os.PathLike[str] | None = None,
    *,
    n: int,
    seed: int = 0,
    overwrite: bool = False,
) -> Sampled:
    """Write a random sample of the examples of a JSON Lines file, in file order.

    Args:
        path: the file to read.
        to: the new file; `None` names it `data.sample.jsonl` for `data.jsonl`.
        n: how many examples; all of them if the file has fewer.
        seed: a different seed gives a different sample.
        overwrite: whether a file that exists may be replaced.

    Raises `DatasetError`, and writes nothing, for a file that is not JSON Lines.
    """
    source = as_path(path)
    target = beside(source, "sample") if to is None else as_path(to, "to")
    lines, total = _drawn(source, n, seed)
    with new_files(target, overwrite=overwrite) as (file,):
        for number, line in read_lines(source):
            if number in lines:
                row_of(source, number, line)
                file.write(line + b"\n")
    return Sampled(path=target, examples=len(lines), total=total)


def sampled_rows(path: Path, n: int, seed: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the line numbers and the values of a random sample of examples, in file order."""
    lines, _ = _drawn(path, n, seed)
    for number, line in read_lines(path):
        if number in lines:
            yield number, row_of(path, number, line)


def _drawn(path: Path, n: int, seed: int) -> tuple[set[int], int]:
    """Return the numbers of `n` random lines, those with the greatest digests, and the number of lines."""
    check_seed(seed)
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise InvalidRequestError.of("n", "a whole number, at least 1", n)
    key = seed.to_bytes(8, signed=True)
    drawn: list[tuple[bytes, int]] = []
    total = 0
    for number, _ in read_lines(path):
        ranked = (digest_of_bytes(total.to_bytes(8), key), number)
        total += 1
        if total <= n:
            heappush(drawn, ranked)
        else:
            heappushpop(drawn, ranked)
    return {number for _, number in drawn}, total
