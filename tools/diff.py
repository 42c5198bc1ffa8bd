"""Says what a change of the contract means to users, and which step of the version it asks for.

    python -m tools.diff [--base REVISION-OR-FILE] [--format text|json] [--contract openapi.yaml]

The contract is compared with that of the last release: the highest `v*` tag that HEAD contains.
The versions are those of `info.version` in the two contracts. The exit code is 1 when a breaking
change lacks the version step that it asks for, and 2 when a contract cannot be read.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from tools.comparison.differences import Side
from tools.comparison.document import Document, DocumentError, read
from tools.comparison.layout import (
    Row,
    columns,
    counted,
    listed,
    paragraph,
    terminal_width,
    widths_for,
)
from tools.comparison.revisions import contract_at, newest_release, why_no_release
from tools.comparison.verdicts import Change, Step, changes, step_asked, step_taken, version_of
from tools.comparison.walk import compare

__all__ = ["Report", "main"]

_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Report:
    """The changes from one contract to another, and what they ask of the version."""

    base: Document
    now: Document
    changes: list[Change]
    operations: tuple[str, ...]

    @classmethod
    def of(cls, base: Document, now: Document) -> Report:
        """Compare two contracts.

        Raises:
            DocumentError: One of them is not sound, or has no version.
        """
        comparison = compare(base, now)
        report = cls(base, now, changes(comparison), comparison.operations)
        version_of(base), version_of(now)
        return report

    @property
    def breaking(self) -> int:
        """How many changes break callers."""
        return sum(bool(change.breaks) for change in self.changes)

    @property
    def asked(self) -> Step:
        """The version step that the changes ask for."""
        return step_asked(self.changes, version_of(self.base))

    @property
    def taken(self) -> Step:
        """The version step from one contract to the other."""
        return step_taken(version_of(self.base), version_of(self.now))

    @property
    def fails(self) -> bool:
        """Whether something breaks without the step that it asks for."""
        return self.breaking > 0 and self.taken < self.asked

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON data."""
        return {
            "base": {"name": self.base.name, "version": self.base.version},
            "contract": {"name": self.now.name, "version": self.now.version},
            "changes": [_data(change) for change in self.changes],
            "breaking": self.breaking,
            "step": {"asked": self.asked.name.lower(), "taken": self.taken.name.lower()},
            "ok": not self.fails,
        }

    def lines(self, width: int) -> Iterator[str]:
        """The report for a person."""
        known = self.base.version in self.base.name
        base = self.base.name if known else f"{self.base.name}, {self.base.version}"
        title = f"{self.now.name} {self.now.version}, compared with {base}"
        yield from paragraph(title, width, indent=2)
        if not self.changes:
            yield "Nothing changes for users."
            return
        widths = widths_for([_row(change) for change in self.changes], width)
        for breaks, found in groupby(self.changes, key=lambda change: bool(change.breaks)):
            yield ""
            yield "BREAKING" if breaks else "COMPATIBLE"
            yield from self._groups(list(found), widths, width)
        yield ""
        yield from paragraph(self._verdict(), width)

    def _groups(self, found: list[Change], widths: list[int], width: int) -> Iterator[str]:
        groups: dict[str, list[Change]] = {}
        for change in found:
            groups.setdefault(change.difference.place.subject, []).append(change)
        for subject, members in groups.items():
            yield ""
            yield from paragraph(self._heading(subject, members, width), width, indent=4)
            yield from columns([_row(change) for change in members], widths)

    def _heading(self, subject: str, members: list[Change], width: int) -> str:
        names = list(dict.fromkeys(name for change in members for name in change.operations))
        if not names:
            return subject
        if len(names) == len(self.operations) > 1:
            return f"{subject}  (every operation)"
        return f"{subject}  ({listed(names, max(width - len(subject) - 4, 50))})"

    def _verdict(self) -> str:
        total = len(self.changes) - self.breaking
        told = f"{counted(self.breaking, 'breaking change')}, {total} compatible: "
        told += f"from {self.base.version} this asks for a {self.asked.name.lower()} step"
        if self.taken >= self.asked:
            return f"{told}, and {self.now.version} is enough."
        number = ".".join(str(part) for part in _next(version_of(self.base), self.asked))
        if self.breaking:
            return f"{told}. Set info.version to {number} or higher, or undo what breaks."
        return f"{told}, to {number} or higher, before it is released."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives its exit code."""
    parser = argparse.ArgumentParser(prog="tools.diff", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--base", help="a git revision or a file; the last release when left out")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--contract", type=Path, default=_ROOT / "openapi.yaml")
    options = parser.parse_args(arguments)
    try:
        report = _report(options.contract, options.base)
    except DocumentError as error:
        print(error, file=sys.stderr)
        return 2
    if isinstance(report, str):
        print(json.dumps({"base": None, "reason": report}) if options.format == "json" else report)
        return 0
    if options.format == "json":
        print(json.dumps(report.to_dict(), indent=2, ensure_ascii=False))
    else:
        print("\n".join(report.lines(terminal_width())))
    return 1 if report.fails else 0


def _report(path: Path, base: str | None) -> Report | str:
    """The report, or why there is nothing to compare with."""
    now = Document(path.name, read(path).data)
    if base and Path(base).is_file():
        return Report.of(read(Path(base)), now)
    here = path.resolve()
    revision = base or newest_release(here.parent)
    if revision is None:
        return f"{path.name}: {why_no_release(here.parent)}"
    return Report.of(contract_at(revision, here), now)


def _row(change: Change) -> Row:
    sides = [side.value for side in change.sides]
    told = [change.text]
    if len(set(change.breaks.values())) == 1 and len(change.breaks) == len(sides):
        told += set(change.breaks.values())
    else:
        told += [f"{side}: {reason}" for side, reason in change.breaks.items()]
    return change.difference.place.way.strip(), "both" if len(sides) > 1 else sides[0], told


def _data(change: Change) -> dict[str, Any]:
    one = change.difference
    return {
        "place": str(one.place),
        "subject": one.place.subject,
        "aspect": one.aspect,
        "effect": one.effect.value,
        "before": one.before,
        "after": one.after,
        "text": change.text,
        "breaking": bool(change.breaks),
        "sides": {
            side.value: {"breaking": side in change.breaks, "because": change.breaks.get(side)}
            for side in Side
            if side in change.sides
        },
        "operations": list(change.operations),
    }


def _next(version: tuple[int, int, int], step: Step) -> tuple[int, int, int]:
    major, minor, patch = version
    if step is Step.MAJOR:
        return major + 1, 0, 0
    return (major, minor + 1, 0) if step is Step.MINOR else (major, minor, patch + 1)


if __name__ == "__main__":
    raise SystemExit(main())
