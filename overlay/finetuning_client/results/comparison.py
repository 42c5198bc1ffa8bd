"""Several jobs side by side: their differences, and their curves in shared charts."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from inspect import iscoroutine
from pathlib import Path
from typing import Any, Protocol

from ..errors import InvalidRequestError
from ..views.html_tables import escaped
from ..views.readable_values import cost_text, duration_text
from .atomic_write import write_whole
from .checkpoints import measured
from .curves import GROUPS, PART_NAMES, points
from .drawing import Chart, Series
from .html_page import figures, footer, html_table, page, section, sized
from .metrics import COLUMNS
from .snapshot import Snapshot
from .styles import SERIES

_CELL = 60


class JobHandle(Protocol):
    """A handle of a job, live or archived, whose methods are not coroutines."""

    def snapshot(self, *, data: bool = True) -> Snapshot:
        """Return the job with everything known about it now; `data` adds statistics of its files."""
        ...


class Comparison:
    """Several jobs side by side; print it, or show it in a notebook.

    Attributes:
        snapshots: the jobs, in the order given.
        names: a name for each: its suffix if no other job has the same one, else its id.
    """

    def __init__(self, snapshots: Sequence[Snapshot]) -> None:
        self.snapshots = list(snapshots)
        suffixes = Counter(one.job.suffix for one in self.snapshots)
        names = [
            one.job.suffix if one.job.suffix and suffixes[one.job.suffix] == 1 else str(one.job.id)
            for one in self.snapshots
        ]
        self.names = [name if names.count(name) == 1 else f"{i}: {name}" for i, name in enumerate(names, 1)]

    def table(self, *, everything: bool = False) -> list[dict[str, Any]]:
        """Return what differs: a row for each property, with its name as `property` and each job's value.

        Args:
            everything: whether to include what is the same for all jobs.
        """
        columns = [_properties(one) for one in self.snapshots]
        names = dict.fromkeys(name for column in columns for name in column)
        rows = [(name, [column.get(name) for column in columns]) for name in names]
        return [
            {"property": name, **dict(zip(self.names, values, strict=True))}
            for name, values in rows
            if everything or any(value != values[0] for value in values)
        ]

    def report(self, path: str | os.PathLike[str]) -> Path:
        """Write the comparison as an HTML page, completely or not at all; return its path.

        Raises `InvalidRequestError` if it cannot be written.
        """
        charts = sized(self._charts())
        title = f"Comparison of {len(self.snapshots)} jobs"
        body = [
            f"<header><h1>{title}</h1><p>{escaped(', '.join(self.names), 1000)}</p></header>",
            section("Differences", self._html_table()),
            section("Curves", [figures(charts)]),
            footer(max((one.taken_at for one in self.snapshots if one.taken_at), default=None)),
        ]
        return write_whole(path, page(title, body, charts))

    def __str__(self) -> str:
        rows = [["", *self.names], *([_shown(cell) for cell in row.values()] for row in self.table())]
        widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        )

    def __repr__(self) -> str:
        return f"<Comparison of {', '.join(self.names)}>"

    def _repr_html_(self) -> str:
        from .notebook import picture

        return "".join([*self._html_table(), picture(self._charts())])

    def _html_table(self) -> Iterator[str]:
        rows = self.table()
        if not rows:
            yield "<p>The jobs do not differ.</p>"
            return
        cells = ([escaped(_shown(cell)) for cell in row.values()] for row in rows)
        yield html_table(["Property", *self.names], cells, label="Differences")

    def _charts(self) -> list[Chart]:
        charts = []
        for group in GROUPS:
            for column, part in zip(group.columns, PART_NAMES, strict=True):
                series = [
                    Series.of(name, SERIES[i % len(SERIES)], curve, has_dots=part == PART_NAMES[-1])
                    for i, (name, one) in enumerate(zip(self.names, self.snapshots, strict=True))
                    if (curve := points(one.metrics, column))
                ]
                if series:
                    charts.append(Chart(f"{group.title}, {part}", series))
        return charts


def compare(jobs: Iterable[JobHandle | Snapshot]) -> Comparison:
    """Return a comparison of jobs: what differs between them, and their curves in shared charts.

    Args:
        jobs: handles of live or archived jobs, which are read now, or snapshots. For asynchronous handles,
            pass snapshots: `compare([await job.snapshot() for job in jobs])`.

    Raises `InvalidRequestError` for anything else, and for an empty list; `ApiError`, `ConnectionFailed` or
    `InvalidResponse` if a job cannot be read.
    """
    if isinstance(jobs, str | Mapping) or not isinstance(jobs, Iterable):
        raise InvalidRequestError.of("jobs", "a list of jobs or their snapshots", jobs)
    found = [_snapshot(job) for job in jobs]
    if not found:
        raise InvalidRequestError.of("jobs", "a non-empty list of jobs", found)
    return Comparison(found)


def _snapshot(job: Any) -> Snapshot:
    if isinstance(job, Snapshot):
        return job
    if not callable(getattr(job, "snapshot", None)):
        raise InvalidRequestError.of("jobs", "jobs or their snapshots", job)
    found = job.snapshot(data=False)
    if iscoroutine(found):
        found.close()
        end = ": compare([await job.snapshot() for job in jobs])"
        raise InvalidRequestError.of("jobs", "snapshots if the handles are asynchronous", job, end)
    if not isinstance(found, Snapshot):
        raise InvalidRequestError.of("jobs", "jobs or their snapshots", job)
    return found


def _properties(one: Snapshot) -> dict[str, Any]:
    """Return the properties of a job by name, in the order of the table."""
    job, best = one.job, one.best
    method = job.method.to_dict() if job.method else {}
    inner = method.get(str(method.get("type")))
    settings = inner.get("hyperparameters") if isinstance(inner, dict) else None
    settings = settings or (job.hyperparameters.to_dict() if job.hyperparameters else {})
    found = {
        "model": job.model,
        "method": method.get("type"),
        **(settings if isinstance(settings, dict) else {}),
        "training file": job.training_file,
        "validation file": job.validation_file,
        "suffix": job.suffix,
        "seed": job.seed,
        **{f"metadata: {key}": value for key, value in job.metadata.items()},
        "status": str(job.status),
        "error": job.error and (job.error.code or job.error.message),
        "trained tokens": job.trained_tokens,
        "duration": duration_text(job.duration) or None,
        "cost": cost_text(job.cost) or None,
        "steps": one.metrics[-1].step if len(one.metrics) else None,
        **{f"last {name}": value for name, value in last_values(one).items()},
        "best checkpoint": best and best.step_number,
        **{f"best {name}": value for name, value in (measured(best).items() if best else ())},
        "signs": ", ".join(sign.code for sign in one.signs) or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def last_values(one: Snapshot) -> dict[str, float]:
    """Return the last value of each metric that was measured, by name."""
    last: dict[str, float] = {}
    for name in COLUMNS:
        known = [value for value in one.metrics.column(name) if value is not None]
        if known:
            last[name] = known[-1]
    return last


def _shown(value: object) -> str:
    if value is None:
        return "-"
    shown = f"{value:.5g}" if isinstance(value, float) else str(value)
    return " ".join(shown.split())[:_CELL]
