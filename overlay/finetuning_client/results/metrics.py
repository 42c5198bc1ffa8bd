"""Metrics of a job as typed rows: read from its result file, and from its events.

The service has served the file as plain CSV, as base64-encoded CSV, and as a JSON string of that; columns
differ between servers and training methods, and cells are blank where nothing was measured. All of these give
the same rows.
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs
import msgspec

from ..errors import FineTuningError

_LAST_STEP = 2**53
# The sets of examples that a metric is measured on, in the order of columns.
PARTS = ("train", "valid", "full_valid")


class UnreadableMetrics(FineTuningError, ValueError):
    """Content that is not a result file in any known form."""


@attrs.frozen(kw_only=True)
class MetricRow:
    """Metrics of one step; `None` where nothing was measured.

    `train_…` is measured over the step's batch, `valid_…` over a batch of the validation file, `full_valid_…`
    over the whole validation file.

    Attributes:
        step: the step, from 1.
        train_loss, valid_loss, full_valid_loss: losses; lower is better.
        train_accuracy, valid_mean_token_accuracy, full_valid_mean_token_accuracy: the share of tokens that
            were predicted correctly; for reinforcement training, the share of correct answers; 0 to 1.
        train_reward_accuracy, valid_reward_accuracy, full_valid_reward_accuracy: for preference training,
            the share of pairs whose preferred answer has the higher reward; 0 to 1.
        train_reward_margin, valid_reward_margin, full_valid_reward_margin: for preference training, by how
            much the reward of the preferred answer is higher.
        train_mean_reward, valid_mean_reward, full_valid_mean_reward: for reinforcement training, the mean of
            the grader's rewards; higher is better.
        other: further columns, by name: a number where the cell is one, else its text.
    """

    step: int
    train_loss: float | None = None
    train_accuracy: float | None = None
    valid_loss: float | None = None
    valid_mean_token_accuracy: float | None = None
    full_valid_loss: float | None = None
    full_valid_mean_token_accuracy: float | None = None
    train_reward_accuracy: float | None = None
    train_reward_margin: float | None = None
    valid_reward_accuracy: float | None = None
    valid_reward_margin: float | None = None
    full_valid_reward_accuracy: float | None = None
    full_valid_reward_margin: float | None = None
    train_mean_reward: float | None = None
    valid_mean_reward: float | None = None
    full_valid_mean_reward: float | None = None
    other: Mapping[str, float | str] = attrs.field(factory=dict)

    @property
    def train_mean_token_accuracy(self) -> float | None:
        """`train_accuracy`, by the name it has in events and on some servers."""
        return self.train_accuracy

    @property
    def reward_accuracy(self) -> float | None:
        """`train_reward_accuracy`."""
        return self.train_reward_accuracy

    @property
    def reward_margin(self) -> float | None:
        """`train_reward_margin`."""
        return self.train_reward_margin

    @property
    def mean_reward(self) -> float | None:
        """`train_mean_reward`."""
        return self.train_mean_reward


COLUMNS = tuple(a.name for a in attrs.fields(MetricRow) if a.name not in {"step", "other"})
"""The metrics that have a name of their own in a row."""

_FIELDS = frozenset({"step", *COLUMNS})
_ALIASES = {
    "train_mean_token_accuracy": "train_accuracy",
    "valid_accuracy": "valid_mean_token_accuracy",
    "full_valid_accuracy": "full_valid_mean_token_accuracy",
    "reward_accuracy": "train_reward_accuracy",
    "reward_margin": "train_reward_margin",
    "mean_reward": "train_mean_reward",
    **{f"{part}_reward_mean": f"{part}_mean_reward" for part in PARTS},
}
_ACCURACIES = ("train_accuracy", "valid_mean_token_accuracy", "full_valid_mean_token_accuracy")
_REWARDS = {plain: f"{part}_reward_accuracy" for part, plain in zip(PARTS, _ACCURACIES, strict=True)}


def column_of(name: str) -> str:
    """Return the column for a server's name for a metric; an unknown name stays as it is."""
    name = name.replace("full_validation_", "full_valid_").replace("validation_", "valid_")
    return _ALIASES.get(name, name)


def read_metrics(content: bytes, method: str | None = None) -> list[MetricRow]:
    """Return the rows of a result file, in file order. Raises `UnreadableMetrics` for anything else.

    The file names accuracy in the same way for all training methods; for preference training (`dpo`) it is
    the reward accuracy.
    """
    table = csv.reader(io.StringIO(_plain(content), newline=""))
    try:
        header = [name.strip().strip("\ufeff").lower() for name in next(table, [])]
        return list(_rows(header, table, method))
    except csv.Error as error:
        raise UnreadableMetrics(f"line {table.line_num} of the result file is not CSV: {error}") from None


def rows_of_events(events: Iterable[Any], method: str | None = None) -> list[MetricRow]:
    """Return the rows in metric events, in step order; if a step has several, the last one counts."""
    rows: dict[int, MetricRow] = {}
    for event in events:
        data = event.data.to_dict() if hasattr(event.data, "to_dict") else event.data
        step = _step(data.get("step")) if isinstance(data, Mapping) else None
        if step is None:
            continue
        names = [name for name in data if name not in {"step", "total_steps"}]
        columns = _columns(names, method)
        if not _FIELDS.isdisjoint(columns):
            rows[step] = _row(step, names, columns, [data[name] for name in names])
    return [rows[step] for step in sorted(rows)]


def merged(*sources: Iterable[MetricRow]) -> list[MetricRow]:
    """Return one row per step, in step order; if a step has several values, the last one counts."""
    rows: dict[int, MetricRow] = {}
    for row in (row for source in sources for row in source):
        known = rows.get(row.step)
        rows[row.step] = row if known is None else _combined(known, row)
    return [rows[step] for step in sorted(rows)]


def _combined(first: MetricRow, second: MetricRow) -> MetricRow:
    changes = {name: value for name in COLUMNS if (value := getattr(second, name)) is not None}
    return attrs.evolve(first, **changes, other={**first.other, **second.other})


def _columns(names: Sequence[str], method: str | None) -> list[str]:
    """Return the column for each of a server's names."""
    columns = [column_of(name) for name in names]
    if method == "dpo":
        found = frozenset(columns)
        columns = [
            reward if (reward := _REWARDS.get(column)) and reward not in found else column
            for column in columns
        ]
    return columns


def _plain(content: bytes) -> str:
    """Return the CSV text inside any of the encodings."""
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
        "the result file has no CSV table with a 'step' column, either plain or base64-encoded"
    )


def _from_json(content: bytes) -> bytes:
    return msgspec.json.decode(content, type=str).encode()


def _from_base64(content: bytes) -> bytes:
    return base64.b64decode(b"".join(content.split()), validate=True)


def _rows(header: Sequence[str], table: Iterable[list[str]], method: str | None) -> Iterator[MetricRow]:
    columns = _columns(header, method)
    if "step" not in header:
        raise UnreadableMetrics("the result file has no column 'step'")
    at = header.index("step")
    for line, cells in enumerate(table, 1):
        if not any(cells):
            continue
        cell = cells[at] if at < len(cells) else ""
        step = _step(cell)
        if step is None:
            raise UnreadableMetrics(_wrong_step(line, cell, dict(zip(header, cells, strict=False))))
        yield _row(step, header, columns, cells)


def _wrong_step(line: int, cell: str, cells: Mapping[str, str]) -> str:
    if not cell.strip():
        return f"row {line} of the result file has no step: {cells!r}"[:200]
    rule = "steps are whole numbers from 0 to 2^53"
    return f"row {line} of the result file has the step {cell!r:.80}: {rule}"


def _row(step: int, names: Iterable[str], columns: Iterable[str], cells: Iterable[Any]) -> MetricRow:
    """Return the row of cells, each with its name and column; if a column has two, the first counts."""
    known: dict[str, float] = {}
    other: dict[str, float | str] = {}
    for name, column, cell in zip(names, columns, cells, strict=False):
        if cell is None or cell == "" or column == "step":
            continue
        amount = number(cell)
        if column in _FIELDS and column not in known:
            if amount is not None:
                known[column] = amount
        elif amount is not None:
            other[name] = amount
        elif str(cell).strip():
            other[name] = str(cell)
    return MetricRow(step=step, other=other, **known)


def _step(value: object) -> int | None:
    step = number(value)
    return int(step) if step is not None and step.is_integer() and 0 <= step <= _LAST_STEP else None


def number(cell: object) -> float | None:
    """Read a finite number, even one written as text."""
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        return None
    try:
        found = float(cell)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None
