"""`finetuning jobs report` and `compare`: pages about jobs, and about their differences."""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import columns
from ..columns import Column
from ..declarations import command, force_option, output_option, require_new
from ..id_completion import completer
from ..output import Output, write_list, write_text
from .jobs import job_argument

if TYPE_CHECKING:
    from finetuning_client.results.snapshot import Snapshot

    from ..invocation import Invocation


def _of_job(name: str) -> Column:
    return Column(name, attrgetter(f"job.{name}"))


def _hyperparameters(one: Snapshot) -> Any:
    return columns.hyperparameters(one.job)


def _last(one: Snapshot) -> Any:
    from finetuning_client.results.comparison import last_values

    return last_values(one)


def _best(one: Snapshot) -> Any:
    from finetuning_client.results.checkpoints import measured

    return measured(one.best) if one.best else None


# Columns of snapshots, which are jobs with their results.
_COMPARED = (
    *map(_of_job, ("id", "suffix", "model")),
    Column("method", lambda one: one.job.method and one.job.method.type),
    Column("hyperparameters", _hyperparameters),
    *map(_of_job, ("training_file", "validation_file", "seed", "metadata")),
    Column("status", lambda one: str(one.job.status)),
    Column("error", lambda one: one.job.error and one.job.error.code),
    _of_job("trained_tokens"),
    Column("duration_seconds", attrgetter("job.duration")),
    Column("cost_usd", attrgetter("job.cost")),
    Column("steps", lambda one: one.metrics[-1].step if len(one.metrics) else None),
    Column("last", _last),
    Column("best_step", lambda one: one.best and one.best.step_number),
    Column("best", _best),
    Column("signs", lambda one: [sign.code for sign in one.signs]),
)


@command(
    "report",
    "finetuning jobs report ftjob-abc123",
    "finetuning jobs report ftjob-abc123 report.html --force",
)
@job_argument
@click.argument("path", required=False, type=click.Path(dir_okay=False))
@force_option
@click.option("--data/--no-data", default=True, show_default=True, help="Describe the files of the job too.")
@click.pass_obj
def report(invocation: Invocation, job_id: str, path: str | None, force: bool, data: bool) -> None:
    """Write a page about a job.

    It shows curves, checkpoints, configuration, data, cost, signs of problems, and events.

    It is a single HTML file that needs no network, named JOB.html if no PATH is given. Its path is printed.
    """
    target = Path(path or f"{job_id}.html")
    require_new(target, force=force)
    write_text(str(invocation.job(job_id).report(target, data=data)))


@command(
    "compare",
    "finetuning jobs compare ftjob-abc123 ftjob-def456",
    "finetuning jobs compare ftjob-abc123 ftjob-def456 --report comparison.html",
)
@click.argument("job_ids", nargs=-1, required=True, metavar="JOB JOB...", shell_complete=completer("jobs"))
@click.option("--all", "everything", is_flag=True, help="Also show what is the same.")
@click.option("--report", "page", metavar="PATH", help="Write a page with the curves of the jobs.")
@force_option
@output_option(_COMPARED)
@click.pass_obj
def compare(
    invocation: Invocation,
    job_ids: tuple[str, ...],
    everything: bool,
    page: str | None,
    force: bool,
    output: Output,
) -> None:
    """Show what differs between jobs: settings, losses, cost, duration.

    For scripts, --output writes each job as an object with all properties, whether they differ or not.
    """
    from finetuning_client.results import compare as compare_jobs

    if len(set(job_ids)) < 2:
        raise click.UsageError("give the ids of at least two jobs")
    if page is not None:
        require_new(Path(page), force=force)
    found = compare_jobs([invocation.job(job_id) for job_id in dict.fromkeys(job_ids)])
    if output == "table":
        values = (columns.item_column(name)._replace(title=name) for name in found.names)
        table = Output(output, [columns.item_column("property"), *values])
        if write_list(table, found.table(everything=everything)) == 0:
            invocation.note("the jobs do not differ")
    else:
        write_list(output, found.snapshots)
    if page is not None:
        invocation.note(f"the page was written to {found.report(page)}")
