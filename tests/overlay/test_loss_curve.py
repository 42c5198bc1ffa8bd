"""The loss curve fits its size, and accepts any rows."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finetuning_client import MetricRow, loss_curve

CROSS = "\u00d7"

TRAINING = [MetricRow(step=n, train_loss=3 / n) for n in range(1, 101)]
VALIDATED = [
    MetricRow(
        step=row.step,
        train_loss=row.train_loss,
        valid_loss=1.0 if row.step % 10 == 0 else None,
        full_valid_loss=2.0 if row.step % 50 == 0 else None,
    )
    for row in TRAINING
]


@pytest.mark.parametrize(("width", "height"), [(80, 16), (40, 8), (30, 6), (120, 40)])
def test_chart_has_the_requested_size(width: int, height: int) -> None:
    """The chart has as many lines as requested, and none is longer than the width."""
    lines = loss_curve(TRAINING, width=width, height=height).splitlines()
    assert len(lines) == height
    assert max(map(len, lines)) <= width


def test_minimum_size_is_30_by_6() -> None:
    """A smaller chart would not be readable."""
    assert loss_curve(TRAINING, width=1, height=1) == loss_curve(TRAINING, width=30, height=6)


def test_axes_show_the_range() -> None:
    """The axes show the highest and lowest loss, and the first and last step."""
    lines = loss_curve(TRAINING).splitlines()
    assert lines[0].split()[0] == "3"
    assert lines[-4].split()[0] == "0.03"
    assert lines[-2].split() == ["1", "step", "100"]


def test_falling_loss_falls_on_the_chart() -> None:
    """The curve starts at the top left and ends at the bottom right."""
    lines = loss_curve([MetricRow(step=1, train_loss=2.0), MetricRow(step=9, train_loss=1.0)]).splitlines()
    assert lines[0].split("┤")[1].strip() and not lines[0].endswith(" " * 40)
    assert len(lines[0]) < 30 < len(lines[-4])


def test_validation_losses_have_marks_and_a_legend() -> None:
    """The legend names only the series that the rows have."""
    chart = loss_curve(VALIDATED)
    assert f"{CROSS} validation loss" in chart and "○ validation loss, whole file" in chart
    assert chart.count(CROSS) == 10 + 1
    legend = loss_curve(TRAINING).splitlines()[-1]
    assert legend.strip() == "⣀ training loss"


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [MetricRow(step=1)],
        [MetricRow(step=1, train_accuracy=0.5)],
        [MetricRow(step=1, train_loss=math.nan), MetricRow(step=2, valid_loss=math.inf)],
    ],
)
def test_rows_without_losses_give_a_note(rows: list[MetricRow]) -> None:
    """The result is a note instead of an empty chart."""
    assert loss_curve(rows) == "no losses to draw"


@pytest.mark.parametrize("loss", [0.0, 1.0, -5.0, 1e16, 1e-16])
def test_single_point_and_constant_loss_are_drawn(loss: float) -> None:
    """A single point, and a loss that never changes, are visible at any magnitude."""
    for rows in (
        [MetricRow(step=1, train_loss=loss)],
        [MetricRow(step=n, train_loss=loss) for n in (1, 2, 3)],
    ):
        chart = loss_curve(rows)
        assert any(0x2800 < ord(character) <= 0x28FF for character in chart.partition("└")[0])


losses = st.none() | st.floats(-1e100, 1e100) | st.just(math.nan)


@given(
    rows=st.lists(
        st.builds(
            MetricRow,
            step=st.integers(0, 10**12),
            train_loss=losses,
            valid_loss=losses,
            full_valid_loss=losses,
        ),
        max_size=20,
    ),
    width=st.integers(-5, 100),
    height=st.integers(-5, 30),
)
def test_any_rows_can_be_drawn(rows: list[MetricRow], width: int, height: int) -> None:
    """Rows in any order and with any gaps give a chart of any size."""
    assert loss_curve(rows, width=width, height=height)
