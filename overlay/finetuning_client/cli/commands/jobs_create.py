"""`finetuning jobs create` and `clone`: from options, job files and other jobs to a new job."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import columns
from ..declarations import command, output_option
from ..id_completion import completer
from ..job_options import apply_options, set_option, with_job_options
from ..output import Output, write_one
from .jobs import job_argument, write_changed

if TYPE_CHECKING:
    from finetuning_client import Job

    from ..invocation import Invocation
    from ..job_file import JobFile

_dry_run_option = click.option("--dry-run", is_flag=True, help="Show the request; send nothing.")
_watch_option = click.option("--watch", is_flag=True, help="Watch the job until it has ended.")


@command(
    "create",
    "finetuning jobs create train.jsonl --model gpt-4o-mini-2024-07-18 --n-epochs 3",
    "finetuning jobs create -f job.yaml --dry-run",
    "finetuning jobs create -f job.yaml --set method.n_epochs=4 --watch",
)
@click.argument(
    "training_file", required=False, metavar="[FILE]", shell_complete=completer("files", or_path=True)
)
@click.option(
    "--file", "-f", "job_file", metavar="PATH", help="Read the job from a file; - is standard input."
)
@click.option(
    "--model",
    metavar="NAME",
    shell_complete=completer("models"),
    help="The base model, or a fine-tuned one to train further.",
)
@with_job_options
@_dry_run_option
@_watch_option
@output_option(columns.JOBS)
@click.pass_obj
def create(
    invocation: Invocation,
    /,
    job_file: str | None,
    dry_run: bool,
    watch: bool,
    output: Output,
    **options: Any,
) -> int | None:
    """Create a job from options, or from a job file.

    FILE is a path, which is uploaded first, or the id of a file. Options take precedence over the job file.
    """
    from ..job_file import JobFile

    if job_file is None and not any(options.values()):
        raise click.UsageError("give a training FILE and --model NAME, or a job file with -f PATH")
    settings = invocation.settings
    file = JobFile.read(job_file, settings) if job_file else JobFile({}, settings=settings)
    apply_options(file, options)
    return _finish(invocation, file, dry_run=dry_run, watch=watch, output=output)


@command(
    "clone",
    "finetuning jobs clone ftjob-abc123 --set method.n_epochs=4",
    "finetuning jobs clone ftjob-abc123 --set seed=7 --dry-run",
)
@job_argument
@set_option
@_dry_run_option
@_watch_option
@output_option(columns.JOBS)
@click.pass_obj
def clone(
    invocation: Invocation,
    job_id: str,
    changes: tuple[tuple[str, str], ...],
    dry_run: bool,
    watch: bool,
    output: Output,
) -> int | None:
    """Create a job with the settings of another, some of them changed."""
    from ..job_file import JobFile, values_of

    file = JobFile(values_of(invocation.job(job_id)), settings=invocation.settings)
    apply_options(file, {"changes": changes})
    return _finish(invocation, file, dry_run=dry_run, watch=watch, output=output)


def _finish(
    invocation: Invocation, file: JobFile, *, dry_run: bool, watch: bool, output: Output
) -> int | None:
    """Create the job that the file describes, or show its request."""
    arguments = file.create_arguments()
    if dry_run:
        _show_request(invocation, file.body, output)
        return None
    job = create_job(invocation, arguments)
    invocation.note(f"created {job.id}")
    if watch:
        from ..watching import watch as watch_jobs

        return watch_jobs(invocation, [job], output)
    write_changed(invocation, job, output)
    if not invocation.emulate:
        invocation.note(f"to watch it: {invocation.return_command(f'jobs watch {job.id}')}", "dim")
    return None


def create_job(invocation: Invocation, arguments: dict[str, Any]) -> Job:
    """Create the job. An error for a file or a model that does not exist suggests near ones."""
    from finetuning_client import ApiError

    from ..server_ids import suggestion

    kinds = {"training_file": "files", "validation_file": "files", "model": "models"}
    try:
        return invocation.client.jobs.create(**arguments)
    except ApiError as error:
        name = error.param or ""
        if kind := kinds.get(name):
            near = suggestion(lambda: invocation.client, kind, str(arguments.get(name)))
            error.add_note(near or f"run finetuning {kind} list to see those that exist")
        raise


def _show_request(invocation: Invocation, body: dict[str, Any], output: Output) -> None:
    """Write the body of the request, with paths in place of the ids of files to upload."""
    from ..job_file import ordered

    invocation.note("nothing was sent; this is the body of POST /fine_tuning/jobs", "dim")
    sent = {name: str(value) if isinstance(value, Path) else value for name, value in ordered(body).items()}
    for name in (name for name, value in body.items() if isinstance(value, Path)):
        invocation.note(f"{name} is uploaded first, and its id is sent", "dim")
    keys = [columns.item_column(name) for name in sent]
    write_one(Output("json" if output == "table" else output, keys), sent)
