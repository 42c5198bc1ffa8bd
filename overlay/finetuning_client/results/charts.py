"""Losses and rewards as a text chart, for a terminal or a log."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..errors import InvalidRequestError
from .curves import GROUPS, Point, points
from .metrics import MetricRow
from .table import Metrics

# A Braille character is a grid of two by four dots; each dot is a bit of its code point.
_BLANK = 0x2800
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_CROSS = "\u00d7"
_CIRCLE = "\u25cb"
_NAMES = ("training {}", "validation {}", "validation {}, whole file")
_MARGIN = 9
_LARGEST = 10_000


def loss_curve(rows: Sequence[MetricRow], *, width: int = 80, height: int = 16) -> str:
    """Return a chart of losses by step: training (line), validation (crosses), full validation (circles).

    For metrics without losses, such as those of reinforcement training, the rewards are drawn.

    Args:
        rows: what `job.metrics()` returns.
        width: characters per line, at least 30.
        height: lines, at least 6.

    Returns lines of text without a trailing line break, or a note if there is nothing to draw. Raises
    `InvalidRequestError` for invalid arguments.
    """
    _require_rows(rows)
    for name, size in (("width", width), ("height", height)):
        if not isinstance(size, int) or isinstance(size, bool) or size > _LARGEST:
            raise InvalidRequestError.of(name, f"a whole number, at most {_LARGEST}", size)
    name, series = _losses_or_rewards(rows)
    drawn = [point for one in series for point in one]
    if not drawn:
        return "no losses to draw"
    grid = _Grid(drawn, max(width, 30) - _MARGIN, max(height, 6) - 3)
    grid.line(series[0])
    grid.marks(series[1], _CROSS)
    grid.marks(series[2], _CIRCLE)
    marks = zip(("⣀", _CROSS, _CIRCLE), _NAMES, series, strict=True)
    legend = [f"{mark} {label.format(name)}" for mark, label, one in marks if one]
    return "\n".join([*grid.lines(), " " * _MARGIN + "   ".join(legend)])


def _require_rows(rows: Any) -> None:
    is_list = isinstance(rows, (Sequence, Metrics)) and not isinstance(rows, str | bytes)
    if not is_list or not all(isinstance(row, MetricRow) for row in rows):
        end = f", not {type(rows).__name__}"
        raise InvalidRequestError.of("rows", "the rows that job.metrics() returns", rows, end)


def _losses_or_rewards(rows: Sequence[MetricRow]) -> tuple[str, list[list[Point]]]:
    """Return the name and the curves of the losses, or else of the mean rewards."""
    for group in GROUPS[:2]:
        curves = [points(rows, column) for column in group.columns]
        if any(curves):
            return group.title.lower(), curves
    return "loss", []


class _Grid:
    """A canvas of characters, with axes that fit the given points."""

    def __init__(self, points: Sequence[Point], columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.left, self.right = min(x for x, _ in points), max(x for x, _ in points)
        self.low, self.high = min(y for _, y in points), max(y for _, y in points)
        if self.low == self.high:
            margin = abs(self.low) / 2 or 0.5
            self.low, self.high = self.low - margin, self.high + margin
        self.dots = [[0] * columns for _ in range(rows)]
        self.signs: dict[tuple[int, int], str] = {}

    def line(self, points: Sequence[Point]) -> None:
        """Join the points with dots."""
        placed = [self._place(point) for point in points]
        for (x0, y0), (x1, y1) in zip(placed, placed[1:] or placed, strict=False):
            steps = max(abs(x1 - x0), abs(y1 - y0), 1)
            for i in range(steps + 1):
                self._dot(x0 + round((x1 - x0) * i / steps), y0 + round((y1 - y0) * i / steps))

    def marks(self, points: Sequence[Point], sign: str) -> None:
        """Put a character on each point, except those that would touch the previous one."""
        last = -math.inf
        for point in sorted(points):
            x, y = self._place(point)
            if x // 2 > last + 1:
                self.signs[y // 4, x // 2] = sign
                last = x // 2

    def lines(self) -> list[str]:
        """Return the canvas with its axes."""
        ticks = {0: self.high, (self.rows - 1) // 2: (self.low + self.high) / 2, self.rows - 1: self.low}
        drawn = []
        for row, dots in enumerate(self.dots):
            label = f"{ticks[row]:>{_MARGIN - 2}.3g} ┤" if row in ticks else " " * (_MARGIN - 1) + "│"
            cells = (self.signs.get((row, column)) or _cell(dots[column]) for column in range(self.columns))
            drawn.append((label + "".join(cells)).rstrip())
        first, last = f"{self.left:g}", f"step {self.right:g}"
        drawn.append(" " * (_MARGIN - 1) + "└" + "─" * self.columns)
        drawn.append(" " * _MARGIN + first + last.rjust(self.columns - len(first)))
        return drawn

    def _place(self, point: Point) -> tuple[int, int]:
        """Return the dot of a point, counted from the top left."""
        across = (point[0] - self.left) / ((self.right - self.left) or 1.0)
        down = (self.high - point[1]) / (self.high - self.low)
        return round(across * (self.columns * 2 - 1)), round(down * (self.rows * 4 - 1))

    def _dot(self, x: int, y: int) -> None:
        self.dots[y // 4][x // 2] |= _DOTS[y % 4][x % 2]


def _cell(dots: int) -> str:
    return chr(_BLANK + dots) if dots else " "
