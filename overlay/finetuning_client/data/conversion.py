"""Conversion of data into a training file: from CSV, JSON or Parquet, and from the layouts of other tools."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias, cast, get_args

import attrs
import msgspec

from ..errors import DatasetError, InvalidRequestError, Problem
from .layouts import Columns, Layout, Target, check_target, convert_row, layout_of
from .output_files import beside, new_files, stem_of
from .rows import PROBLEMS_KEPT, as_path, bad_rows
from .tables import Container, container_of, read_table

Format: TypeAlias = Container | Layout
"""Storage of the rows, or their columns; what is not given is recognised."""


@attrs.frozen(kw_only=True)
class Converted:
    """The training file that was made from the data.

    Attributes:
        path: the new file.
        examples: how many examples it has.
        container: how the rows were stored.
        layout: which columns they had.
        target: the format of the examples.
    """

    path: Path
    examples: int
    container: Container
    layout: Layout
    target: Target


def convert(
    path: str | os.PathLike[str],
    to: str | os.PathLike[str] | None = None,
    *,
    format: Format | None = None,
    target: Target | None = None,
    prompt: str | None = None,
    completion: str | None = None,
    preferred: str | None = None,
    rejected: str | None = None,
    system: str | None = None,
    keep: Sequence[str] = (),
    encoding: str | None = None,
    overwrite: bool = False,
) -> Converted:
    """Write the rows of another file as a training file, in the same order.

    Args:
        path: a CSV, TSV, JSON, JSON Lines or Parquet file; text formats may be compressed with gzip.
        to: the new file; `None` names it `data.jsonl` for `data.csv`, and `data.converted.jsonl` for a file
            that ends with `.jsonl`.
        format: how the rows are stored (`csv`, `tsv`, `json`, `jsonl`, `parquet`), or their layout: `chat`
            (`messages`), `sharegpt` (`conversations`), `alpaca` (`instruction`, `input`, `output`), `pairs`
            (a prompt and an answer in two columns) or `preference` (`chosen` and `rejected`, with `prompt` or
            as whole conversations). `None` recognises both.
        target: the format of the training file: `chat`, `completions`, `preference`, or `reinforcement`,
            which has the last answer as `answer` alongside the messages. `None` means `preference` for
            preference rows, otherwise `chat`.
        prompt: name of the column with the prompt.
        completion: name of the column with the answer.
        preferred: name of the column with the better answer of a pair.
        rejected: name of the column with the worse answer of a pair.
        system: a system message for each example that has none.
        keep: columns to write alongside the messages, for a grader that reads them.
        encoding: the encoding of a text file, if you know it and the file has no byte order mark.
        overwrite: whether a file that exists may be replaced.

    Raises `DatasetError`, and writes nothing, if a row cannot be converted; its `problems` list the first
    1000 such rows. Raises `ConfigurationError` for a Parquet file if the extra `data` is not installed.
    """
    source = as_path(path)
    container, layout = _container_and_layout(source, format, encoding)
    columns = Columns(
        prompt=prompt, completion=completion, preferred=preferred, rejected=rejected, system=system, keep=keep
    )
    _require_names(columns)
    if target is not None and target not in get_args(Target):
        raise InvalidRequestError.of("target", f"one of {', '.join(get_args(Target))}", target)
    work = _Conversion(source, container, layout, target, columns)
    destination = _default_target(source) if to is None else as_path(to, "to")
    with new_files(destination, overwrite=overwrite) as (file,):
        for line in work.lines(encoding):
            file.write(line + b"\n")
    return work.result(destination)


def _require_names(columns: Columns) -> None:
    """Raise `InvalidRequestError` for column names that are not strings."""
    if isinstance(columns.keep, str) or not isinstance(columns.keep, Sequence):
        raise InvalidRequestError.of("keep", "a list of column names", columns.keep)
    if not isinstance(columns.system, str | None):
        raise InvalidRequestError.of("system", "the text of a system message", columns.system)
    single = ("prompt", "completion", "preferred", "rejected")
    for field, name in [*((n, getattr(columns, n)) for n in single), *(("keep", n) for n in columns.keep)]:
        if not isinstance(name, str | None):
            raise InvalidRequestError.of(field, "the name of a column", name)


class _Conversion:
    """Conversion of rows, of which the first decides the layout of all."""

    def __init__(
        self,
        source: Path,
        container: Container,
        layout: Layout | None,
        target: Target | None,
        columns: Columns,
    ) -> None:
        self._source, self._columns = source, columns
        self._container: Container = container
        self._layout: Layout | None = layout
        self._target: Target | None = target
        self._problems: list[Problem] = []
        self._examples = 0

    def lines(self, encoding: str | None) -> Iterator[bytes]:
        """Yield each example as a line. Raises `DatasetError` at the end for rows with missing values."""
        for number, row in read_table(self._source, self._container, encoding):
            layout = self._layout or self._recognise(row)
            target = check_target(layout, self._target)
            self._layout, self._target = layout, target
            try:
                example = convert_row(row, layout, target, self._columns)
                line = msgspec.json.encode(example)
            except (ValueError, TypeError) as error:
                if len(self._problems) < PROBLEMS_KEPT:
                    self._problems.append(Problem(number, str(error)))
                continue
            self._examples += 1
            yield line
        if self._problems:
            raise bad_rows(self._source, "some rows cannot be converted", self._problems)
        if not self._examples:
            raise DatasetError(f"{self._source}: has no rows", path=str(self._source))

    def result(self, path: Path) -> Converted:
        """Return the summary."""
        assert self._layout is not None
        assert self._target is not None
        return Converted(
            path=path,
            examples=self._examples,
            container=self._container,
            layout=self._layout,
            target=self._target,
        )

    def _recognise(self, row: Mapping[str, Any]) -> Layout:
        found = layout_of(row, self._columns)
        if found is None:
            names = ", ".join(map(repr, row))
            text = f"{self._source}: the layout of its rows is unknown; they have the columns {names}"
            advice = (
                "name the columns with prompt= and completion=, or with prompt=, preferred= and rejected="
            )
            raise DatasetError(f"{text}: {advice}", path=str(self._source))
        return found


def _container_and_layout(
    source: Path, given: Format | None, encoding: str | None
) -> tuple[Container, Layout | None]:
    """Return the container of the rows, and their layout if it was given."""
    if given in get_args(Container):
        return cast("Container", given), None
    if given is not None and given not in get_args(Layout):
        known = ", ".join((*get_args(Container), *get_args(Layout)))
        raise InvalidRequestError.of("format", f"one of {known}", given)
    return container_of(source, encoding), cast("Layout | None", given)


def _default_target(source: Path) -> Path:
    plain = source.with_name(f"{stem_of(source)}.jsonl")
    return plain if plain != source else beside(source, "converted")
