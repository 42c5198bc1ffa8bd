"""`finetuning jobs report` and `compare`: pages about jobs, and what differs between them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..declarations import command, output_option
from ..near_ids import completer
from ..output import Column, write_list
from .jobs import job_argument

if TYPE_CHECKING:
    from ..invocation import Invocation

_NAME = "property"


@command(
    "report",
    "finetuning jobs report ftjob-abc123",
    "finetuning jobs report ftjob-abc123 report.html --force",
)
@job_argument
@click.argument("path", required=False, type=click.Path(dir_okay=False))
@click.option("--force", is_flag=True, help="Replace a file that exists.")
@click.option("--data/--no-data", default=True, show_default=True, help="Describe the files of the job too.")
@click.pass_obj
def report(invocation: Invocation, job_id: str, path: str | None, force: bool, data: bool) -> None:
    """Write a page about a job.

    It has curves, checkpoints, configuration, data, cost, signs of problems, and events.

    It is one file of HTML, JOB.html if no PATH is given, that needs no network. Its path is written.
    """
    target = Path(path or f"{job_id}.html")
    _require_new(target, force=force)
    click.echo(invocation.job(job_id).report(target, data=data))


@command(
    "compare",
    "finetuning jobs compare ftjob-abc123 ftjob-def456",
    "finetuning jobs compare ftjob-abc123 ftjob-def456 --report comparison.html",
)
@click.argument("job_ids", nargs=-1, required=True, metavar="JOB JOB...", shell_complete=completer("jobs"))
@click.option("--all", "everything", is_flag=True, help="Also show what is the same.")
@click.option("--report", "page", metavar="PATH", help="Write a page with the curves of the jobs.")
@click.option("--force", is_flag=True, help="Replace a page that exists.")
@output_option()
@click.pass_obj
def compare(
    invocation: Invocation,
    job_ids: tuple[str, ...],
    everything: bool,
    page: str | None,
    force: bool,
    output: str,
) -> None:
    """Show what differs between jobs: settings, losses, cost, duration."""
    from finetuning_client.results import compare as compare_jobs

    if len(set(job_ids)) < 2:
        raise click.UsageError("give the ids of at least two jobs")
    if page is not None:
        _require_new(Path(page), force=force)
    found = compare_jobs([invocation.job(job_id) for job_id in dict.fromkeys(job_ids)])
    columns = [_column(_NAME), *(_column(name)._replace(title=name) for name in found.names)]
    if write_list(output, found.table(everything=everything), columns) == 0:
        invocation.note("the jobs do not differ")
    if page is not None:
        invocation.note(f"the page is {found.report(page)}")


def _column(name: str) -> Column:
    return Column(name, lambda row: row[name])


def _require_new(path: Path, *, force: bool) -> None:
    if path.exists() and not force:
        raise click.UsageError(f"{path} exists: add --force to replace it, or give another path")
