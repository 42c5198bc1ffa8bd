"""`finetuning jobs watch` and `wait`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .. import columns
from ..dates import seconds
from ..declarations import command, output_option
from ..id_completion import completer
from ..output import Output, write_list, write_one

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finetuning_client import Job

    from ..invocation import Invocation

_jobs_argument = click.argument("job_ids", nargs=-1, metavar="[JOB]...", shell_complete=completer("jobs"))
_timeout_option = click.option(
    "--timeout", type=seconds, metavar="TIME", help="Stop after this time, such as 90m or 2h."
)


@command(
    "watch",
    "finetuning jobs watch ftjob-abc123",
    "finetuning jobs watch ftjob-abc123 ftjob-def456",
    "finetuning jobs watch ftjob-abc123 --output jsonl | jq .message",
)
@_jobs_argument
@_timeout_option
@output_option(columns.EVENTS_OF_JOBS)
@click.pass_obj
def watch(invocation: Invocation, job_ids: tuple[str, ...], timeout: float | None, output: Output) -> int:
    """Watch jobs until they have ended.

    In a terminal a job is shown with its status, steps, estimated end, losses and newest events; several jobs
    form a table. Elsewhere each event is printed as a line. Without JOB, all jobs that have not ended are
    watched. Ctrl-C stops watching; the jobs keep running.
    """
    from ..watching import watch as watch_jobs

    found = _found(invocation, job_ids)
    if not found:
        invocation.note("no job is running")
        return 0
    return watch_jobs(invocation, found, output, timeout)


@command(
    "wait",
    "finetuning jobs wait ftjob-abc123 --timeout 2h && echo ready",
    "finetuning jobs wait ftjob-abc123 ftjob-def456 --output jsonl",
)
@_jobs_argument
@_timeout_option
@click.option(
    "--poll-interval", type=seconds, metavar="TIME", help="Time between polls; automatic by default."
)
@output_option(columns.JOBS)
@click.pass_obj
def wait(
    invocation: Invocation,
    job_ids: tuple[str, ...],
    timeout: float | None,
    poll_interval: float | None,
    output: Output,
) -> int:
    """Wait until jobs have ended, and show them. The exit code shows how they ended."""
    from ..watching import code_of_jobs, explained_interrupt

    found = _found(invocation, job_ids)
    if not found:
        invocation.note("no job is running")
        return 0
    with explained_interrupt(invocation, found):
        if len(found) == 1:
            found[0].wait(timeout, poll_interval, check=False)
        else:
            invocation.client.jobs.wait_all(found, timeout, poll_interval, check=False)
    if len(found) == 1:
        write_one(output, found[0])
    else:
        write_list(output, found)
    return code_of_jobs(found)


def _found(invocation: Invocation, job_ids: tuple[str, ...]) -> Sequence[Job]:
    """Return the jobs that are named, each once, or those that have not ended."""
    if job_ids:
        return [invocation.job(job_id) for job_id in dict.fromkeys(job_ids)]
    return [job for job in invocation.client.jobs.list() if not job.status.is_terminal]
