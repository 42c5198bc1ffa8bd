"""Program that writes `docs/reliability.md`: the promises, and the result of every fault."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from .behaviours import TIMEOUT
from .catalogue import FAULTS
from .clients import ATTEMPTS, OPERATIONS, Client, official, ours, patient
from .combinations import COMBINATIONS
from .judgement import COUNTS, Result
from .long_runs import Row, long_runs
from .runs import Results, catalogued, run_all
from .server import Fault

__all__ = ["main", "page"]

_PAGE = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"
_PROMISES = Path(__file__).with_name("promises.md")
# In other groups, the pauses of the official clients would take too long.
_TITLES = {
    "create": "create a job",
    "retrieve": "retrieve a job",
    "list": "list jobs",
    "upload": "upload a file",
    "cancel": "cancel a job",
    "share": "share a checkpoint",
}
_COLUMNS = {
    "duplicates": "duplicates",
    "foreign": "foreign exceptions",
    "wrong": "silently wrong",
    "lost": "lost",
    "leaked": "sent elsewhere",
    "endless": "endless",
}


def main() -> None:
    """Run every fault, and write the page."""
    clients = [*ours(), *official()]
    started = time.monotonic()
    results = run_all(catalogued(clients))
    combined = {
        name: run_all([*make(patient(ATTEMPTS)), *make(official())]) for name, make in COMBINATIONS.items()
    }
    rows = list(long_runs())
    _PAGE.write_text(page(clients, results, combined, rows), encoding="utf-8")
    number = len(results) + sum(map(len, combined.values()))
    print(f"{number:,} runs in {time.monotonic() - started:.0f} s: wrote {_PAGE.name}")


def page(
    clients: Sequence[Client], results: Results, combined: Mapping[str, Results], rows: Sequence[Row]
) -> str:
    """Return the page."""
    lines = [_PROMISES.read_text(encoding="utf-8").rstrip(), ""]
    lines += _summary(clients, results)
    lines += ["", "### Combinations", "", *_combinations(clients, combined)]
    lines += ["", "### Long runs", "", *_long_runs(rows)]
    for title, faults in FAULTS.items():
        lines += ["", f"### {title}", "", *_group(clients, results, faults)]
    return "\n".join([*lines, ""])


def _summary(clients: Sequence[Client], results: Results) -> Iterator[str]:
    number = sum(len(faults) for faults in FAULTS.values())
    yield "## Results"
    yield ""
    yield (
        f"{number} faults and {len(results):,} runs, on Python {platform.python_version()}, with `openai` "
        f"{version('openai')}."
    )
    yield f"Both clients send a request at most {ATTEMPTS} times, with a timeout of {TIMEOUT:g} s."
    yield ""
    yield "| operation | client | faults | " + " | ".join(_COLUMNS[name] for name in COUNTS) + " |"
    yield "|---|---|--:|" + "--:|" * len(COUNTS)
    for operation in OPERATIONS:
        for client in clients:
            found = [r for (c, o, _), r in results.items() if (c, o) == (client.name, operation)]
            counts = [sum(getattr(result, name) for result in found) for name in COUNTS]
            shown = " | ".join(str(count) for count in counts)
            yield f"| {_TITLES[operation]} | {client.name} | {len(found)} | {shown} |"


def _combinations(clients: Sequence[Client], combined: Mapping[str, Results]) -> Iterator[str]:
    yield (
        "| combination | client | runs | correct | may exist | "
        + " | ".join(_COLUMNS[name] for name in COUNTS)
        + " |"
    )
    yield "|---|---|--:|--:|--:|" + "--:|" * len(COUNTS)
    for name, results in combined.items():
        for client in clients:
            found = [result for (c, _, _), result in results.items() if c == client.name]
            if not found:
                continue
            correct = sum(result.text == "correct" for result in found)
            known = sum(result.is_clean and "may exist" in result.text for result in found)
            counts = [sum(getattr(result, count) for result in found) for count in COUNTS]
            shown = " | ".join(str(number) for number in (len(found), correct, known, *counts))
            yield f"| {name} | {client.name} | {shown} |"


def _long_runs(rows: Sequence[Row]) -> Iterator[str]:
    yield "| run | client | amount | failures | |"
    yield "|---|---|---|---|---|"
    for row in rows:
        failures = ", ".join(
            f"{name} {f'**{number}**' if number else number}" for name, number in row.failures.items()
        )
        yield f"| {row.name} | {row.client} | {row.amount} | {failures} | {row.measured} |"


def _group(clients: Sequence[Client], results: Results, faults: Sequence[Fault]) -> Iterator[str]:
    operations = [
        operation
        for operation in OPERATIONS
        if any((clients[0].name, operation, fault.name) in results for fault in faults)
    ]
    yield "| fault | client | " + " | ".join(operations) + " |"
    yield "|---|---|" + "---|" * len(operations)
    for fault in faults:
        for index, (name, pair) in enumerate(_pairs(clients)):
            cells = [_cell(pair, results, operation, fault) for operation in operations]
            yield f"| {'' if index else fault.name} | {name} | " + " | ".join(cells) + " |"


def _pairs(clients: Sequence[Client]) -> Iterator[tuple[str, list[Client]]]:
    """Yield the name of each blocking client, and the client together with its async counterpart."""
    for client in clients:
        if not client.is_async:
            yield client.name, [other for other in clients if other.name.startswith(client.name)]


def _cell(pair: Sequence[Client], results: Results, operation: str, fault: Fault) -> str:
    keys = [(client.name, operation, fault.name) for client in pair]
    found = [results[key] for key in keys if key in results]
    if not found:
        return ""
    if len({result.text for result in found}) == 1:
        return _shown(found[0])
    return "; ".join(
        f"{'async' if client.is_async else 'sync'}: {_shown(result)}"
        for client, result in zip(pair, found, strict=True)
    )


def _shown(result: Result) -> str:
    return result.text if result.is_clean else f"**{result.text}**"


if __name__ == "__main__":
    main()
