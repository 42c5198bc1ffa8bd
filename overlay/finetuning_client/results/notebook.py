"""Metrics as notebooks show them: charts and a small table that add no styles."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from ..views.html_tables import Html, escaped, plain_table
from .drawing import Chart, charts_of
from .metrics import MetricRow
from .svg import described, picture_of

_ROWS_SHOWN = 5


def metrics_html(rows: Sequence[MetricRow], columns: Mapping[str, Sequence[Any]]) -> Html:
    """Return metrics as charts of their curves, and a table of the last values of the columns."""
    last = [[_cell(value) for value in values[-_ROWS_SHOWN:]] for values in columns.values()]
    cells = list(zip(*last, strict=True))
    count = f"<p>{len(rows):,} rows, the last {len(cells)}:</p>" if len(cells) < len(rows) else ""
    return picture(charts_of(rows)) + count + plain_table(list(columns), cells)


def picture(charts: Sequence[Chart]) -> Html:
    """Return charts as an image, which the styles of a notebook do not change."""
    if not charts:
        return ""
    data = base64.b64encode(picture_of(charts).encode()).decode()
    return f'<img alt="{escaped(described(charts), 2000)}" src="data:image/svg+xml;base64,{data}">'


def _cell(value: object) -> Html:
    if value is None:
        return ""
    return escaped(f"{value:.5g}" if isinstance(value, float) else value)
