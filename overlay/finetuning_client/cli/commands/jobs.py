"""`finetuning jobs`: the group, and its commands that read one job or change its state."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from .. import columns
from ..declarations import Group, command, output_option, yes_option
from ..filters import filter_options, filtered, limit_option, metadata_option, split_names
from ..id_completion import completer
from ..output import Output, write_list, write_one, write_text

if TYPE_CHECKING:
    from finetuning_client import Job

    from ..invocation import Invocation

jobs = Group(
    "jobs",
    help="Create, read, follow and compare fine-tuning jobs.",
    examples=("finetuning jobs list --status running", "finetuning jobs watch ftjob-abc123"),
    members={
        "create": "jobs_create:create",
        "list": "jobs:list_jobs",
        "show": "jobs:show",
        "cancel": "jobs:cancel",
        "pause": "jobs:pause",
        "resume": "jobs:resume",
        "events": "jobs:events",
        "watch": "jobs_watch:watch",
        "wait": "jobs_watch:wait",
        "metrics": "jobs:metrics",
        "plot": "jobs:plot",
        "report": "jobs_report:report",
        "compare": "jobs_report:compare",
        "clone": "jobs_create:clone",
    },
)

job_argument = click.argument("job_id", metavar="JOB", shell_complete=completer("jobs"))


@command(
    "list",
    "finetuning jobs list",
    "finetuning jobs list --status running,queued --metadata team=nlp",
    "finetuning jobs list --since '3 days ago' --output csv",
)
@filter_options("jobs")
@metadata_option("jobs")
@click.option("--model", shell_complete=completer("models"), help="Only jobs with this base model.")
@limit_option("Only the newest N jobs.")
@output_option(columns.JOBS)
@click.pass_obj
def list_jobs(
    invocation: Invocation,
    /,
    metadata: tuple[tuple[str, str], ...],
    model: str | None,
    limit: int | None,
    output: Output,
    **filters: Any,
) -> None:
    """List jobs, newest first."""
    _warn_of_unknown(invocation, split_names(filters["statuses"]))
    # Small pages are enough if nothing is filtered here.
    size = min(limit, 100) if limit and not (model or any(filters.values())) else 100
    listing = invocation.client.jobs.list(metadata=dict(metadata) or None, page_size=size)
    chosen = (job for job in filtered(listing, **filters) if model in (None, job.model))
    if write_list(output, islice(chosen, limit)) == 0:
        invocation.note("no jobs found")


def _warn_of_unknown(invocation: Invocation, statuses: set[str]) -> None:
    from finetuning_client import JobStatus

    from ...misspellings import near_name

    known = [status.value for status in JobStatus]
    for name in sorted(statuses - set(known)):
        hint = near_name(name, known)
        invocation.note(
            f"{name!r} is not a status of the API" + (f": did you mean {hint!r}?" if hint else ""), "yellow"
        )


@command(
    "show",
    "finetuning jobs show ftjob-abc123",
    "finetuning jobs show ftjob-abc123 --output yaml > job.yaml",
)
@job_argument
@output_option(columns.JOBS)
@click.pass_obj
def show(invocation: Invocation, job_id: str, output: Output) -> None:
    """Show a job.

    With --output yaml, print a job file from which `finetuning jobs create -f` creates the job again.
    """
    from ..job_file import job_file_text

    job = invocation.job(job_id)
    write_one(output, job, yaml=job_file_text(job) if output == "yaml" else None)


@command("cancel", "finetuning jobs cancel ftjob-abc123 --yes")
@job_argument
@yes_option
@output_option(columns.JOBS)
@click.pass_obj
def cancel(invocation: Invocation, job_id: str, yes: bool, output: Output) -> None:
    """Cancel a job. It cannot be resumed."""
    job = invocation.job(job_id)
    if job.status.is_active or not job.status.is_terminal:
        invocation.confirm(f"Cancel {job.id} ({job.status}, {job.model})?", yes=yes)
    write_changed(invocation, job.cancel(), output)


@command("pause", "finetuning jobs pause ftjob-abc123")
@job_argument
@output_option(columns.JOBS)
@click.pass_obj
def pause(invocation: Invocation, job_id: str, output: Output) -> None:
    """Pause a running job."""
    write_changed(invocation, invocation.job(job_id).pause(), output)


@command("resume", "finetuning jobs resume ftjob-abc123")
@job_argument
@output_option(columns.JOBS)
@click.pass_obj
def resume(invocation: Invocation, job_id: str, output: Output) -> None:
    """Resume a paused job."""
    write_changed(invocation, invocation.job(job_id).resume(), output)


def write_changed(invocation: Invocation, job: Job, output: Output) -> None:
    """Write a job that a command made or changed; with `--quiet` and no other format, only its id."""
    if invocation.quiet and output == "table":
        write_text(job.id)
        return
    write_one(output, job)


@command(
    "events",
    "finetuning jobs events ftjob-abc123 --limit 20",
    "finetuning jobs events ftjob-abc123 --follow --output jsonl",
)
@job_argument
@click.option("--follow", is_flag=True, help="Continue with new events until the job has ended.")
@limit_option("Only the newest N events.")
@click.option(
    "--level", "levels", multiple=True, help="Only events at this level; repeatable, or comma-separated."
)
@output_option(columns.EVENTS)
@click.pass_obj
def events(
    invocation: Invocation,
    job_id: str,
    follow: bool,
    limit: int | None,
    levels: tuple[str, ...],
    output: Output,
) -> None:
    """List the events of a job, oldest first."""
    job = invocation.job(job_id)
    wanted = split_names(levels)

    def is_wanted(event: Any) -> bool:
        return not wanted or str(event.level) in wanted

    if follow:
        from ..watching import follow_events

        follow_events(invocation, job, output, is_wanted)
        return
    newest = list(islice(filter(is_wanted, job.list_events()), limit))
    if write_list(output, newest[::-1]) == 0:
        invocation.note("no events found")


@command(
    "metrics",
    "finetuning jobs metrics ftjob-abc123 --last 5",
    "finetuning jobs metrics ftjob-abc123 --output csv > metrics.csv",
)
@job_argument
@click.option("--last", type=click.IntRange(min=1), metavar="N", help="Only the last N steps.")
@output_option(columns.METRICS)
@click.pass_obj
def metrics(invocation: Invocation, job_id: str, last: int | None, output: Output) -> None:
    """Show the metrics of each step.

    They are read from the result file, or from the events of a running job.
    """
    rows = invocation.job(job_id).metrics()
    rows = rows[-last:] if last else rows
    if not rows:
        invocation.note(f"{job_id} has no metrics yet")
    if output == "table":
        measured = [c for c in columns.METRICS if any(c.read(row) not in (None, {}) for row in rows)]
        output = Output(output, measured)
    write_list(output, rows)


@command("plot", "finetuning jobs plot ftjob-abc123 --width 100")
@job_argument
@click.option("--width", type=click.IntRange(min=30), metavar="N", help="Width in characters.")
@click.option(
    "--height",
    type=click.IntRange(min=6),
    metavar="N",
    default=16,
    show_default=True,
    help="Height in lines.",
)
@click.pass_obj
def plot(invocation: Invocation, job_id: str, width: int | None, height: int) -> None:
    """Draw the losses of a job by step."""
    from finetuning_client import loss_curve

    from .. import terminal
    from ..text_table import shown

    job = invocation.job(job_id)
    write_text(loss_curve(job.metrics(), width=width or min(terminal.width(), 100), height=height))
    if job.fine_tuned_model:
        invocation.note(f"{job.id} {job.status} {shown(job.finished_at)} {job.fine_tuned_model}")
