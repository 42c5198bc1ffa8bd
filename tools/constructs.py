"""Write docs/contract-constructs.md from the test cases that prove it, or check that it is up to date.

Each row of the page is a row of tests/generated/constructs, which the tests generate from or see refused.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from tools.openapi.grammar import OF_KIND, REFUSED

__all__ = ["main", "page"]

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "contract-constructs.md"
CASES = ROOT / "tests" / "generated" / "constructs"

_HEAD = """<!-- Written from tests/generated/constructs by `make constructs`. -->

# What a contract may say

Each construct of OpenAPI 3.1 is *supported* or *refused*. For a supported one, code is generated as the
contract describes it. For a refused one, `make generate` stops with one line,
`openapi.yaml:LINE: what is wrong, and what to write instead`, and leaves everything as it was. Anything that
is not on this page is refused as unknown. Each row is a test case.
"""


def page() -> str:
    """Return the text of the page."""
    lines = [_HEAD]
    for table, heading in (("schemas", "Schemas"), ("operations", "Operations and the document")):
        lines.append(f"## {heading}\n")
        for section in yaml.safe_load((CASES / f"{table}.yaml").read_text(encoding="utf-8")):
            lines += [f"### {section['title']}\n", *_table(_row(row) for row in section["rows"])]
    lines.append("## Keywords that are refused\n")
    lines += _table(
        (f"`{key}` in {OF_KIND[kind]}", f"refused: {advice}")
        for kind, keys in REFUSED.items()
        for key, advice in keys.items()
    )
    return "\n".join(lines).rstrip() + "\n"


def _table(rows: Iterator[tuple[str, str]]) -> list[str]:
    written = [f"| {_cell(construct)} | {_cell(outcome)} |" for construct, outcome in rows]
    return ["| Construct | |", "|---|---|", *written, ""]


def _row(row: dict[str, Any]) -> tuple[str, str]:
    if "refused" in row:
        return row["construct"], f"refused: {row['refused']}"
    found = []
    if "type" in row:
        found.append(f"`{row['type'].replace('{row}', 'Owner')}`")
    if "limits" in row:
        found.append(f"checked: `{json.dumps(row['limits'])}`")
    if "call" in row and "sends" in row:
        found.append(f"`({row['call'].replace('{row}', 'Owner')})` is sent as {_sent(row)}")
    if "raises" in row:
        found.append(f"`({row['call']})` raises `ValueError`")
    if "returns" in row:
        found.append(f"read as `{row['returns'].replace('{row}', 'Owner')}`")
    return row["construct"], "supported: " + "; ".join(found)


def _sent(row: dict[str, Any]) -> str:
    sends = row["sends"]
    words = [f"`{row.get('method', 'get').upper()} {sends['url']}`"]
    words += [f"`{name}: {value}`" for name, value in sends.get("headers", {}).items() if value is not None]
    if sends.get("content"):
        words.append(f"`{sends['content']}`")
    if "parts" in sends:
        words.append("the parts " + ", ".join(f"`{name}`" for name in sends["parts"]))
    return ", ".join(words)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page; with `--check`, fail if it is out of date."""
    parser = argparse.ArgumentParser(prog="tools.constructs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the page is out of date")
    check = parser.parse_args(arguments).check
    wanted = page()
    if not check:
        PAGE.write_text(wanted, encoding="utf-8", newline="\n")
        return 0
    if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != wanted:
        print(f"{PAGE.name} is out of date: run `make constructs`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
