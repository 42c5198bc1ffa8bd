"""List the differences between the vendor's specification and ours, and whether they are deliberate.

    python -m tools.drift PATH-OR-URL [--format text|json] [--contract openapi.yaml]
                          [--deliberate tools/deliberate-differences.yaml]

The comparison covers the operations of our contract, the vendor's operations under the same first path
segments, and the training formats that both have; a document without paths may have only these. The exit
code is 1 if there is a difference that the file of deliberate ones does not explain, or an entry of that
file that no longer explains any; 2 if something cannot be read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from tools.comparison import command
from tools.comparison.deliberate import Pattern, Reason, read_reasons
from tools.comparison.differences import Difference, Place, Side
from tools.comparison.layout import Row, columns, counted, listed, paragraph, widths_for
from tools.comparison.operations import paths
from tools.comparison.schema_walk import SchemaWalk
from tools.comparison.walk import compare
from tools.openapi import Document, DocumentError, parse, read_bytes
from tools.training_formats import roots

__all__ = ["Drift", "main"]

_DELIBERATE = "deliberate-differences.yaml"

# Each side chooses the structure of its own code.
_IGNORED_ASPECTS = frozenset({"tag", "class"})


@dataclass(frozen=True)
class Drift:
    """The differences from the vendor's contract.

    Attributes:
        vendor: The vendor's contract.
        ours: The contract of this project.
        operations: The number of our operations.
        unexplained: The differences that no reason explains.
        meant: The differences that a reason explains, by its text.
        stale: The patterns that no difference fits.
        formats: The number of training formats that both have.
    """

    vendor: Document
    ours: Document
    operations: int
    unexplained: list[Difference]
    meant: dict[str, list[Difference]]
    stale: list[Pattern]
    formats: int = 0

    @classmethod
    def of(cls, vendor: Document, ours: Document, reasons: Sequence[Reason]) -> Drift:
        """Compare two contracts, applying the documented exceptions.

        Raises:
            DocumentError: One of the contracts is not sound.
        """
        formats = [name for name in roots(ours).values() if name in _schemas(vendor)]
        found = _format_differences(vendor, ours, formats)
        count = 0
        # A document may describe the training formats only.
        has_operations = bool(paths(vendor)) or not formats
        if has_operations:
            comparison = compare(_shared_area(vendor, ours), ours)
            count = len(comparison.operations)
            found = {**found, **{one: use.sides for one, use in comparison.differences.items()}}
        unexplained: list[Difference] = []
        meant: dict[str, list[Difference]] = {reason.text: [] for reason in reasons}
        used: set[Pattern] = set()
        for difference, sides in found.items():
            if difference.aspect in _IGNORED_ASPECTS:
                continue
            by_side = [list(_explaining(difference, side, reasons)) for side in sorted(sides)]
            used.update(pattern for fitting in by_side for _, pattern in fitting)
            if all(by_side):
                meant[by_side[0][0][0].text].append(difference)
            else:
                unexplained.append(difference)
        compared = {True: bool(formats), False: has_operations}
        every = [pattern for reason in reasons if compared[reason.of_formats] for pattern in reason.patterns]
        stale = [pattern for pattern in every if pattern not in used]
        return cls(vendor, ours, count, unexplained, meant, stale, len(formats))

    @property
    def ok(self) -> bool:
        """True if every difference is explained, and every entry explains one."""
        return not self.unexplained and not self.stale

    def to_dict(self) -> dict[str, Any]:
        """Return the drift as JSON data."""
        return {
            "vendor": {"name": self.vendor.name, "version": self.vendor.version},
            "contract": {"name": self.ours.name, "version": self.ours.version},
            "operations": self.operations,
            "formats": self.formats,
            "unexplained": [_data(one) for one in self.unexplained],
            "deliberate": [
                {"reason": reason, "differences": [_data(one) for one in found]}
                for reason, found in self.meant.items()
            ],
            "stale": [str(pattern) for pattern in self.stale],
            "ok": self.ok,
        }

    def lines(self, width: int) -> Iterator[str]:
        """Yield the lines of the drift for a person."""
        title = f"{self.vendor.name} {self.vendor.version}, compared with {self.ours.name}"
        parts = [counted(self.operations, "operation")] if self.operations or not self.formats else []
        parts += [counted(self.formats, "training format")] if self.formats else []
        title += f" {self.ours.version} in {' and '.join(parts)}"
        yield from paragraph(title, width, indent=2)
        if self.unexplained:
            yield ""
            yield "NOT EXPLAINED"
            yield from self._table(width)
        if self.stale:
            yield ""
            yield "STALE: these entries no longer explain a difference"
            for pattern in self.stale:
                yield from paragraph(f"  {pattern}", width, indent=4)
        if any(self.meant.values()):
            yield ""
            yield "DELIBERATE"
        for reason, found in self.meant.items():
            if found:
                yield ""
                yield from paragraph(reason, width)
                yield from _summary(found, width)
        yield ""
        yield from paragraph(self._verdict(), width)

    def _table(self, width: int) -> Iterator[str]:
        headings = ("", "what", "vendor", "ours")
        rows = {one: _row(one) for one in self.unexplained}
        widths = widths_for([headings, *rows.values()], width)
        yield from columns([headings], widths)
        groups: dict[str, list[Row]] = {}
        for one, row in rows.items():
            groups.setdefault(one.place.subject, []).append(row)
        for subject, members in groups.items():
            yield ""
            yield from paragraph(subject, width, indent=4)
            yield from columns(members, widths)

    def _verdict(self) -> str:
        meant = sum(len(found) for found in self.meant.values())
        parts = [f"{len(self.unexplained)} unexplained", f"{meant} deliberate"]
        if self.stale:
            parts.append(f"{len(self.stale)} stale")
        return f"{', '.join(parts)}: {'clean' if self.ok else 'not clean'}."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = command.parser("tools.drift", __doc__)
    parser.add_argument("upstream", help="the vendor's specification: a file or a URL")
    parser.add_argument("--deliberate", type=Path, default=Path(__file__).with_name(_DELIBERATE))
    options = parser.parse_args(arguments)

    def drift() -> Drift:
        vendor, ours = _vendor(options.upstream), _read(options.contract)
        return Drift.of(vendor, ours, read_reasons(options.deliberate))

    return command.show(drift, options.format)


def _vendor(upstream: str) -> Document:
    if not upstream:
        raise DocumentError("no specification given: use UPSTREAM=path-or-url")
    if upstream.startswith(("http://", "https://")):
        return _fetched(upstream)
    return _read(Path(upstream))


def _read(path: Path) -> Document:
    """Read a file; reports use its name, and error messages its full path."""
    document = parse(read_bytes(path), str(path))
    paths(document)
    return replace(document, name=path.name)


def _fetched(url: str) -> Document:
    try:
        response = httpx.get(url, follow_redirects=True, timeout=30)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DocumentError(f"{url}: cannot be reached: {str(error) or type(error).__name__}") from None
    if not response.is_success:
        raise DocumentError(f"{url}: cannot be read: status {response.status_code}")
    return parse(response.content, url)


def _schemas(document: Document) -> dict[str, Any]:
    return document.mapping(document.mapping(document.data, "components"), "schemas")


def _format_differences(
    vendor: Document, ours: Document, formats: Sequence[str]
) -> dict[Difference, set[Side]]:
    """Return the differences of training formats, whose lines are only sent."""
    walk = SchemaWalk(vendor, ours)
    found: dict[Difference, set[Side]] = {}
    for name in formats:
        component = {"$ref": f"#/components/schemas/{name}"}
        found.update((one, {Side.REQUEST}) for one in walk.differences(Place(name), component, component))
    return found


def _shared_area(vendor: Document, ours: Document) -> Document:
    """Return the vendor's contract without the paths whose first segment ours does not have."""
    firsts = {_first_step(path) for path in paths(ours)}
    kept = {path: item for path, item in paths(vendor).items() if _first_step(path) in firsts}
    return replace(vendor, data={**vendor.data, "paths": kept})


def _first_step(path: object) -> str:
    return str(path).lstrip("/").partition("/")[0]


def _explaining(
    difference: Difference, side: Side, reasons: Sequence[Reason]
) -> Iterator[tuple[Reason, Pattern]]:
    for reason in reasons:
        for pattern in reason.patterns:
            if pattern.explains(difference, side):
                yield reason, pattern


def _row(difference: Difference) -> Row:
    before, after = (side or "-" for side in (difference.before, difference.after))
    return difference.place.way.strip(), difference.aspect, before, after


def _summary(found: list[Difference], width: int) -> Iterator[str]:
    """Yield the differences in short: each once, with its places."""
    places: dict[str, list[str]] = {}
    for one in found:
        places.setdefault(_words(one), []).append(str(one.place))
    for words, where in places.items():
        yield from paragraph(f"  {words}, in {listed(where, 2 * width)}", width, indent=4)


def _words(difference: Difference) -> str:
    if difference.before is None:
        return f"{difference.aspect} {difference.after}: ours only"
    if difference.after is None:
        return f"{difference.aspect} {difference.before}: the vendor's only"
    return f"{difference.aspect}: vendor {difference.before}, ours {difference.after}"


def _data(difference: Difference) -> dict[str, Any]:
    return {
        "place": str(difference.place),
        "aspect": difference.aspect,
        "vendor": difference.before,
        "ours": difference.after,
    }


if __name__ == "__main__":
    raise SystemExit(main())
