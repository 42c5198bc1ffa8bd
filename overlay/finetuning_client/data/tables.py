"""The rows of a file in any of the formats that data comes in: CSV, TSV, JSON, JSON Lines, Parquet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any, Literal, TypeAlias

from ..errors import ConfigurationError, DatasetError
from ..upload_source import open_source
from .json_values import json_objects
from .plain_text import PlainText, recognise
from .rows import LONGEST_ROW, not_a_row, object_in, parsed

Container: TypeAlias = Literal["csv", "tsv", "json", "jsonl", "parquet"]
"""Storage of the rows. `json` is an array of objects; objects one after another are read as well."""

_BY_ENDING: dict[str, Container] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_PARQUET = b"PAR1"
_ROWS_AT_ONCE = 4096
_DELIMITERS = ",;\t|"


def container_of(path: Path, encoding: str | None) -> Container:
    """Return how the rows of a file are stored, judging by its beginning or its name."""
    with open_source(path) as payload:
        if payload.file.read(4) == _PARQUET:
            return "parquet"
    name = path.name.lower().removesuffix(".gz")
    found = _BY_ENDING.get(Path(name).suffix)
    if found is not None:
        return found
    return "json" if recognise(path, encoding).beginning().startswith((b"{", b"[")) else "csv"


def read_table(
    path: Path, container: Container, encoding: str | None
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each row with its line number (its row number, for Parquet), from 1.

    Raises `DatasetError` for a file that is not in this format, `ConfigurationError` without polars.
    """
    if container == "parquet":
        yield from _parquet_rows(path)
    elif container in ("csv", "tsv"):
        yield from _csv_rows(recognise(path, encoding), "\t" if container == "tsv" else None)
    else:
        yield from _json_rows(recognise(path, encoding))


def _json_rows(text: PlainText) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the objects of lines; from the first line that is not one object, those of a sequence."""
    if text.beginning().startswith(b"["):
        yield from _objects(text.pieces(), text.path, 0)
        return
    lines = text.lines()
    for number, line in enumerate(lines):
        if (row := object_in(line)) is not None:
            yield number + 1, row
        elif line.strip():
            yield from _objects(chain([line], lines), text.path, number)


def _objects(pieces: Iterable[bytes], path: Path, before: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the objects of a text that begins after some lines."""
    for number, content in json_objects(pieces, path, before):
        yield number, parsed(path, number, content)


def _csv_rows(text: PlainText, delimiter: str | None) -> Iterator[tuple[int, dict[str, Any]]]:
    lines = (line.decode() for line in text.lines())
    header = next(lines, "")
    delimiter = delimiter or max(_DELIMITERS, key=header.count)
    # The limit holds for the whole process; it is only ever raised.
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_ROW))
    reader = csv.reader(chain([header], lines), delimiter=delimiter, strict=True)
    columns: list[str] = []
    number = 1
    try:
        for cells in reader:
            if not columns:
                columns = _column_names(cells, text.path)
            elif len(cells) > len(columns):
                raise not_a_row(text.path, number, f"has {len(cells)} cells for {len(columns)} columns")
            elif cells:
                # A short row has every column, so that its layout is known.
                yield number, dict(zip_longest(columns, cells))
            number = reader.line_num + 1
    except csv.Error as error:
        raise not_a_row(text.path, number, f"is not CSV: {error}") from None


def _column_names(cells: list[str], path: Path) -> list[str]:
    names = [cell.strip() for cell in cells]
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise not_a_row(path, 1, f"has two columns named {repeated!r}")
    return names


def _parquet_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    pl = _polars()
    try:
        table = pl.scan_parquet(path)
        count = table.select(pl.len()).collect().item()
        for start in range(0, count, _ROWS_AT_ONCE):
            rows = table.slice(start, _ROWS_AT_ONCE).collect().iter_rows(named=True)
            yield from enumerate(rows, start + 1)
    except (pl.exceptions.PolarsError, OSError) as error:
        text = f"{path}: is not a Parquet file that polars can read: {error}"
        raise DatasetError(text, path=str(path)) from None


def _polars() -> Any:
    try:
        import polars
    except ImportError:
        text = "a Parquet file cannot be read without polars: run pip install 'finetuning-client[data]'"
        raise ConfigurationError(text) from None
    return polars
