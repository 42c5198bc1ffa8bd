"""The result file of a job, and its metric events, as typed rows.

The service has served the file as plain CSV, as base64 of it, and as a JSON string of that; columns differ
between providers, cells are blank where nothing was measured. All of these read the same.
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
import math
from collections.abc import Iterable, Mapping
from typing import Any

import attrs
import msgspec

from ..errors import FineTuningError


class UnreadableMetrics(FineTuningError, ValueError):
    """Content that is no result file, in any of the forms that are known."""


@attrs.frozen(kw_only=True)
class MetricRow:
    """What was measured at one step; `None` where nothing was.

    Attributes:
        step: the step, from 1.
        train_loss, train_accuracy: over the step's batch; the accuracy is the mean over tokens, 0 to 1.
        valid_loss, valid_mean_token_accuracy: over a batch of the validation file.
        full_valid_loss, full_valid_mean_token_accuracy: over the whole validation file.
        other: further columns, by name: a number where the cell is one, else its text.
    """

    step: int
    train_loss: float | None = None
    train_accuracy: float | None = None
    valid_loss: float | None = None
    valid_mean_token_accuracy: float | None = None
    full_valid_loss: float | None = None
    full_valid_mean_token_accuracy: float | None = None
    other: Mapping[str, float | str] = attrs.field(factory=dict)

    @property
    def train_mean_token_accuracy(self) -> float | None:
        """`train_accuracy`, by the name it has in events and with some providers."""
        return self.train_accuracy


_COLUMNS = frozenset(a.name for a in attrs.fields(MetricRow)) - {"other"}
_ALIASES = {
    "train_mean_token_accuracy": "train_accuracy",
    "valid_accuracy": "valid_mean_token_accuracy",
    "full_valid_accuracy": "full_valid_mean_token_accuracy",
}


def read_metrics(content: bytes) -> list[MetricRow]:
    """The rows of a result file, in its order. Raises `UnreadableMetrics` for anything else."""
    table = csv.reader(io.StringIO(_plain(content), newline=""))
    try:
        header = [name.strip().strip("\ufeff").lower() for name in next(table, [])]
        return [_row(dict(zip(header, cells, strict=False))) for cells in table if any(cells)]
    except csv.Error as error:
        raise UnreadableMetrics(f"the result file is not CSV: {error}") from None


def rows_of_events(events: Iterable[Any]) -> list[MetricRow]:
    """The rows that metric events carry, by step; of several for one step, the last one counts."""
    rows: dict[int, MetricRow] = {}
    for event in events:
        data = event.data.to_dict() if hasattr(event.data, "to_dict") else event.data
        if not isinstance(data, Mapping) or _number(data.get("step")) is None:
            continue
        if any(_ALIASES.get(name, name) in _COLUMNS - {"step"} for name in data):
            row = _row({name: value for name, value in data.items() if name != "total_steps"})
            rows[row.step] = row
    return [rows[step] for step in sorted(rows)]


def _plain(content: bytes) -> str:
    """The CSV text inside any of the wrappings."""
    # JSON first, since a table in a JSON string looks like one quoted cell.
    for unwrap in (_from_json, bytes, _from_base64, lambda b: _from_base64(_from_json(b))):
        try:
            text = unwrap(content).decode("utf-8-sig")
        except (ValueError, msgspec.DecodeError, binascii.Error):
            continue
        text = text.lstrip()
        header = text.partition("\n")[0].partition("\r")[0].lower().replace('"', "")
        if "step" in [name.strip() for name in header.split(",")]:
            return text
    raise UnreadableMetrics(
        "the result file has no CSV table with a 'step' column, neither plain nor base64-encoded"
    )


def _from_json(content: bytes) -> bytes:
    return msgspec.json.decode(content, type=str).encode()


def _from_base64(content: bytes) -> bytes:
    return base64.b64decode(b"".join(content.split()), validate=True)


def _row(cells: Mapping[str, Any]) -> MetricRow:
    known: dict[str, Any] = {}
    other: dict[str, float | str] = {}
    for name, cell in cells.items():
        number = _number(cell)
        column = _ALIASES.get(name, name)
        if column in _COLUMNS and known.get(column) is None:
            known[column] = number
        elif cell is not None and str(cell).strip():
            other[name] = str(cell) if number is None else number
    step = known.pop("step", None)
    if step is None:
        raise UnreadableMetrics(f"a row of the result file has no step: {dict(cells)!r}"[:200])
    return MetricRow(step=int(step), other=other, **known)


def _number(cell: object) -> float | None:
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        return None
    try:
        number = float(cell)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
