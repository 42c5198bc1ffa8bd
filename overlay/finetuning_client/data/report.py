"""Report on a data file: its findings, its statistics, and both as a table for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from ..errors import Problem
from .findings import CODES, Finding
from .rules import Format
from .statistics import DatasetStatistics


@attrs.frozen(kw_only=True)
class DatasetReport:
    """Report on a data file.

    Attributes:
        path: the file.
        format: format of the examples; `None` if none has a known format.
        examples: number of examples (non-blank lines).
        messages: number of messages by role; empty for formats without messages.
        characters: number of characters in all texts.
        duplicates: number of examples that repeat an earlier one.
        problems: what the service refuses, in file order.
        findings: what was found, in file order; `data.check` keeps at most 20 of each code per file.
        counts: number of findings by code, including those that are not listed.
        stats: statistics of the file.
    """

    path: str
    format: Format | None
    examples: int
    messages: Mapping[str, int]
    characters: int
    duplicates: int
    problems: tuple[Problem, ...]
    findings: tuple[Finding, ...] = attrs.field(default=(), eq=False)
    counts: Mapping[str, int] = attrs.field(factory=dict, eq=False)
    stats: DatasetStatistics = attrs.field(default=DatasetStatistics(), eq=False)

    @property
    def ok(self) -> bool:
        """True if the service accepts the file: no finding has the severity `error`."""
        return not any(CODES[code].severity == "error" for code in self.counts)

    @property
    def estimated_tokens(self) -> int:
        """Tokens per epoch, as in `stats`."""
        return self.stats.tokens

    def table(self) -> str:
        """Return the findings and the statistics as text, one per line."""
        lines = [self._summary(), *self._finding_lines(), *self._statistics_lines()]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON data."""
        import msgspec

        return {
            "path": self.path,
            "ok": self.ok,
            "format": self.format,
            "counts": dict(self.counts),
            "findings": [msgspec.to_builtins(finding) for finding in self.findings],
            "stats": msgspec.to_builtins(self.stats),
        }

    def _summary(self) -> str:
        totals = dict.fromkeys(("error", "warning", "note"), 0)
        for code, count in self.counts.items():
            totals[CODES[code].severity] += count
        said = [f"{count} {name}{'s' * (count != 1)}" for name, count in totals.items() if count]
        return f"{self.path}: {', '.join(said) or 'nothing to report'}"

    def _finding_lines(self) -> list[str]:
        rows: list[tuple[str, str, str, str]] = [
            (f"{'valid ' * (f.file == 'validation')}{f.line or '-'}", f.severity, f.code, f.text)
            for f in self.findings
        ]
        listed: dict[str, int] = {}
        for finding in self.findings:
            listed[finding.code] = listed.get(finding.code, 0) + 1
        for code, count in self.counts.items():
            if more := count - listed.get(code, 0):
                rows.append(("…", CODES[code].severity, code, f"and {more} more"))
        if not rows:
            return []
        rows = [("line", "severity", "code", "what is wrong"), *rows]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        table = [
            "  " + "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]])
            for row in rows
        ]
        hints = dict.fromkeys((finding.code, finding.hint) for finding in self.findings)
        return [*table, *(f"  {code}: {hint}" for code, hint in hints)]

    def _statistics_lines(self) -> list[str]:
        stats, lengths = self.stats, self.stats.lengths
        roles = ", ".join(f"{count} {role}" for role, count in stats.messages_by_role.items())
        of_roles = f" with {roles} messages" if roles else ""
        span = f"{stats.tokens_low} to {stats.tokens_high}; {stats.tokenizer}"
        spread = f"{lengths.minimum} to {lengths.maximum}, median {lengths.median}"
        lines = [
            f"  examples: {stats.examples}{of_roles}",
            f"  tokens per epoch: {stats.tokens} ({span})",
            f"  tokens per example: {spread}, 95th percentile {lengths.p95}",
        ]
        if stats.examples:
            lines.append(f"  epochs that auto chooses: {stats.auto_epochs}")
        if stats.images or stats.tools:
            lines.append(f"  images: {stats.images}, tools: {stats.tools}")
        return lines
