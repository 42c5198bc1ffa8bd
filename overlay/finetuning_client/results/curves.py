"""Curves of metrics: the points of a metric by step, fewer of them for a chart, and their noise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import attrgetter, itemgetter
from statistics import fmean, median
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from .metrics import MetricRow

Point: TypeAlias = tuple[float, float]
"""A step, and the value there."""

# For normal noise: the median distance of a point from the mean of its neighbours, in standard deviations.
_MEDIAN_DISTANCE = 0.6745 * math.sqrt(1.5)
_LARGEST = 1e100


class Group(Struct, frozen=True):
    """Metrics that belong in one chart.

    Attributes:
        title: the title of the chart.
        columns: the metric over the training batch, over a validation batch, over the whole validation file.
    """

    title: str
    columns: tuple[str, str, str]


GROUPS = (
    Group("Loss", ("train_loss", "valid_loss", "full_valid_loss")),
    Group("Mean reward", ("train_mean_reward", "valid_mean_reward", "full_valid_mean_reward")),
    Group("Accuracy", ("train_accuracy", "valid_mean_token_accuracy", "full_valid_mean_token_accuracy")),
    Group(
        "Reward accuracy", ("train_reward_accuracy", "valid_reward_accuracy", "full_valid_reward_accuracy")
    ),
    Group("Reward margin", ("train_reward_margin", "valid_reward_margin", "full_valid_reward_margin")),
)
"""All pictures that metrics can have."""

PART_NAMES = ("training", "validation", "validation, whole file")
"""The names of a group's metrics, in the order of its columns."""


def points(rows: Sequence[MetricRow], column: str) -> list[Point]:
    """Return the points of a metric, by step; steps without a finite value are left out.

    Values too large for sums and squares count as infinite: no model metric is that large.
    """
    values = list(map(attrgetter(column), rows))
    if values.count(None) == len(values):
        return []
    found = [
        (float(row.step), value)
        for row, value in zip(rows, values, strict=True)
        if value is not None and -_LARGEST < value < _LARGEST
    ]
    found.sort(key=itemgetter(0))
    return found


def thinned(curve: Sequence[Point], most: int) -> list[Point]:
    """Return about `most` points of a curve at most: the first, the last, and the extremes in between."""
    if len(curve) <= most:
        return list(curve)
    count = max(1, (most - 2) // 2)
    inner = curve[1:-1]
    kept = [curve[0]]
    for i in range(count):
        bucket = inner[len(inner) * i // count : len(inner) * (i + 1) // count]
        low, high = min(bucket, key=itemgetter(1)), max(bucket, key=itemgetter(1))
        kept += sorted({low, high})
    return [*kept, curve[-1]]


class Level(NamedTuple):
    """The mean of a stretch of a curve, and its standard error."""

    mean: float
    error: float


def level(curve: Sequence[Point], start: float, end: float) -> Level:
    """Return the level of a curve between two fractions of its length, 0 to 1; of at least one point."""
    first = min(int(len(curve) * start), len(curve) - 1)
    part = [value for _, value in curve[first : max(first + 1, math.ceil(len(curve) * end))]]
    return Level(fmean(part), noise(curve) / math.sqrt(len(part)))


def noise(curve: Sequence[Point]) -> float:
    """Return the standard deviation of a curve around its trend, from each point and its two neighbours."""
    values = [value for _, value in curve]
    apart = [abs(b - (a + c) / 2) for a, b, c in zip(values, values[1:], values[2:], strict=False)]
    return median(apart) / _MEDIAN_DISTANCE if apart else 0.0


def smoothed(curve: Sequence[Point], width: int) -> list[Point]:
    """Return the means of each `width` neighbouring points, at the step of the middle one."""
    sums = [0.0]
    for _, value in curve:
        sums.append(sums[-1] + value)
    return [
        (curve[i + width // 2][0], (sums[i + width] - sums[i]) / width) for i in range(len(curve) - width + 1)
    ]
