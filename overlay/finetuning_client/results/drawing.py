"""Layout of a chart: scales, ticks and marks, as plain shapes that are rendered as SVG and PNG.

Coordinates are pixels from the top left. A shape's role names its style; each image format has its own table
of styles.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from msgspec import Struct

from .curves import GROUPS, PART_NAMES, Group, Point, points, thinned
from .metrics import MetricRow

MOST_POINTS = 600
"""Maximum number of points of a curve in a picture; the extremes are among them."""

GAP, MARGIN = 28.0, 20.0
"""Space between the charts of a picture, and around them."""

NOTHING = "no metrics to draw"
"""Text of a picture without charts."""

_LARGEST = 1e300
_DOTS = 80
# Space around the plot: left, right, bottom, and at the top for the title and for each line of the legend.
_LEFT, _RIGHT, _BOTTOM = 56.0, 18.0, 40.0
_TITLE, _LEGEND = 38.0, 20.0
_LETTER = 6.6

# The styles of a group's curves: over a training batch, a validation batch, the whole validation file.
_PART_ROLES = ("s1", "s2", "s3")


class Series(Struct, frozen=True):
    """A curve of a chart.

    Attributes:
        label: its name in the legend.
        role: its style, `s1` to `s8`.
        curve: its points, by step; if there are many, a selection that includes the extremes.
        has_dots: whether each point is marked.
    """

    label: str
    role: str
    curve: Sequence[Point]
    has_dots: bool = False

    @classmethod
    def of(cls, label: str, role: str, curve: Sequence[Point], *, has_dots: bool = False) -> Series:
        """Return the series of a curve of any length."""
        shown = [(x, min(_LARGEST, max(-_LARGEST, y))) for x, y in thinned(curve, MOST_POINTS)]
        return cls(label, role, shown, (has_dots or len(shown) == 1) and len(shown) <= _DOTS)


class Path(Struct, frozen=True):
    """A line through points."""

    role: str
    points: Sequence[tuple[float, float]]


class Dot(Struct, frozen=True):
    """A mark on a point, which `label` describes."""

    role: str
    x: float
    y: float
    label: str = ""


class Text(Struct, frozen=True):
    """A text whose `anchor` (start, middle or end) is at `x`, and whose baseline is at `y`."""

    role: str
    x: float
    y: float
    text: str
    anchor: str = "start"


Shape: TypeAlias = Path | Dot | Text


class Chart:
    """A chart of series by step.

    Attributes:
        title: what the chart shows.
        series: its curves, without any that have no points.
        width, height: its size.
    """

    def __init__(self, title: str, series: Sequence[Series], width: float = 640, height: float = 300) -> None:
        self.title = title
        self.series = [one for one in series if one.curve]
        self.width, self.height = width, height
        xs = [x for one in self.series for x, _ in one.curve]
        ys = [y for one in self.series for _, y in one.curve]
        self.x_ticks = _ticks(min(xs), max(xs), 6, whole=True)
        self.y_ticks = _ticks(min(ys), max(ys), 4)
        self._legend = list(_placed_legend(self.series, width))
        self._top = _TITLE + _LEGEND * (1 + max(line for _, line in self._legend))
        self.height += self._top - _TITLE - _LEGEND
        self._x = _span(min(xs), max(xs))
        self._y = _span(self.y_ticks[0], self.y_ticks[-1])

    def place(self, point: Point) -> tuple[float, float]:
        """Return where a point is in the image."""
        across = (point[0] - self._x[0]) / (self._x[1] - self._x[0])
        up = (point[1] - self._y[0]) / (self._y[1] - self._y[0])
        bottom = self.height - _BOTTOM
        return (
            round(_LEFT + across * (self.width - _LEFT - _RIGHT), 2),
            round(bottom - up * (bottom - self._top), 2),
        )

    def scale(self) -> dict[str, list[float]]:
        """Return the steps and values at the edges of the plot, and where these edges are."""
        return {
            "x": [*self._x, _LEFT, self.width - _RIGHT],
            "y": [*self._y, self.height - _BOTTOM, self._top],
        }

    def shapes(self) -> Iterator[Shape]:
        """Yield the shapes of the chart, from back to front."""
        yield Text("title", 0, 18, self.title)
        yield from self._legend_shapes()
        yield from self._axes()
        for one in self.series:
            placed = [self.place(point) for point in one.curve]
            if len(placed) > 1:
                yield Path(one.role, placed)
        for one in self.series:
            if one.has_dots:
                for point in one.curve:
                    yield Dot(one.role, *self.place(point), f"step {point[0]:g}: {one.label} {point[1]:.5g}")

    def _legend_shapes(self) -> Iterator[Shape]:
        for one, (x, line) in zip(self.series, self._legend, strict=True):
            y = 35 + _LEGEND * line
            yield Path(one.role, [(x, y), (x + 18, y)])
            if one.has_dots:
                yield Dot(one.role, x + 9, y)
            yield Text("legend", x + 25, y + 4, one.label)

    def _axes(self) -> Iterator[Shape]:
        right, bottom = self.width - _RIGHT, self.height - _BOTTOM
        for value in self.y_ticks:
            y = self.place((self._x[0], value))[1]
            yield Path("axis" if value == self.y_ticks[0] else "grid", [(_LEFT, y), (right, y)])
            yield Text("tick", _LEFT - 8, y + 4, _shown(value), "end")
        for value in self.x_ticks:
            x = self.place((value, self._y[0]))[0]
            yield Path("axis", [(x, bottom), (x, bottom + 4)])
            yield Text("tick", x, bottom + 18, f"{value:,.0f}", "middle")
        yield Text("tick", right, self.height - 5, "step", "end")


def _placed_legend(series: Sequence[Series], width: float) -> Iterator[tuple[float, int]]:
    """Yield the position of each name in the legend: its offset to the right, and its line."""
    x, line = 0.0, 0
    for one in series:
        needed = 43 + len(one.label) * _LETTER
        if x and x + needed > width:
            x, line = 0.0, line + 1
        yield x, line
        x += needed


def charts_of(rows: Sequence[MetricRow], *, width: float = 640, height: float = 300) -> list[Chart]:
    """Return a chart for each group of metrics that the rows have."""
    found = ((group, _series_of(rows, group)) for group in GROUPS)
    return [Chart(group.title, series, width, height) for group, series in found if series]


def picture_size(charts: Sequence[Chart]) -> tuple[float, float]:
    """Return the width and the height of an image of charts, one below the other."""
    width = max((chart.width for chart in charts), default=320.0)
    height = sum(chart.height + GAP for chart in charts) - GAP if charts else 20.0
    return width + 2 * MARGIN, height + 2 * MARGIN


def _series_of(rows: Sequence[MetricRow], group: Group) -> list[Series]:
    """Return the series of a group of metrics, without any that have no points."""
    curves = (points(rows, column) for column in group.columns)
    return [
        Series.of(name, role, curve, has_dots=role != _PART_ROLES[0])
        for name, role, curve in zip(PART_NAMES, _PART_ROLES, curves, strict=True)
        if curve
    ]


def _span(low: float, high: float) -> tuple[float, float]:
    """Return the range of a scale, which is never empty."""
    return (low, high) if low < high else (low - (abs(low) / 2 or 0.5), high + (abs(high) / 2 or 0.5))


def _ticks(low: float, high: float, count: int, *, whole: bool = False) -> list[float]:
    """Return round values: for steps, those in between; for values, ones that enclose low and high."""
    if whole and low == high:
        return [low]
    low, high = _span(low, high)
    rough = high / count - low / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    if whole:
        step = max(1.0, step if step.is_integer() else round(step))
        first = math.ceil(low / step)
        return [n * step for n in range(first, math.floor(high / step) + 1)] or [low]
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [n * step for n in range(first, last + 1)]


def _shown(value: float) -> str:
    return f"{value:.4g}" if value == 0 or 1e-3 <= abs(value) < 1e5 else f"{value:.1e}"
