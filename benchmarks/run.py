"""Print one table of all benchmarks (`make bench`); fail if a promise is not kept."""

import platform
import sys
from collections.abc import Iterator

from benchmarks import (
    archive,
    command_line,
    datasets,
    emulator,
    generation,
    memory,
    parsing,
    polling,
    report,
    requests,
    start,
)
from benchmarks.comparison import Comparison, Finding, measure

__all__ = ["main"]

SUBJECTS = (
    start,
    requests,
    command_line,
    parsing,
    datasets,
    memory,
    polling,
    emulator,
    archive,
    report,
    generation,
)


def main() -> int:
    """Run every benchmark, and print its findings at once; return the number of broken promises."""
    print(f"Python {platform.python_version()}; medians of the CPU time of interleaved runs\n")
    print(f"{'':46}{'value':>12}{'over the first':>17}{'ratio':>9}")
    broken = 0
    for subject in SUBJECTS:
        for item in subject.comparisons():
            finding = measure(item) if isinstance(item, Comparison) else item
            broken += sum(not aim.holds(finding.values) for aim in finding.aims)
            for line in _lines(finding):
                print(line, flush=True)
    print(f"promises that are not kept: {broken}" if broken else "every promise is kept")
    return broken


def _lines(finding: Finding) -> Iterator[str]:
    yield finding.title
    first = next(iter(finding.values.values()))
    for name, value in finding.values.items():
        shown, over = (_shown(number, finding.unit) for number in (value, value - first))
        ratio = f"{value / first:.2f}" if first else ""
        yield f"  {name:44}{shown:>12}{over:>17}{ratio:>9}"
    for aim in finding.aims:
        yield f"  {'pass' if aim.holds(finding.values) else 'FAIL'}  {aim.text}"
    yield ""


def _shown(value: float, unit: str) -> str:
    if unit != "s":
        return f"{value:,.0f} {unit}".rstrip()
    return f"{value * 1e3:.2f} ms" if abs(value) >= 1e-3 else f"{value * 1e6:.1f} us"


if __name__ == "__main__":
    sys.exit(bool(main()))
