"""A self-contained page: one HTML file with its styles, charts and script, which loads nothing else.

All text that a server sent goes through `html_tables.escaped`, which escapes and shortens it. The page's own
policy forbids everything but its styles and its one script.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from ..version import __version__
from ..views.html_tables import Html, escaped
from ..views.readable_values import time_text
from .drawing import Chart
from .styles import CHART_STYLE, COLOURS
from .svg import described, drawn

_WIDE, _HALF = 998.0, 489.0


def page(title: str, body: Iterable[Html], charts: Sequence[Chart]) -> bytes:
    """Return a whole page; `charts` are those in the body, in the same order."""
    style, script = _part("page.css"), _part("page.js")
    digest = base64.b64encode(sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'"
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escaped(title)}</title><style>{COLOURS}{CHART_STYLE}{style}</style></head><body><main>",
        *body,
        f'</main><script type="application/json" id="curves">{_curves(charts)}</script>',
        f"<script>{script}</script></body></html>\n",
    ]
    return "".join(parts).encode()


def sized(charts: Sequence[Chart]) -> list[Chart]:
    """Return the charts sized for a page: the first at full width, the others two per row."""
    count = len(charts)
    return [
        Chart(
            chart.title,
            chart.series,
            *((_WIDE, 340) if i == 0 or (i == count - 1 and i % 2) else (_HALF, 280)),
        )
        for i, chart in enumerate(charts)
    ]


def figures(charts: Sequence[Chart]) -> Html:
    """Return the charts of a page, whose points show their values on hover; empty if there are none."""
    inner = "".join(_figure(chart, i) for i, chart in enumerate(charts))
    return f'<div class="charts">{inner}</div>' if inner else ""


def footer(taken_at: datetime | None) -> Html:
    """Return the last line of a page."""
    when = f", as of {time_text(taken_at)}" if taken_at else ""
    return f"<footer>Written by finetuning-client {__version__}{when}.</footer>"


def section(title: str, body: Iterable[Html], note: Html = "") -> Html:
    """Return a section of the page with its heading; nothing if the body is empty."""
    inner = "".join(body)
    if not inner:
        return ""
    said = f'<p class="note">{note}</p>' if note else ""
    return f"<section><h2>{title}</h2>{said}{inner}</section>"


def html_table(head: Sequence[str], rows: Iterable[Sequence[Html]], *, label: str) -> Html:
    """Return a table whose cells are text of a page; a row whose first cell ends in bold is marked."""
    columns = "".join(f'<th scope="col">{escaped(name)}</th>' for name in head)
    lines = "".join(
        "<tr"
        + (' class="marked"' if row and row[0].endswith("</strong>") else "")
        + ">"
        + "".join(f"<td>{cell}</td>" for cell in row)
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(label)}"><table>'
        f"<thead><tr>{columns}</tr></thead><tbody>{lines}</tbody></table></div>"
    )


def facts(pairs: Mapping[str, Html], *, css_class: str = "") -> Html:
    """Return named values as a list, with a class if given; those without a value are left out."""
    lines = "".join(
        f"<div><dt>{escaped(name)}</dt><dd>{value}</dd></div>" for name, value in pairs.items() if value
    )
    kind = f' class="{css_class}"' if css_class else ""
    return f"<dl{kind}>{lines}</dl>" if lines else ""


def _figure(chart: Chart, number: int) -> Html:
    """Return a chart, with its number on the page."""
    label = escaped(described([chart]), 2000)
    return (
        f'<div class="plot" tabindex="0" role="group" aria-label="{escape(chart.title)}">'
        f'<svg class="chart" viewBox="0 0 {chart.width:g} {chart.height:g}" role="img" data-chart="{number}" '
        f'style="max-width:{chart.width:g}px" aria-label="{label}">{drawn(chart)}</svg></div>'
    )


@cache
def _part(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def _curves(charts: Sequence[Chart]) -> str:
    """Return the points of the charts as JSON that no HTML parser can mistake for markup."""
    found: list[dict[str, Any]] = [
        {
            **chart.scale(),
            "series": [
                {
                    "label": one.label,
                    "role": one.role,
                    "points": [[x, float(f"{y:.6g}")] for x, y in one.curve],
                }
                for one in chart.series
            ],
        }
        for chart in charts
    ]
    return json.dumps(found, separators=(",", ":")).replace("<", "\\u003c").replace("&", "\\u0026")
