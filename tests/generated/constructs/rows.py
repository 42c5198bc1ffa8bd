"""The rows of the tables of constructs: what a contract may say, and what becomes of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

__all__ = ["Row", "rows"]


@dataclass(frozen=True)
class Row:
    """A construct: the table and section it is in, a name for what it becomes, and what is expected."""

    section: str
    name: str
    content: dict[str, Any]

    def __str__(self) -> str:
        return str(self.content["construct"])


def rows(table: str) -> list[Row]:
    """Return the rows of a table, in order."""
    sections = yaml.safe_load((Path(__file__).parent / f"{table}.yaml").read_text(encoding="utf-8"))
    listed = [(section["title"], content) for section in sections for content in section["rows"]]
    return [
        Row(title, "Row" if "refused" in content else f"Row{index}", content)
        for index, (title, content) in enumerate(listed)
    ]
