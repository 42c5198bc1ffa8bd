"""`finetuning archive`: save jobs in a directory, and read, verify and repeat them."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from .. import columns, exit_codes
from ..columns import Column
from ..declarations import Group, command, output_option
from ..filters import filter_options, filtered, limit_option, metadata_option, since_option
from ..job_options import set_option
from ..output import Output, write_list, write_one
from ..terminal import is_terminal
from .jobs import write_changed

if TYPE_CHECKING:
    from ..invocation import Invocation

archive = Group(
    "archive",
    help="Save jobs with their files and results; read, verify and replay them.",
    examples=("finetuning archive save jobs-2026", "finetuning archive list jobs-2026 --status succeeded"),
    members={
        "save": "archive:save",
        "verify": "archive:verify",
        "list": "archive:list_jobs",
        "show": "archive:show",
        "replay": "archive:replay",
    },
)

_directory_argument = click.argument("directory", type=click.Path(file_okay=False))
_job_argument = click.argument("job_id", metavar="JOB")

_ARCHIVE = (
    *columns.attributes("directory"),
    Column("jobs", lambda found: len(found.jobs)),
    *columns.attributes("source", "archived_at", "notes"),
)


@command(
    "save",
    "finetuning archive save jobs-2026",
    "finetuning archive save jobs-2026 --metadata team=nlp --since 2026-01-01",
)
@_directory_argument
@click.option("--job", "job_ids", multiple=True, metavar="JOB", help="Only this job; repeatable.")
@metadata_option("jobs")
@since_option("jobs")
@limit_option("Only the newest N jobs.")
@output_option(_ARCHIVE)
@click.pass_obj
def save(
    invocation: Invocation,
    directory: str,
    job_ids: tuple[str, ...],
    metadata: tuple[tuple[str, str], ...],
    since: datetime | None,
    limit: int | None,
    output: Output,
) -> None:
    """Save jobs with their events, checkpoints, metrics and files.

    Running the same command later adds what is new; after an interruption it continues where it stopped.
    """
    found = invocation.client.archive(
        directory,
        jobs=job_ids or None,
        metadata=dict(metadata) or None,
        since=since,
        limit=limit,
        on_progress=_progress(invocation),
    )
    for text in found.notes:
        invocation.note(text, "yellow")
    write_one(output, found)


def _progress(invocation: Invocation) -> Any:
    """Return a function that shows how many jobs are saved; `None` without a terminal."""
    if invocation.quiet or not is_terminal(sys.stderr):
        return None

    def tell(done: int, total: int) -> None:
        end = "\n" if done == total else ""
        sys.stderr.write(f"\r{done}/{total} jobs saved{end}")
        sys.stderr.flush()

    return tell


@command("verify", "finetuning archive verify jobs-2026 && echo intact", connects=False)
@_directory_argument
@output_option(columns.attributes("path", "line", "message"))
@click.pass_obj
def verify(invocation: Invocation, directory: str, output: Output) -> int:
    """Compare every byte of an archive with its checksums. Exits with 1 if something differs."""
    from finetuning_client.archive import Archive

    report = Archive(directory).verify(check=False)
    write_list(output, report.problems)
    if report.ok:
        invocation.note(str(report), "green")
        return exit_codes.OK
    invocation.note(
        f"problems: {len(report.problems)}; save the jobs again or use a copy of the archive", "red"
    )
    return exit_codes.REFUSED


@command(
    "list",
    "finetuning archive list jobs-2026",
    "finetuning archive list jobs-2026 --status failed --output csv",
    connects=False,
)
@_directory_argument
@filter_options("jobs")
@metadata_option("jobs")
@output_option(columns.JOBS)
@click.pass_obj
def list_jobs(
    invocation: Invocation,
    /,
    directory: str,
    metadata: tuple[tuple[str, str], ...],
    output: Output,
    **filters: Any,
) -> None:
    """List the jobs of an archive, newest first."""
    from finetuning_client.archive import Archive

    listed = Archive(directory).jobs.list(metadata=dict(metadata) or None)
    if write_list(output, filtered(listed, **filters)) == 0:
        invocation.note("no jobs found")


@command(
    "show",
    "finetuning archive show jobs-2026 ftjob-abc123",
    "finetuning archive show jobs-2026 ftjob-abc123 --output yaml",
    connects=False,
)
@_directory_argument
@_job_argument
@output_option(columns.JOBS)
def show(directory: str, job_id: str, output: Output) -> None:
    """Show a job of an archive, as it was when it was saved."""
    from finetuning_client.archive import Archive

    from ..job_file import job_file_text

    job = Archive(directory).jobs.retrieve(job_id)
    write_one(output, job, yaml=job_file_text(job) if output == "yaml" else None)


@command(
    "replay",
    "finetuning archive replay jobs-2026 ftjob-abc123 --profile other",
    "finetuning archive replay jobs-2026 ftjob-abc123 --set model=gpt-4.1-mini-2025-04-14",
)
@_directory_argument
@_job_argument
@set_option
@output_option(columns.JOBS)
@click.pass_obj
def replay(
    invocation: Invocation, directory: str, job_id: str, changes: tuple[tuple[str, str], ...], output: Output
) -> None:
    """Start an archived job again, with its files, on another server.

    Choose the server with --profile, --base-url or --emulate.
    """
    from finetuning_client.archive import Archive

    from ..job_file import JobFile, values_of

    saved = Archive(directory)
    job = saved.jobs.retrieve(job_id)
    file = JobFile(values_of(job), settings=invocation.settings)
    for path, value in changes:
        file.change(path, value)
    arguments = file.create_arguments()
    names = {path.partition(".")[0] for path, _ in changes}
    started = saved.replay(job, invocation.client, **{name: arguments.get(name) for name in names})
    invocation.note(f"created {started.id}")
    write_changed(invocation, started, output)
