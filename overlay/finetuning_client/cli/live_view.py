"""Watched jobs drawn in a terminal, and redrawn as they change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self, TextIO

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.text import Text

from .columns import Column
from .job_progress import JobProgress, sparkline
from .terminal import printable, style_of_outcome
from .text_table import table_lines

_BAR = 24
_SPARKLINE = 32


class LiveView:
    """A context manager that draws the jobs until its end, and leaves the last state on the screen."""

    def __init__(self, jobs: Sequence[JobProgress], stream: TextIO) -> None:
        self._jobs = jobs
        console = Console(file=stream, highlight=False)
        self._live = Live(self, console=console, refresh_per_second=4, redirect_stdout=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def update(self) -> None:
        """Draw the new state at once."""
        self._live.refresh()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if len(self._jobs) == 1:
            yield from _lines(self._jobs[0])
        else:
            yield from map(Text.from_ansi, table_lines(self._jobs, _COLUMNS))


def _lines(progress: JobProgress) -> Iterator[Text]:
    """Yield the lines about one job."""
    job = progress.job
    yield _line((str(job.id), "bold"), _status(progress), (str(job.model or ""), ""))
    if (line := _line((_bar(progress), "cyan"), (_steps(progress), ""), (_end(progress), "dim"))).plain:
        yield line
    if progress.losses:
        loss = f"{progress.measure} {progress.losses[-1]:.4f}"
        valid = "" if progress.valid_loss is None else f"validation {progress.valid_loss:.4f}"
        yield _line((loss, ""), (sparkline(progress.losses, _SPARKLINE), "green"), (valid, ""))
    for event in list(progress.events):
        time = f"{event.created_at.astimezone():%H:%M:%S}" if event.created_at else " " * 8
        style = {"error": "red", "warn": "yellow"}.get(str(event.level), "")
        yield _line((f"  {time}", "dim"), (printable(event.message), style))
    if job.fine_tuned_model:
        yield _line(("model", "dim"), (printable(str(job.fine_tuned_model)), "bold green"))
    elif job.error is not None:
        yield _line(("error", "dim"), (printable(f"{job.error.code}: {job.error.message}"), "red"))


def _line(*parts: tuple[str, str]) -> Text:
    line = Text("  ", style="").join(Text(text, style) for text, style in parts if text)
    line.no_wrap, line.overflow = True, "ellipsis"
    return line


def _status(progress: JobProgress) -> tuple[str, str]:
    status = progress.job.status
    return printable(str(status)), style_of_outcome(status.outcome)


def _bar(progress: JobProgress) -> str:
    share = progress.share
    if share is None:
        return ""
    done = round(share * _BAR)
    return "█" * done + "░" * (_BAR - done)


def _steps(progress: JobProgress) -> str:
    if progress.step is None:
        return ""
    return f"{progress.step}/{progress.total} steps" if progress.total else f"step {progress.step}"


def _end(progress: JobProgress, *, short: bool = False) -> str:
    """Return when the job will end or ended."""
    job = progress.job
    if job.status.is_terminal:
        return _time(job.finished_at, "" if short else "ended ")
    return _time(progress.estimated_end, "" if short else "estimated end ")


def _time(time: datetime | None, before: str) -> str:
    if time is None:
        return ""
    local = time.astimezone()
    is_today = local.date() == datetime.now().astimezone().date()
    return f"{before}{local:%H:%M:%S}" if is_today else f"{before}{local:%Y-%m-%d %H:%M}"


_COLUMNS = (
    Column("id", lambda one: one.job.id, title="JOB"),
    Column("status", lambda one: str(one.job.status), lambda one: style_of_outcome(one.job.status.outcome)),
    Column("steps", _steps),
    Column("loss", lambda one: f"{one.losses[-1]:.4f}" if one.losses else None),
    Column("end", lambda one: _end(one, short=True)),
    Column("curve", lambda one: sparkline(one.losses, _SPARKLINE // 2), title=" "),
)
