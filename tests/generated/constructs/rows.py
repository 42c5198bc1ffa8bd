"""The rows of the tables of constructs: parts of a contract, and the expected generated code."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

__all__ = ["Row", "dump", "rows"]

# The C implementation if it is available, since the tests write hundreds of contracts.
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Row:
    """A construct: its table and section, its name, and the expected result."""

    section: str
    name: str
    content: dict[str, Any]

    def __str__(self) -> str:
        return str(self.content["construct"])


def rows(table: str) -> list[Row]:
    """Return the rows of a table, in order."""
    sections = yaml.load((Path(__file__).parent / f"{table}.yaml").read_bytes(), Loader=_LOADER)
    listed = [(section["title"], content) for section in sections for content in section["rows"]]
    return [
        Row(title, "Row" if "refused" in content else f"Row{index}", content)
        for index, (title, content) in enumerate(listed)
    ]


def dump(document: dict[str, Any]) -> str:
    """Return a contract as YAML, with its parts in order."""
    return str(yaml.dump(document, Dumper=_DUMPER, sort_keys=False))
