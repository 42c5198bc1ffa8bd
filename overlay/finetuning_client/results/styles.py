"""Styles of charts and pages: colours that are distinct for any colour vision, for light and dark."""

from __future__ import annotations

from collections.abc import Mapping

LIGHT: Mapping[str, str] = {
    "paper": "#ffffff",
    "page": "#f6f7f9",
    "ink": "#1b2330",
    "soft": "#566072",
    "rule": "#e3e6ec",
    "axis": "#8a93a3",
    "accent": "#0b62a8",
    "good": "#0a6b4f",
    "good-soft": "#e4f4ee",
    "bad": "#a8321c",
    "bad-soft": "#fdece8",
    "warn": "#7a5200",
    "warn-soft": "#fdf3dc",
    "s1": "#0072b2",
    "s2": "#d55e00",
    "s3": "#007a5a",
    "s4": "#a8437e",
    "s5": "#7a6200",
    "s6": "#5a4fcf",
    "s7": "#4d5666",
    "s8": "#00808a",
}
_DARK: Mapping[str, str] = {
    "paper": "#171c24",
    "page": "#0f1319",
    "ink": "#e8ebf0",
    "soft": "#a4aebd",
    "rule": "#2a323e",
    "axis": "#6b7686",
    "accent": "#6cb8f0",
    "good": "#5fd0a6",
    "good-soft": "#12312a",
    "bad": "#ff9c86",
    "bad-soft": "#3b1d18",
    "warn": "#f0c65a",
    "warn-soft": "#352a10",
    "s1": "#56b4e9",
    "s2": "#f2994a",
    "s3": "#3fc79a",
    "s4": "#e39ac6",
    "s5": "#e6cf4d",
    "s6": "#a9a2ff",
    "s7": "#b4bcc9",
    "s8": "#4fc9d1",
}

SERIES = tuple(f"s{n}" for n in range(1, 9))
"""The styles of curves."""


def _variables(colours: Mapping[str, str]) -> str:
    return "".join(f"--{name}:{colour};" for name, colour in colours.items())


COLOURS = (
    f":root{{color-scheme:light dark;{_variables(LIGHT)}}}"
    f"@media(prefers-color-scheme:dark){{:root{{{_variables(_DARK)}}}}}"
)
"""The colours as variables, by the reader's preference."""

CHART_STYLE = "".join(
    [
        ".paper{fill:var(--paper)}",
        "svg text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif}",
        "svg .title{font-size:15px;font-weight:600;fill:var(--ink)}",
        "svg .legend{font-size:12px;fill:var(--soft)}",
        "svg .tick{font-size:11px;fill:var(--soft);font-variant-numeric:tabular-nums}",
        "svg polyline{fill:none;stroke-width:1.5;stroke-linejoin:round;stroke-linecap:round}",
        "svg .grid{stroke:var(--rule);stroke-width:1}",
        "svg .axis{stroke:var(--axis);stroke-width:1}",
        *(f"svg .{name}{{stroke:var(--{name})}}" for name in SERIES),
        "svg circle{fill:var(--paper);stroke-width:1.75}",
    ]
)
"""The styles of a chart's shapes."""
