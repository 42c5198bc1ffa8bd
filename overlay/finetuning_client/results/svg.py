"""Charts as SVG: text that a browser shows, without a font, a script or a reference to anything outside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from .drawing import GAP, MARGIN, NOTHING, Chart, Dot, Path, Shape, Text, charts_of, picture_size
from .styles import CHART_STYLE, COLOURS

if TYPE_CHECKING:
    from .metrics import MetricRow


def svg_picture(rows: Sequence[MetricRow]) -> str:
    """Return the charts of metrics as a standalone SVG file."""
    return picture_of(charts_of(rows))


def picture_of(charts: Sequence[Chart]) -> str:
    """Return charts, one below the other, as a standalone SVG file, for light and dark pages."""
    width, height = picture_size(charts)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img" aria-label="{escape(described(charts))}">'
    )
    paper = f'<rect class="paper" width="{width:g}" height="{height:g}"/>'
    parts = [head, f"<style>{COLOURS}{CHART_STYLE}</style>", paper]
    if not charts:
        parts.append(f'<text class="legend" x="{MARGIN:g}" y="34">{NOTHING}</text>')
    top = MARGIN
    for chart in charts:
        parts.append(f'<g transform="translate({MARGIN:g} {top:g})">{drawn(chart)}</g>')
        top += chart.height + GAP
    return "".join([*parts, "</svg>\n"])


def drawn(chart: Chart) -> str:
    """Return the elements of a chart."""
    return "".join(_elements(chart))


def described(charts: Sequence[Chart]) -> str:
    """Return a description of the charts: what is drawn, and between which values."""
    said = []
    for chart in charts:
        curves = (
            f"{one.label} from {one.curve[0][1]:.4g} at step {one.curve[0][0]:g} "
            f"to {one.curve[-1][1]:.4g} at step {one.curve[-1][0]:g}"
            for one in chart.series
        )
        said.append(f"{chart.title} by step: {'; '.join(curves)}.")
    return " ".join(said) or "No metrics."


def _elements(chart: Chart) -> Iterator[str]:
    for shape in chart.shapes():
        yield _element(shape)


def _element(shape: Shape) -> str:
    match shape:
        case Path(role, points):
            return f'<polyline class="{role}" points="{" ".join(f"{x:g},{y:g}" for x, y in points)}"/>'
        case Dot(role, x, y, label):
            title = f"<title>{escape(label)}</title>" if label else ""
            return f'<circle class="{role}" cx="{x:g}" cy="{y:g}" r="3.5">{title}</circle>'
        case Text(role, x, y, text, anchor):
            where = "" if anchor == "start" else f' text-anchor="{anchor}"'
            return f'<text class="{role}" x="{x:g}" y="{y:g}"{where}>{escape(text)}</text>'
