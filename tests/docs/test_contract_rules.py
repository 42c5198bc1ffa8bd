"""The page of rules lists every rule of the comparison, with its verdict."""

from __future__ import annotations

import re
from pathlib import Path

from tools.comparison.callers import CODE_RULES
from tools.comparison.differences import Effect
from tools.comparison.verdicts import RULES


def rows(page: str, heading: str) -> list[list[str]]:
    """Return the rows of the table under a heading, without the header row."""
    section = page.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_every_rule_is_on_the_page(repository: Path) -> None:
    """The page has them in the order of the code, with the texts of the report."""
    page = (repository / "docs/contract-rules.md").read_text(encoding="utf-8")
    contract = {(row[0], Effect(row[1])): (row[2], row[3]) for row in rows(page, "Rules of the contract")}
    code = {(row[0], Effect(row[1])): row[2] for row in rows(page, "Rules of the code")}
    assert contract == RULES
    assert code == CODE_RULES


def test_a_verdict_that_oasdiff_does_not_share_has_its_reason(repository: Path) -> None:
    """A change that is an error for oasdiff and compatible here, or the reverse, is explained."""
    page = (repository / "docs/contract-rules.md").read_text(encoding="utf-8")
    for aspect, effect, requests, responses, theirs, reason in rows(page, "Rules of the contract"):
        levels = set(re.findall(r"\((error|warning|info)\)", theirs))
        breaks = bool(requests or responses)
        if levels and breaks != ("error" in levels):
            assert reason, f"{aspect} {effect}"
