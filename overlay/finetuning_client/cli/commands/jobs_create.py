"""`finetuning jobs create` and `clone`: from options, job files and other jobs to a new job."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..command import command, output_option
from ..key_value import pair
from ..near_ids import completer
from .jobs import job_argument, write_changed

if TYPE_CHECKING:
    from ..invocation import Invocation
    from ..job_file import JobFile

_set_option = click.option(
    "--set",
    "changes",
    type=pair,
    multiple=True,
    metavar="FIELD=VALUE",
    help="Set a field by its path, such as method.n_epochs=4; null removes it; repeatable.",
)
_dry_run_option = click.option("--dry-run", is_flag=True, help="Show the request; send nothing.")
_watch_option = click.option("--watch", is_flag=True, help="Watch the job until it has ended.")


@command(
    "create",
    "finetuning jobs create train.jsonl --model gpt-4o-mini-2024-07-18 --n-epochs 3",
    "finetuning jobs create -f job.yaml --dry-run",
    "finetuning jobs create -f job.yaml --set method.n_epochs=4 --watch",
)
@click.argument("training_file", required=False, metavar="[FILE]", shell_complete=completer("files"))
@click.option(
    "--file", "-f", "job_file", metavar="JOB-FILE", help="Read the job from a file; - for the input."
)
@click.option("--model", help="The base model, or a fine-tuned one to train further.")
@click.option("--validation-file", metavar="FILE", help="A path or the id of a file.")
@click.option("--method", metavar="TYPE", help="supervised, dpo or reinforcement.")
@click.option("--n-epochs", metavar="N", help="Passes over the training file, or auto.")
@click.option("--batch-size", metavar="N", help="Examples per training step, or auto.")
@click.option("--learning-rate-multiplier", metavar="X", help="Factor on the learning rate, or auto.")
@click.option("--beta", metavar="X", help="For dpo: how close the model stays to its base, or auto.")
@click.option(
    "--grader", type=click.Path(exists=True, dir_okay=False), help="For reinforcement: a JSON file."
)
@click.option("--suffix", help="Part of the name of the new model.")
@click.option("--seed", help="For repeatable results.")
@click.option("--metadata", type=pair, multiple=True, metavar="KEY=VALUE", help="A pair; repeatable.")
@_set_option
@_dry_run_option
@_watch_option
@output_option()
@click.pass_obj
def create(
    invocation: Invocation,
    /,
    job_file: str | None,
    grader: str | None,
    metadata: tuple[tuple[str, str], ...],
    changes: tuple[tuple[str, str], ...],
    dry_run: bool,
    watch: bool,
    output: str,
    **options: str | None,
) -> int | None:
    """Create a job from options, or from a job file.

    FILE is a path, which is uploaded first, or the id of a file. Options take precedence over the job file.
    """
    from ..job_file import JobFile

    file = JobFile.read(job_file) if job_file else JobFile({})
    _put_options(file, options)
    for key, value in metadata:
        file.change(f"metadata.{key}", value)
    if grader is not None:
        file.values["method"] = {**_method_of(file, "reinforcement"), "grader": _read_grader(grader)}
    return _finish(invocation, file, changes, dry_run=dry_run, watch=watch, output=output)


@command(
    "clone",
    "finetuning jobs clone ftjob-abc123 --set method.n_epochs=4",
    "finetuning jobs clone ftjob-abc123 --set seed=7 --dry-run",
)
@job_argument
@_set_option
@_dry_run_option
@_watch_option
@output_option()
@click.pass_obj
def clone(
    invocation: Invocation,
    job_id: str,
    changes: tuple[tuple[str, str], ...],
    dry_run: bool,
    watch: bool,
    output: str,
) -> int | None:
    """Create a job with the settings of another, some of them changed."""
    from ..job_file import JobFile, values_of

    file = JobFile(values_of(invocation.job(job_id)))
    return _finish(invocation, file, changes, dry_run=dry_run, watch=watch, output=output)


def _put_options(file: JobFile, options: dict[str, str | None]) -> None:
    """Set the fields that options give, over those of the file."""
    method = options.pop("method", None)
    if method is not None:
        file.values["method"] = _method_of(file, method)
    for name in ("n_epochs", "batch_size", "learning_rate_multiplier", "beta"):
        value = options.pop(name)
        if value is not None:
            file.change(f"method.{name}", value)
    for name, value in options.items():
        if value is not None:
            file.change(name, value)
            if name in ("training_file", "validation_file"):
                # Unlike a path in the file, one on the command line is relative to the current folder.
                file.values[name] = str(Path.cwd() / value) if Path(value).is_file() else value


def _method_of(file: JobFile, kind: str) -> dict[str, Any]:
    """Return the method of the file if it is of this kind, else an empty one."""
    given = file.values.get("method")
    return dict(given) if isinstance(given, dict) and given.get("type") == kind else {"type": kind}


def _read_grader(path: str) -> Any:
    from ..json_file import read_json_file

    return read_json_file(path)


def _finish(
    invocation: Invocation,
    file: JobFile,
    changes: tuple[tuple[str, str], ...],
    *,
    dry_run: bool,
    watch: bool,
    output: str,
) -> int | None:
    """Create the job that the file describes, or show its request."""
    for path, value in changes:
        file.change(path, value)
    arguments = file.create_arguments()
    if dry_run:
        _show_request(invocation, file.body, output)
        return None
    for name in ("training_file", "validation_file"):
        if isinstance(arguments.get(name), Path):
            invocation.note(f"uploading {arguments[name]}")
    job = invocation.client.jobs.create(**arguments)
    invocation.note(f"created {job.id}")
    if watch:
        from ..watching import watch as watch_jobs

        return watch_jobs(invocation, [job], output if output == "jsonl" else "table")
    write_changed(invocation, job, output)
    if not invocation.emulate:
        invocation.note(f"to watch it: {invocation.return_command(f'jobs watch {job.id}')}", "dim")
    return None


def _show_request(invocation: Invocation, body: dict[str, Any], output: str) -> None:
    """Write the body of the request; paths are in it, where there will be the ids of uploaded files."""
    from ..output import yaml_text

    invocation.note("nothing was sent; this is the body of POST /fine_tuning/jobs", "dim")
    sent = {name: str(value) if isinstance(value, Path) else value for name, value in body.items()}
    for name in (name for name, value in body.items() if isinstance(value, Path)):
        invocation.note(f"{name} is uploaded first, and its id sent", "dim")
    click.echo(yaml_text(sent) if output == "yaml" else json.dumps(sent, indent=2, ensure_ascii=False))
