"""docs/datasets.md describes every code of a finding as the code does, and its figures are right."""

from __future__ import annotations

from pathlib import Path

from finetuning_client.data.findings import CODES, SHOWN_PER_CODE, Finding
from finetuning_client.data.tokens import ESTIMATE_ERROR, IMAGE, LOW_DETAIL_IMAGE

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "datasets.md").read_text(encoding="utf-8")


def test_the_tables_have_every_code_with_its_meaning_and_remedy() -> None:
    """Each code is in the table of its severity, with the same texts as in the code."""
    for severity, heading in (("error", "Errors"), ("warning", "Warnings"), ("note", "Notes")):
        section = PAGE.partition(f"### {heading}\n")[2].partition("\n## ")[0].partition("\n### ")[0]
        rows = [line for line in section.splitlines() if line.startswith("| `")]
        expected = [
            f"| `{code}` | {kind.meaning} | {kind.hint} |"
            for code, kind in CODES.items()
            if kind.severity == severity
        ]
        assert rows == expected


def test_the_table_of_attributes_has_all_of_them() -> None:
    """Every attribute of a finding is explained."""
    section = PAGE.partition("| Attribute | Meaning |")[2].partition("\n\n")[0]
    assert all(f"`{name}`" in section for name in Finding.__struct_fields__)


def test_the_figures_are_those_of_the_code() -> None:
    """The maximum number of findings, the error of the estimate, and the tokens of images are right."""
    prose = " ".join(PAGE.split())
    assert f"lists at most {SHOWN_PER_CODE} findings of each code" in prose
    assert f"within {ESTIMATE_ERROR:.0%} of the true count" in prose
    assert f"An image counts as {IMAGE} tokens, or {LOW_DETAIL_IMAGE} with low detail" in prose
