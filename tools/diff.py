"""Show the effect of contract changes on users, and the version bump that they need.

    python -m tools.diff [--base REVISION-OR-FILE] [--format text|json] [--contract openapi.yaml]

The contract is compared with that of the last release: the highest `v*` tag that HEAD contains, or the
first commit of the contract if there is no tag. The signatures of the libraries that are generated from
the two contracts are compared as well, and those of the client at a revision and now. The versions are
those of `info.version` in the two contracts. The exit code is 1 if a breaking change lacks the version
bump that it needs, and 2 if a contract cannot be read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from tools.comparison import command
from tools.comparison.callers import code_differences
from tools.comparison.differences import Side
from tools.comparison.layout import Row, columns, counted, listed, paragraph, widths_for
from tools.comparison.linking import breaking_first, code_changes, joined
from tools.comparison.packages import CLIENT, Code, client_at, client_from, generated_from
from tools.comparison.revisions import first_commit, newest_release, text_at, why_no_base
from tools.comparison.verdicts import Change, Step, changes, step_asked, step_taken, version_of
from tools.comparison.walk import compare
from tools.openapi import Document, DocumentError, parse, read_bytes

__all__ = ["Report", "main"]

_LIBRARY = "finetuning_api"


@dataclass(frozen=True)
class Report:
    """The changes from one contract to another, and the version step that they need.

    Attributes:
        base: The contract to compare with.
        now: The current contract.
        changes: All changes, the breaking ones first.
        operations: The names of the current operations.
        notes: Parts that could not be compared, with the reasons.
    """

    base: Document
    now: Document
    changes: list[Change]
    operations: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, base: Document, now: Document, code: Sequence[Code] = (), notes: Sequence[str] = ()
    ) -> Report:
        """Compare two contracts, and the packages that go with them.

        Without the libraries, every change of a name that code could use is called breaking.

        Raises:
            DocumentError: One of the contracts is not sound, or has no version.
        """
        comparison = compare(base, now)
        found = changes(comparison)
        for one in code:
            in_code = list(code_changes(code_differences(one.name, one.old, one.new)))
            if one.name == _LIBRARY:
                found = joined(found, in_code, comparison, (base, now))
            else:
                found += in_code
        report = cls(base, now, breaking_first(found), comparison.operations, tuple(notes))
        version_of(base), version_of(now)
        return report

    @property
    def breaking(self) -> int:
        """Number of changes that break callers."""
        return sum(bool(change.breaks) for change in self.changes)

    @property
    def asked(self) -> Step:
        """The version step that the changes need."""
        return step_asked(self.changes, version_of(self.base))

    @property
    def taken(self) -> Step:
        """The version step from one contract to the other."""
        return step_taken(version_of(self.base), version_of(self.now))

    @property
    def ok(self) -> bool:
        """True if nothing breaks without the step that it needs."""
        return not self.breaking or self.taken >= self.asked

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON data."""
        return {
            "base": {"name": self.base.name, "version": self.base.version},
            "contract": {"name": self.now.name, "version": self.now.version},
            "changes": [_data(change) for change in self.changes],
            "breaking": self.breaking,
            "step": {"asked": self.asked.name.lower(), "taken": self.taken.name.lower()},
            "notes": list(self.notes),
            "ok": self.ok,
        }

    def lines(self, width: int) -> Iterator[str]:
        """Yield the lines of the report for a person."""
        known = self.base.version in self.base.name
        base = self.base.name if known else f"{self.base.name}, {self.base.version}"
        title = f"{self.now.name} {self.now.version}, compared with {base}"
        yield from paragraph(title, width, indent=2)
        for note in self.notes:
            yield from paragraph(note, width, indent=2)
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
        words = f"{counted(self.breaking, 'breaking change')}, {total} compatible: "
        words += f"from {self.base.version} this needs a {self.asked.name.lower()} version bump"
        if self.taken >= self.asked:
            return f"{words}, and {self.now.version} is enough."
        number = ".".join(str(part) for part in _next_version(version_of(self.base), self.asked))
        if self.breaking:
            return f"{words}. Set info.version to {number} or higher, or undo the breaking changes."
        return f"{words}, to {number} or higher, before it is released."


@dataclass(frozen=True)
class Nothing:
    """A report without a contract to compare with."""

    reason: str
    ok: bool = True

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON data."""
        return {"base": None, "reason": self.reason}

    def lines(self, width: int) -> Iterator[str]:
        """Yield the report for a person, which is one line at any width."""
        del width
        yield self.reason


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = command.parser("tools.diff", __doc__)
    parser.add_argument("--base", help="a git revision or a file (default: the last release)")
    options = parser.parse_args(arguments)
    return command.show(lambda: _report(options.contract, options.base), options.format)


def _report(path: Path, base: str | None) -> Report | Nothing:
    text = read_bytes(path)
    now = parse(text, str(path))
    here = path.resolve()
    is_file = base is not None and Path(base).is_file()
    if base is None or not is_file:
        base = base or newest_release(here.parent) or first_commit(here)
        if base is None:
            return Nothing(f"{path.name}: {why_no_base(here.parent)}")
    former = read_bytes(Path(base)) if is_file else text_at(base, here)
    code, notes = [], []
    try:
        surfaces = [generated_from(former, base), generated_from(text, path.name)]
        # Not the client in the checkout, which may not be generated yet.
        client = client_from(text, path.name, here.parent)
        if client is not None:
            before = client_from(former, base, here.parent) if is_file else client_at(base, here)
            code += [Code(CLIENT.name, before, client)] if before is not None else []
        code.append(Code(_LIBRARY, *surfaces))
    except DocumentError as error:
        notes.append(f"{_LIBRARY} is not compared, since the generator refuses {error}")
    return Report.of(parse(former, base), replace(now, name=path.name), code, notes)


def _row(change: Change) -> Row:
    sides = [side.value for side in change.sides]
    words = [change.text]
    if len(set(change.breaks.values())) == 1 and len(change.breaks) == len(sides):
        words += set(change.breaks.values())
    else:
        words += [f"{side}: {reason}" for side, reason in change.breaks.items()]
    return change.difference.place.way.strip(), "both" if len(sides) > 1 else sides[0], words


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


def _next_version(version: tuple[int, int, int], step: Step) -> tuple[int, int, int]:
    major, minor, patch = version
    if step is Step.MAJOR:
        return major + 1, 0, 0
    return (major, minor + 1, 0) if step is Step.MINOR else (major, minor, patch + 1)


if __name__ == "__main__":
    raise SystemExit(main())
