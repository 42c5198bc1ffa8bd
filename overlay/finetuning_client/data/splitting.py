"""Split of a dataset into a training and a validation file, in two passes over it.

Rows with equal prompts (ignoring case and white space) stay together, so that nothing leaks. The prompts are
ordered by a digest that is keyed with the seed, and the first of them go to the validation file, so a split
is the same on every machine. Ten bytes per example are held in memory.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Hashable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, TypeAlias

import attrs

from ..errors import DatasetError, InvalidRequestError
from ..misspellings import near_name
from ..upload_source import reading
from .field_paths import look_up, steps_of
from .output_files import beside, new_files
from .prompts import prompt_of
from .rows import as_path, read_lines, read_rows
from .stable_digests import loose_digest_of

Stratum: TypeAlias = str | Callable[[Mapping[str, Any]], Hashable]
"""Path of a field such as `label`, or a function of the example; examples of one value are a stratum."""

_END = 1 << 64
_SORTED_AT_ONCE = 250_000
_MAX_SKIPPED = 1000
_MAX_STRATA = 10_000


@attrs.frozen(kw_only=True)
class Split:
    """The two files of a split.

    Attributes:
        train, validation: the files.
        train_examples, validation_examples: how many examples each has.
        strata: number of examples of each stratum, in the validation file and in total, by the value of the
            field; empty without `stratify`.
    """

    train: Path
    validation: Path
    train_examples: int
    validation_examples: int
    strata: Mapping[Hashable, tuple[int, int]]


def split(
    path: str | os.PathLike[str],
    train: str | os.PathLike[str] | None = None,
    validation: str | os.PathLike[str] | None = None,
    *,
    fraction: float = 0.1,
    seed: int = 0,
    stratify: Stratum | None = None,
    overwrite: bool = False,
) -> Split:
    """Split a JSON Lines file into a training and a validation file. Lines stay unchanged and in order.

    Args:
        path: the file to split.
        train: the new training file; `None` names it `data.train.jsonl` for `data.jsonl`.
        validation: the new validation file; `None` names it `data.validation.jsonl`.
        fraction: share of the examples that go to the validation file, more than 0 and less than 1.
        seed: a different seed gives a different split.
        stratify: keep the proportion of each value of a field, given by its path or a function of the
            example.
        overwrite: whether files that exist may be replaced.

    Rows with the same prompt go to the same file, so the fraction is met as closely as that allows. Raises
    `DatasetError`, and writes nothing, for a file that is not JSON Lines or that cannot be split.
    """
    source = as_path(path)
    _check_arguments(fraction, seed)
    targets = [
        beside(source, "train") if train is None else as_path(train, "train"),
        beside(source, "validation") if validation is None else as_path(validation, "validation"),
    ]
    state = _state_of(source)
    choice = _Choice(source, seed, stratify)
    choice.choose(fraction)
    counts = [0, 0]
    with new_files(*targets, overwrite=overwrite) as files:
        parts = choice.parts()
        for _, line in read_lines(source):
            part = next(parts, False)
            counts[part] += 1
            files[part].write(line + b"\n")
        if sum(counts) != choice.rows or _state_of(source) != state:
            raise DatasetError(f"{source}: changed while it was being read: split it again", path=str(source))
    return Split(
        train=targets[0],
        validation=targets[1],
        train_examples=counts[0],
        validation_examples=counts[1],
        strata=choice.counts() if stratify is not None else {},
    )


class _Choice:
    """Choice of the prompts for the validation file: those up to a bound in each stratum, and a few more."""

    def __init__(self, source: Path, seed: int, stratify: Stratum | None) -> None:
        self._source = source
        self._key = seed.to_bytes(8, signed=True)
        stratum_of = _reader(stratify)
        self._strata: dict[Hashable, _Stratum] = {}
        self._order = array("H")  # the stratum of each example
        self.rows = 0
        fields: set[str] = set()
        for _, _, row in read_rows(source):
            fields.update(row if self.rows < 100 else ())
            stratum = self._strata.setdefault(stratum_of(row), _Stratum(len(self._strata)))
            if len(self._strata) > _MAX_STRATA:
                rule = f"a field or a function with at most {_MAX_STRATA} values"
                raise InvalidRequestError.of("stratify", rule, stratify)
            stratum.digests.append(self._digest(row))
            self._order.append(stratum.index)
            self.rows += 1
        if isinstance(stratify, str) and set(self._strata) == {None}:
            near = near_name(stratify, fields)
            hint = f": did you mean {near!r}?" if near else f": they have {', '.join(sorted(fields))}"
            raise InvalidRequestError.of("stratify", f"a field of the examples{hint}", stratify, "")

    def choose(self, fraction: float) -> None:
        """Set the bound of each stratum. Raises `DatasetError` if one of the files would be empty."""
        wanted = _shares([len(s.digests) for s in self._strata.values()], fraction)
        for stratum, count in zip(self._strata.values(), wanted, strict=True):
            stratum.choose(count)
        self._join()
        chosen = self._count()
        if not chosen and (skipped := [s.smallest_skipped() for s in self._strata.values() if s.skipped]):
            self._exceptions[min(skipped)[1]] = True
        elif chosen == self.rows:
            self._exceptions[max(max(s.digests) for s in self._strata.values())] = False
        if not 0 < self._count() < self.rows:
            raise DatasetError(
                f"{self._source}: cannot be split: it has {self.rows} examples, and those with"
                " the same prompt stay together: add examples with other prompts, or change fraction",
                path=str(self._source),
            )

    def parts(self) -> Iterator[bool]:
        """Yield whether each example, in the order of the file, goes to the validation file."""
        strata = list(self._strata.values())
        parts = [map(stratum.has, stratum.digests) for stratum in strata]
        return parts[0] if len(parts) == 1 else (next(parts[index]) for index in self._order)

    def counts(self) -> dict[Hashable, tuple[int, int]]:
        """Return the number of examples of each stratum, in the validation file and in all."""
        return {
            value: (sum(map(stratum.has, stratum.digests)), len(stratum.digests))
            for value, stratum in self._strata.items()
        }

    def _count(self) -> int:
        return sum(chosen for chosen, _ in self.counts().values())

    def _join(self) -> None:
        """Assign prompts of several strata: they go to the validation file if any stratum selects them."""
        self._exceptions: dict[int, bool] = {}
        for stratum in self._strata.values():
            self._exceptions |= dict.fromkeys(stratum.skipped, False)
        if len(self._strata) > 1:
            lowest = min(stratum.bound for stratum in self._strata.values())
            for stratum in self._strata.values():
                within = (d for d in stratum.digests if lowest <= d < stratum.bound)
                self._exceptions |= dict.fromkeys((d for d in within if d not in stratum.skipped), True)
        for stratum in self._strata.values():
            stratum.exceptions = self._exceptions

    def _digest(self, row: Mapping[str, Any]) -> int:
        return int.from_bytes(loose_digest_of(prompt_of(row), self._key)[:8])


class _Stratum:
    """Digests of the examples of one stratum, and the bound under which they go to the validation file."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.digests = array("Q")
        self.bound = 0
        self.skipped: dict[int, int] = {}
        self.exceptions: Mapping[int, bool] = {}

    def has(self, digest: int) -> bool:
        """Return whether an example with this digest goes to the validation file."""
        found = self.exceptions.get(digest)
        return digest < self.bound if found is None else found

    def choose(self, wanted: int) -> None:
        """Set the bound so that about `wanted` examples are below it; prompts with too many are skipped."""
        left = wanted
        for digest, size in self._groups() if wanted else ():
            if size > 2 * left and len(self.skipped) < _MAX_SKIPPED:
                self.skipped[digest] = size
                continue
            left -= size
            self.bound = digest + 1
            if left <= 0:
                break

    def smallest_skipped(self) -> tuple[int, int]:
        """Return the size and the digest of the smallest group that was skipped."""
        return min((size, digest) for digest, size in self.skipped.items())

    def _groups(self) -> Iterator[tuple[int, int]]:
        """Yield each digest and its number of examples, in order; only a part of them is sorted at a time."""
        width = _END * min(_SORTED_AT_ONCE, len(self.digests)) // len(self.digests)
        for start in range(0, _END, width):
            part = sorted(d for d in self.digests if start <= d < start + width)
            for digest, rows in groupby(part):
                yield digest, sum(1 for _ in rows)


def _state_of(path: Path) -> tuple[int, int]:
    with reading(str(path)):
        found = path.stat()
    return found.st_size, found.st_mtime_ns


def _shares(sizes: list[int], fraction: float) -> list[int]:
    """Return the share of each stratum, as integers whose sum is the total share."""
    exact = [size * fraction for size in sizes]
    shares = [int(share) for share in exact]
    wanted = min(max(round(sum(sizes) * fraction), 1), sum(sizes) - 1)
    missing = wanted - sum(shares)
    by_rest = sorted(range(len(sizes)), key=lambda i: (shares[i] - exact[i], i))
    for index in by_rest[: max(missing, 0)]:
        shares[index] += 1
    return shares


def _reader(stratify: Stratum | None) -> Callable[[Mapping[str, Any]], Hashable]:
    if stratify is None:
        return lambda _: None
    if callable(stratify):
        return lambda row: _hashable(stratify(row))
    steps = steps_of(stratify) if isinstance(stratify, str) else None
    if steps is None:
        raise InvalidRequestError.of("stratify", "the path of a field, or a function of an example", stratify)
    return lambda row: _value(row, steps)


def _value(row: Mapping[str, Any], steps: tuple[str | int, ...]) -> Hashable:
    try:
        return _hashable(look_up(row, steps))
    except LookupError:
        return None


def _hashable(value: Any) -> Hashable:
    try:
        hash(value)
    except TypeError:
        return repr(value)
    return value  # type: ignore[no-any-return]


def _check_arguments(fraction: object, seed: object) -> None:
    if isinstance(fraction, bool) or not isinstance(fraction, int | float) or not 0 < fraction < 1:
        raise InvalidRequestError.of("fraction", "a number greater than 0 and less than 1", fraction)
    check_seed(seed)


def check_seed(seed: object) -> None:
    """Raise `InvalidRequestError` for what is not a seed."""
    if isinstance(seed, bool) or not isinstance(seed, int) or not -(1 << 63) <= seed < 1 << 63:
        raise InvalidRequestError.of("seed", "a whole number of at most 64 bits", seed)
