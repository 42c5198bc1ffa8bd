"""Prints one table of everything that is measured: `make bench`."""

import platform
from collections.abc import Iterator

from benchmarks import emulator, imports, parsing
from benchmarks.measure import Comparison, Row, measure

__all__ = ["main"]

SUBJECTS = (imports, parsing, emulator)


def main() -> None:
    """Measure every comparison, and print it as soon as it is done."""
    print(f"Python {platform.python_version()}; medians of interleaved runs\n")
    print(f"{'':34}{'median':>12}{'over the first':>17}{'ratio':>9}")
    for subject in SUBJECTS:
        for comparison in subject.comparisons():
            for line in _lines(comparison, measure(comparison)):
                print(line)


def _lines(comparison: Comparison, rows: list[Row]) -> Iterator[str]:
    yield f"{comparison.title} ({comparison.rounds} rounds)"
    for row in rows:
        over = row.seconds - rows[0].seconds
        marks = f"   {comparison.target}" if row.name == comparison.ours else ""
        yield f"  {row.name:32}{_time(row.seconds):>12}{_time(over):>17}{row.ratio:>9.2f}{marks}"
    yield ""


def _time(seconds: float) -> str:
    return f"{seconds * 1e3:.2f} ms" if abs(seconds) >= 1e-3 else f"{seconds * 1e6:.1f} us"


if __name__ == "__main__":
    main()
