"""Writes `docs/reliability.md`: what is promised, and what became of every fault; `make reliability`."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from benchmarks.fault_runs import COUNTS, OPERATIONS, Result, Results, Subject, official, ours, run_all
from benchmarks.faults import FAULTS, TIMEOUT
from benchmarks.faulty_server import Fault

__all__ = ["main", "page"]

_PAGE = Path(__file__).resolve().parents[1] / "docs" / "reliability.md"
_PROMISES = Path(__file__).with_name("reliability-promises.md")
_TITLES = {
    "create": "create a job",
    "retrieve": "retrieve a job",
    "list": "list jobs",
    "upload": "upload a file",
    "cancel": "cancel a job",
    "share": "share a checkpoint",
}
_HEADS = {
    "duplicates": "duplicates",
    "foreign": "foreign exceptions",
    "wrong": "silently wrong",
    "lost": "lost",
    "leaked": "sent elsewhere",
    "hung": "without end",
}


def main() -> None:
    """Run everything, and write the page."""
    subjects = [*ours(), *official()]
    started = time.monotonic()
    results = run_all(subjects)
    _PAGE.write_text(page(subjects, results), encoding="utf-8")
    print(f"{len(results)} runs in {time.monotonic() - started:.0f} s: {_PAGE.name} is written")


def page(subjects: list[Subject], results: Results) -> str:
    """The whole page."""
    lines = [_PROMISES.read_text(encoding="utf-8").rstrip(), ""]
    lines += _summary(subjects, results)
    for group, faults in FAULTS.items():
        lines += ["", f"### {group}", "", *_group(subjects, results, faults)]
    return "\n".join([*lines, ""])


def _summary(subjects: list[Subject], results: Results) -> Iterator[str]:
    number = sum(len(faults) for faults in FAULTS.values())
    yield "## What was tried"
    yield ""
    yield (
        f"{number} faults, {len(results):,} runs, on Python {platform.python_version()}, beside `openai` "
        f"{version('openai')} in the same run. Both clients make three attempts and give one up after "
        f"{TIMEOUT:g} s of silence."
    )
    yield ""
    yield "| operation | client | faults | " + " | ".join(_HEADS[name] for name in COUNTS) + " |"
    yield "|---|---|--:|" + "--:|" * len(COUNTS)
    for operation in OPERATIONS:
        for subject in subjects:
            found = [r for (s, o, _), r in results.items() if (s, o) == (subject.name, operation)]
            counts = [sum(getattr(result, name) for result in found) for name in COUNTS]
            shown = " | ".join(str(count) for count in counts)
            yield f"| {_TITLES[operation]} | {subject.name} | {len(found)} | {shown} |"


def _group(subjects: list[Subject], results: Results, faults: tuple[Fault, ...]) -> Iterator[str]:
    concerned = [
        o for o in OPERATIONS if any((subjects[0].name, o, fault.name) in results for fault in faults)
    ]
    yield "| fault | client | " + " | ".join(concerned) + " |"
    yield "|---|---|" + "---|" * len(concerned)
    for fault in faults:
        for index, (name, pair) in enumerate(_pairs(subjects)):
            cells = [_cell(pair, results, operation, fault) for operation in concerned]
            yield f"| {'' if index else fault.name} | {name} | " + " | ".join(cells) + " |"


def _pairs(subjects: list[Subject]) -> Iterator[tuple[str, list[Subject]]]:
    """Each client's name, with its two kinds."""
    for subject in subjects:
        if not subject.is_async:
            yield subject.name, [other for other in subjects if other.name.startswith(subject.name)]


def _cell(pair: list[Subject], results: Results, operation: str, fault: Fault) -> str:
    found = [results[key] for kind in pair if (key := (kind.name, operation, fault.name)) in results]
    if not found:
        return ""
    if len({result.text for result in found}) == 1:
        return _shown(found[0])
    return "; ".join(
        f"{'async' if kind.is_async else 'sync'}: {_shown(result)}"
        for kind, result in zip(pair, found, strict=True)
    )


def _shown(result: Result) -> str:
    return result.text if result.is_clean else f"**{result.text}**"


if __name__ == "__main__":
    main()
