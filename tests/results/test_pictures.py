"""Charts as SVG without a dependency, as PNG with Pillow, and as tables and images in notebooks."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finetuning_client import ConfigurationError, FineTuning, InvalidRequestError, Job, MetricRow
from finetuning_client.results import Metrics, loss_curve
from finetuning_client.results.drawing import Dot, charts_of
from finetuning_client.views import JobView

from .conftest import noisy, snapshot

SVG = "{http://www.w3.org/2000/svg}"
REWARDS = Metrics(noisy(30, train_mean_reward=lambda x: x, valid_mean_reward=lambda x: x / 2, every=5))


def test_points_are_drawn_at_the_positions_of_their_values() -> None:
    """The position of a point is that of its step and value between the ticks."""
    rows = [MetricRow(step=step, full_valid_loss=loss) for step, loss in ((0, 0.0), (50, 2.0), (100, 1.0))]
    [chart] = charts_of(rows)
    dots = [shape for shape in chart.shapes() if isinstance(shape, Dot) and shape.label]
    (left, bottom), (middle, top), (right, half) = ((dot.x, dot.y) for dot in dots)
    assert middle == pytest.approx((left + right) / 2, abs=0.01)
    assert half == pytest.approx((top + bottom) / 2, abs=0.01)
    assert dots[1].label == "step 50: validation, whole file 2"


def test_svg_is_self_contained(tmp_path: Path) -> None:
    """It has a name for screen readers, a mark on each validation point, and no external references."""
    picture = REWARDS.to_svg(tmp_path / "rewards.svg")
    assert (tmp_path / "rewards.svg").read_text() == picture
    root = ET.fromstring(picture)
    assert root.get("role") == "img" and "Mean reward by step: training from" in str(root.get("aria-label"))
    assert len(root.findall(f".//{SVG}circle/{SVG}title")) == 6
    assert "href" not in picture and "url(" not in picture


steps = st.integers(0, 2**53)
losses = st.none() | st.floats(allow_nan=True, allow_infinity=True)


@given(st.lists(st.builds(MetricRow, step=steps, train_loss=losses, valid_loss=losses), max_size=6))
def test_any_metrics_can_be_drawn(rows: list[MetricRow]) -> None:
    """The numbers may be large, small, few or absent."""
    picture = Metrics(rows).to_svg()
    ET.fromstring(picture)
    assert "nan" not in picture and "inf" not in picture.replace("info", "")


def test_png_has_the_size_and_colours_of_the_chart(tmp_path: Path) -> None:
    """It has two pixels for each unit of the layout, and the colours of the curves."""
    image = pytest.importorskip("PIL.Image")
    written = REWARDS.to_png(tmp_path / "rewards.png")
    assert (tmp_path / "rewards.png").read_bytes() == written
    with image.open(tmp_path / "rewards.png") as opened:
        assert opened.size == (1360, 680)
        colours = {colour for _, colour in opened.convert("RGB").getcolors(1 << 20)}
    assert (0x00, 0x72, 0xB2) in colours and (0xD5, 0x5E, 0x00) in colours
    Metrics().to_png(tmp_path / "empty.png")


def test_without_pillow_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """It also says what works without Pillow."""
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ConfigurationError, match=r"finetuning-client\[plot\].*to_svg"):
        REWARDS.to_png()


def test_an_unwritable_path_is_refused(tmp_path: Path) -> None:
    """The error names the path."""
    with pytest.raises(InvalidRequestError, match=r"missing/a\.svg: cannot be written"):
        REWARDS.to_svg(tmp_path / "missing" / "a.svg")


def test_rewards_have_a_chart_for_the_terminal() -> None:
    """A job without losses has a chart of its rewards."""
    legend = loss_curve(REWARDS).splitlines()[-1]
    assert "training mean reward" in legend and "validation mean reward" in legend


def test_notebooks_show_jobs_metrics_and_lists(client: FineTuning, created: dict[str, Job]) -> None:
    """A list shows its first items, and sends one request for each page that they need."""
    job = client.jobs.retrieve(created["supervised"].id)
    assert job.id in job._repr_html_() and str(job.fine_tuned_model) in job._repr_html_()
    shown = job.metrics()._repr_html_()
    assert shown.startswith('<img alt="Loss by step') and "<td>" in shown
    jobs = client.jobs.list()._repr_html_()
    assert all(one.id in jobs for one in islice(client.jobs.list(), 3))
    assert "<table>" in job.list_events(limit=3)._repr_html_()


@pytest.mark.parametrize("text", ["<b>", "</td><script>", "\"'&"])
def test_texts_from_a_server_are_escaped_in_notebooks(text: str) -> None:
    """A notebook would run scripts in the texts."""
    error: dict[str, Any] = {"code": text, "message": text, "param": text}
    view = JobView({"id": text, "status": "failed", "model": text, "error": error})
    assert text not in view._repr_html_().replace("<b>status</b>", "").replace("<b>reason</b>", "").replace(
        "<b>model</b>", ""
    )
    assert snapshot(model=text).job._repr_html_()
