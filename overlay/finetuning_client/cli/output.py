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
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from .columns import Columns

FORMATS = ("table", "json", "jsonl", "yaml", "csv")


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
        from .text_table import field_lines

        _write("\n".join(field_lines(item, output.columns)))
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


def _utc(value: datetime) -> str:
    from datetime import UTC

    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
