"""A job's metrics as one table: rows to read, columns for data frames, charts for people.

The columns are those of the training method, whether the rows come from the result file or from events; a
column is empty if nothing was measured for it. Further columns of the server follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Any, SupportsIndex, overload

from ..errors import ConfigurationError
from .metrics import COLUMNS, PARTS, MetricRow

if TYPE_CHECKING:
    from pathlib import Path

    _Rows = Sequence[MetricRow]
else:
    # polars reads a real sequence as a list of objects, and not as a table.
    _Rows = object

_SUPERVISED = COLUMNS[:6]
_OF_METHOD: Mapping[str, Sequence[str]] = {
    "dpo": [f"{part}_{name}" for part in PARTS for name in ("loss", "reward_accuracy", "reward_margin")],
    "reinforcement": [name for name in COLUMNS if name.endswith("mean_reward") or name in _SUPERVISED[1::2]],
}


class Metrics(_Rows):
    """Metrics of a job: one row per step, in step order. Equal to a list of the same rows.

    `pyarrow.table(metrics)` and `polars.DataFrame(metrics)` accept it directly (extra `data`), and
    `pandas.DataFrame(metrics.to_dicts())` without any extra.

    Args:
        rows: the rows.
        method: the training method's type, which decides the columns; `None` for supervised.
    """

    def __init__(self, rows: Iterable[MetricRow] = (), *, method: str | None = None) -> None:
        self._rows = list(rows)
        self.method = method

    @cached_property
    def columns(self) -> list[str]:
        """Names of the columns: `step`, those of the training method, and any others that have values."""
        usual = _OF_METHOD.get(self.method or "", _SUPERVISED)
        measured = [name for name in COLUMNS if name not in usual and self.has(name)]
        others = dict.fromkeys(name for row in self._rows for name in row.other)
        return ["step", *usual, *measured, *sorted(others)]

    def column(self, name: str) -> list[Any]:
        """Return the values of a column, one for each row; `None` where nothing was measured."""
        if name == "step" or name in COLUMNS:
            return list(map(attrgetter(name), self._rows))
        return [row.other.get(name) for row in self._rows]

    def has(self, name: str) -> bool:
        """Return whether a column has any values."""
        values = self.column(name)
        return values.count(None) < len(values)

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return the rows as dicts, all with the same keys: the columns."""
        columns = self.columns
        return [
            dict(zip(columns, cells, strict=True)) for cells in zip(*map(self.column, columns), strict=True)
        ]

    def to_svg(self, path: str | Path | None = None) -> str:
        """Return the curves as an SVG image, and write it to a file if `path` is given.

        Raises `InvalidRequestError` if the file cannot be written.
        """
        from .atomic_write import write_whole
        from .svg import svg_picture

        picture = svg_picture(self)
        if path is not None:
            write_whole(path, picture.encode())
        return picture

    def to_png(self, path: str | Path | None = None) -> bytes:
        """Return the curves as a PNG image, and write it to a file if `path` is given.

        Raises `ConfigurationError` without the extra `plot`, `InvalidRequestError` if it cannot be written.
        """
        from .atomic_write import write_whole
        from .png import png_picture

        picture = png_picture(self)
        if path is not None:
            write_whole(path, picture)
        return picture

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return the table as a stream of the Arrow C interface, for data frame libraries."""
        try:
            from .arrow import arrow_stream
        except ImportError as error:
            raise ConfigurationError(
                "an Arrow table cannot be made without nanoarrow: run pip install 'finetuning-client[data]', "
                "or use to_dicts()"
            ) from error
        return arrow_stream({name: self.column(name) for name in self.columns}, requested_schema)

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: SupportsIndex) -> MetricRow: ...
    @overload
    def __getitem__(self, index: slice) -> Metrics: ...
    def __getitem__(self, index: SupportsIndex | slice) -> MetricRow | Metrics:
        if isinstance(index, slice):
            return Metrics(self._rows[index], method=self.method)
        return self._rows[index]

    def __iter__(self) -> Iterator[MetricRow]:
        return iter(self._rows)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Metrics):
            return self._rows == other._rows
        return isinstance(other, list | tuple) and self._rows == list(other)

    if not TYPE_CHECKING:
        index = Sequence.index
        count = Sequence.count

    __hash__ = None  # type: ignore[assignment]  # it compares like a list

    def __repr__(self) -> str:
        if not self._rows:
            return "<Metrics: no rows>"
        count = len(self._rows)
        span = f"steps {self._rows[0].step} to {self._rows[-1].step}"
        return f"<Metrics: {count} row{'s' * (count > 1)}, {span}: {', '.join(self._measured()[1:])}>"

    def _repr_html_(self) -> str:
        from .notebook import metrics_html

        return metrics_html(self, {name: self.column(name) for name in self._measured()})

    def _measured(self) -> list[str]:
        """Return the columns that have any values, after the step."""
        return ["step", *filter(self.has, self.columns[1:])]
