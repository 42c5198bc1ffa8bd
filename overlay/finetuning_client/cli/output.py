"""Output of data in five formats, on the standard output.

`json`, `jsonl`, `yaml` and `csv` have the same keys: the columns of the command, which docs/cli.md lists. In
them numbers are numbers, times are UTC in the form of RFC 3339, and missing values are null or empty cells.
A `table` is for people: with fewer columns, and local times.
"""

from __future__ import annotations

import csv
import io
import json
import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self

from .terminal import paint, printable

FORMATS = ("table", "json", "jsonl", "yaml", "csv")

_GAP = "  "


class Column(NamedTuple):
    """A column of the output: its name, how it is read from an object, and how its text is styled.

    A `wide` column is left out of tables of several objects, and an `unlisted` one of every table. `data`
    reads the value for `json`, `jsonl` and `yaml` where that has more than the text of a cell. The `title` is
    its header in a table, if it is not the name in capitals.
    """

    name: str
    read: Callable[[Any], object]
    style: Callable[[Any], str | None] = lambda _: None
    wide: bool = False
    unlisted: bool = False
    data: Callable[[Any], object] | None = None
    title: str = ""


Columns = Sequence[Column]


class Output(str):
    """The format that `--output` chose, with the columns of the command."""

    __slots__ = ("columns",)
    columns: Columns

    def __new__(cls, name: str, columns: Columns) -> Self:
        """Return the format `name` with columns."""
        made = super().__new__(cls, name)
        made.columns = columns
        return made


def write_list(output: Output, items: Iterable[Any]) -> int:
    """Write objects, those of `jsonl` and `csv` as they come; return how many there were."""
    count, columns = 0, output.columns
    if output == "jsonl":
        for count, item in enumerate(items, start=1):  # noqa: B007  the last one is what is returned
            _write(_json(row(item, columns)))
            sys.stdout.flush()
        return count
    if output == "csv":
        _write(_csv_line([column.name for column in columns]))
        for count, item in enumerate(items, start=1):  # noqa: B007  likewise
            _write(_csv_line([_cell(column.read(item)) for column in columns]))
            sys.stdout.flush()
        return count
    found = list(items)
    if output == "json":
        _write(_indented([row(item, columns) for item in found]))
    elif output == "yaml":
        _write(yaml_text([row(item, columns) for item in found]))
    elif found:
        from .text_table import table_lines

        _write("\n".join(table_lines(found, columns)))
    return len(found)


def write_one(output: Output, item: Any, *, yaml: str | None = None) -> None:
    """Write one object, in a table as a list of fields; `yaml` is its text in that format, if special."""
    if output == "json":
        _write(_indented(row(item, output.columns)))
    elif output == "yaml":
        _write(yaml if yaml is not None else yaml_text(row(item, output.columns)))
    elif output == "table":
        _write("\n".join(_fields(item, output.columns)))
    else:
        write_list(output, [item])


def write_text(text: str) -> None:
    """Write text that is data, such as a chart."""
    _write(text)


def as_data(item: Any) -> Any:
    """Return a value as JSON data."""
    if isinstance(item, str):
        return str.__str__(item)
    if isinstance(item, float) and not math.isfinite(item):
        # JSON has no NaN and no infinities.
        return None
    if isinstance(item, int | float | None):
        return item
    if isinstance(item, datetime):
        return _utc(item)
    if isinstance(item, timedelta):
        return item.total_seconds()
    if isinstance(item, Mapping):
        return {str(key): as_data(value) for key, value in item.items()}
    if isinstance(item, Sequence | set | frozenset):
        return [as_data(part) for part in item]
    if callable(to_dict := getattr(item, "to_dict", None)):
        return as_data(to_dict())
    names = getattr(item, "__attrs_attrs__", None) or getattr(item, "__struct_fields__", ())
    if names:
        return {name: as_data(getattr(item, name)) for name in (getattr(n, "name", n) for n in names)}
    return str(item)


def row(item: Any, columns: Columns) -> dict[str, Any]:
    """Return an object as the data of its columns."""
    return {column.name: as_data((column.data or column.read)(item)) for column in columns}


def yaml_text(data: Any) -> str:
    """Return data as YAML, its keys in the order given, without a line break at the end."""
    import yaml

    return str(yaml.safe_dump(data, sort_keys=False, allow_unicode=_is_unicode(), width=100)).rstrip("\n")


def _is_unicode() -> bool:
    """Return whether the standard output can show every character, so that JSON needs no escapes."""
    return (sys.stdout.encoding or "utf-8").lower().startswith("utf")


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=not _is_unicode(), separators=(",", ":"))


def _indented(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=not _is_unicode())


def _write(text: str) -> None:
    sys.stdout.write(text + "\n")


def _csv_line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()


def _cell(value: object) -> str:
    """Return a value as the text of a cell of `csv`."""
    data = as_data(value)
    if data is None or data in ({}, []):
        return ""
    return data if isinstance(data, str) else _json(data)


def shown(value: object) -> str:
    """Return a value as text for people, in one line."""
    if isinstance(value, datetime):
        return f"{value.astimezone():%Y-%m-%d %H:%M:%S}"
    if isinstance(value, Mapping):
        return printable(" ".join(f"{key}={shown(item)}" for key, item in value.items()))
    if isinstance(value, list | tuple):
        return printable(" ".join(shown(item) for item in value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1e6 else f"{value:,.0f}"
    return "" if value is None else printable(str(value))


def _utc(value: datetime) -> str:
    from datetime import UTC

    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _fields(item: Any, columns: Columns) -> list[str]:
    """Return the lines of one object: a field in each."""
    listed = ((column, shown(column.read(item))) for column in columns if not column.unlisted)
    cells = [(column, text) for column, text in listed if text]
    label = max((len(column.name) for column, _ in cells), default=0)
    return [
        f"{paint(column.name.ljust(label), 'dim')}{_GAP}{paint(text, column.style(item))}".rstrip()
        for column, text in cells
    ]
