"""HTML pages in a real browser: charts show the right numbers, pages are accessible, nothing is loaded."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from .chromium import Chromium

PAGES = ("report", "comparison")
# The position and the numbers of each marked point of a chart, and the scale that its ticks show.
POINTS = """(() => [...document.querySelectorAll("svg.chart")].map(svg => {
  const middle = shape => {
    const box = shape.getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  const ticks = [...svg.querySelectorAll("text.tick")].map(text => [text.textContent, ...middle(text)]);
  const dots = [...svg.querySelectorAll("circle")].filter(dot => dot.querySelector("title"))
    .map(dot => [dot.querySelector("title").textContent, ...middle(dot)]);
  return {dots, ticks};
}))()"""
VIOLATIONS = """axe.run(document).then(found => JSON.stringify(
  found.violations.map(one => [one.id, one.nodes.map(node => node.html)])))"""


def line_through(places: list[tuple[float, float]]) -> Any:
    """Return the function from a value to its position, given by the first and the last tick."""
    (low, start), (high, end) = places[0], places[-1]
    return lambda value: start + (value - low) / (high - low) * (end - start)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_points_are_drawn_at_the_positions_of_their_values(
    chromium: Chromium, pages: dict[str, Path], scripts: bool
) -> None:
    """Each point is within 1.5 pixels of the position that the ticks give for its value."""
    chromium.open(pages["report"], scripts=scripts)
    charts = chromium.value(POINTS)
    assert charts and all(chart["dots"] for chart in charts)
    for chart in charts:
        ticks = ((text.replace(",", ""), x, y) for text, x, y in chart["ticks"] if text != "step")
        numbers = [(float(text), x, y) for text, x, y in ticks]
        bottom = max(y for _, _, y in numbers)
        steps = sorted((value, x) for value, x, y in numbers if y > bottom - 2)
        values = sorted((value, y) for value, _, y in numbers if y <= bottom - 2)
        across, up = line_through(steps), line_through(values)
        for text, x, y in chart["dots"]:
            step, value = re.findall(r"[0-9][0-9.e+-]*", text)
            assert abs(x - across(float(step))) < 1.5, text
            assert abs(y - up(float(value))) < 1.5, text


def test_pointing_at_a_curve_shows_its_numbers(chromium: Chromium, pages: dict[str, Path]) -> None:
    """The nearest step is marked; the numbers disappear when the pointer leaves."""
    chromium.open(pages["report"])
    text, x, y = chromium.value(POINTS)[0]["dots"][3]
    step, value = re.findall(r"[0-9][0-9.]*", text)
    assert chromium.value("document.querySelector('.tip').hidden")
    chromium.point_at(x, y + 20)
    shown = chromium.value("document.querySelector('.tip').innerText").split()
    assert shown[:2] == ["step", step]
    assert f"{float(value):.4g}" in shown
    boxes = "[...document.querySelectorAll('.spot')].map(spot => spot.getBoundingClientRect())"
    spots = chromium.value(f"{boxes}.map(box => box.x + box.width / 2)")
    assert len(spots) == 3 and all(abs(spot - x) < 1.5 for spot in spots)
    chromium.point_at(2, 2)
    assert chromium.value("document.querySelector('.tip').hidden && !document.querySelector('.spot')")
    assert chromium.complaints() == []


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(
    ("scripts", "dark", "width"),
    [(True, False, 1200), (True, True, 400), (False, False, 400), (False, True, 1200)],
    ids=["light with scripts", "dark with scripts", "light without scripts", "dark without scripts"],
)
def test_the_page_is_accessible(
    chromium: Chromium, pages: dict[str, Path], axe: str, name: str, scripts: bool, dark: bool, width: int
) -> None:
    """axe-core finds no problem, in light and dark colours, at each width, with and without scripts."""
    chromium.open(pages[name], scripts=scripts, dark=dark, width=width)
    # The page was loaded without running its script; axe-core is a script that must run now.
    chromium.call("Emulation.setScriptExecutionDisabled", value=False)
    chromium.value(f"{axe};0")
    assert json.loads(chromium.value(VIOLATIONS)) == []


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_the_page_loads_nothing_and_scrolls_in_one_direction(
    chromium: Chromium, pages: dict[str, Path], name: str, scripts: bool
) -> None:
    """The only request is for the page, its policy is not violated, and wide parts scroll horizontally."""
    for width in (1200, 400):
        chromium.open(pages[name], scripts=scripts, width=width)
        assert chromium.requests() == [pages[name].as_uri()]
        assert chromium.complaints() == []
        assert chromium.value("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_screenshots_are_kept(
    chromium: Chromium, pages: dict[str, Path], repository: Path, name: str, dark: bool
) -> None:
    """They are written to `.build/browser/` for people to look at."""
    chromium.open(pages[name], dark=dark)
    path = repository / ".build" / "browser" / f"{name}-{'dark' if dark else 'light'}.png"
    chromium.screenshot(path)
    assert path.read_bytes().startswith(b"\x89PNG") and path.stat().st_size > 50_000
