"""Watching jobs until they have ended: drawn in a terminal, as lines or data anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from . import exit_codes
from .columns import EVENTS_OF_JOBS
from .output import Output, write_list
from .terminal import is_terminal, paint, printable, style_of_outcome
from .text_table import shown

if TYPE_CHECKING:
    from finetuning_client import Event, Job

    from .invocation import Invocation
    from .job_progress import JobProgress


def watch(
    invocation: Invocation,
    jobs: Sequence[Job],
    output: str = "table",
    timeout: float | None = None,
    *,
    stream: TextIO | None = None,
) -> int:
    """Watch jobs until all have ended; return the exit code for their outcomes.

    They are shown on the standard output; on another stream only without `--quiet`.
    """
    from .job_progress import JobProgress

    progress: dict[str, JobProgress] = {job.id: JobProgress(job) for job in jobs}
    target = stream or sys.stdout
    with explained_interrupt(invocation, jobs):
        if invocation.quiet and stream is not None:
            invocation.client.jobs.wait_all(jobs, timeout, check=False)
        elif output == "table" and is_terminal(target):
            _draw(invocation, progress, target, timeout)
        elif output == "table":
            _print(invocation, progress, target, timeout)
        else:
            write_list(Output(output, EVENTS_OF_JOBS), _events(invocation, progress, timeout))
    return code_of_jobs(jobs)


def code_of_jobs(jobs: Sequence[Job]) -> int:
    """Return the exit code for the outcomes of jobs: that of a failed one, else of a cancelled one."""
    codes = [exit_codes.code_of_outcome(job.status.outcome) for job in jobs]
    return min((code for code in codes if code), default=exit_codes.OK)


def follow_events(invocation: Invocation, job: Job, output: Output, is_wanted: Callable[[Any], bool]) -> None:
    """Write the events of a job as they come, until it has ended."""
    with explained_interrupt(invocation, [job]):
        found = filter(is_wanted, job.follow())
        if output == "table":
            for event in found:
                _write_line(job, event, sys.stdout, several=False)
        else:
            write_list(output, found)


@contextmanager
def explained_interrupt(invocation: Invocation, jobs: Sequence[Job]) -> Iterator[None]:
    """Note at Ctrl-C and at a timeout that the jobs are still running, and how to return to them."""
    from finetuning_client import WaitTimeout

    from .application import Interrupted

    def command() -> str:
        return invocation.return_command(f"jobs watch {' '.join(left)}")

    left: list[str] = []
    try:
        yield
    except WaitTimeout as error:
        left = [job.id for job in jobs if not job.status.is_terminal]
        error.add_note(f"to resume watching: {command()}")
        raise
    except KeyboardInterrupt as error:
        left = [job.id for job in jobs if not job.status.is_terminal]
        if invocation.emulator is not None:
            text = "stopped watching; the temporary emulator ends with this command, and its jobs with it"
        elif left:
            verb = "is" if len(left) == 1 else "are"
            text = f"stopped watching; {' '.join(left)} {verb} still running\nto resume watching: {command()}"
        else:
            text = "stopped watching; the jobs have ended"
        sys.stderr.write(f"\n{text}\n")
        raise Interrupted from error


def _events(
    invocation: Invocation,
    progress: Mapping[str, JobProgress],
    timeout: float | None,
    on_update: Callable[[Job], object] | None = None,
) -> Iterator[tuple[Job, Event]]:
    """Yield the events of the jobs as they arrive, after updating `progress` with each."""
    jobs = [known.job for known in progress.values()]
    if len(jobs) == 1:
        stream = ((jobs[0], event) for event in jobs[0].follow(timeout, on_update=on_update))
    else:
        stream = invocation.client.jobs.follow_all(jobs, timeout, on_update=on_update)
    for job, event in stream:
        progress[job.id].add(event)
        yield job, event


def _draw(
    invocation: Invocation, progress: Mapping[str, JobProgress], stream: TextIO, timeout: float | None
) -> None:
    """Draw the jobs in the terminal."""
    from .live_view import LiveView

    with LiveView(list(progress.values()), stream) as view:
        for _ in _events(invocation, progress, timeout, lambda _: view.update()):
            pass
        view.update()


def _print(
    invocation: Invocation,
    progress: Mapping[str, JobProgress],
    stream: TextIO,
    timeout: float | None,
) -> None:
    """Write a line for each event, and one for the end of each job."""
    jobs = [known.job for known in progress.values()]
    for job, event in _events(invocation, progress, timeout):
        _write_line(job, event, stream, several=len(jobs) > 1)
    for job in jobs:
        stream.write(_last_line(job, stream) + "\n")


def _last_line(job: Job, stream: TextIO) -> str:
    status = paint(str(job.status), style_of_outcome(job.status.outcome), stream)
    reason = job.fine_tuned_model or (f"{job.error.code}: {job.error.message}" if job.error else "")
    return f"{job.id} {status} {printable(str(reason))}".rstrip()


def _write_line(job: Job, event: Event, stream: TextIO, *, several: bool) -> None:
    names = [shown(event.created_at), job.id if several else "", str(event.level)]
    stream.write("  ".join([*(name for name in names if name), printable(event.message)]) + "\n")
    # A program that reads the lines needs each when it happens.
    stream.flush()
