"""`finetuning run`: everything from a dataset to the best model."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import terminal
from ..columns import item_column
from ..declarations import command, output_option, yes_option
from ..error_lines import for_terminal
from ..id_completion import completer
from ..job_options import apply_options, with_job_options
from ..output import Output, write_one, write_text
from .jobs_create import create_job

if TYPE_CHECKING:
    from finetuning_client import Job
    from finetuning_client.data import DatasetReport

    from ..invocation import Invocation
    from ..job_file import JobFile

_MODEL = "gpt-4o-mini-2024-07-18"
_FILES = ("training_file", "validation_file")
_RESULT = (
    *map(item_column, ("job", "status", "fine_tuned_model")),
    item_column("best_model")._replace(style=lambda _: "green"),
    *map(item_column, ("best_step", "train_loss", "valid_loss", "trained_tokens")),
)


@command(
    "run",
    "finetuning run train.jsonl --emulate",
    "finetuning run train.jsonl --validation-file valid.jsonl --n-epochs 3 --suffix triage",
    "MODEL=$(finetuning run train.jsonl --yes --quiet)",
)
@click.argument("training_file", metavar="FILE", shell_complete=completer("files", or_path=True))
@click.option(
    "--model",
    metavar="NAME",
    default=_MODEL,
    show_default=True,
    shell_complete=completer("models"),
    help="The base model.",
)
@with_job_options
@click.option("--max-cost", type=float, metavar="AMOUNT", help="Stop if the cost may be higher than this.")
@click.option("--prices", metavar="PATH", help="A JSON file with your own prices.")
@click.option("--report", metavar="PATH", help="Write a report on the job, as an HTML page.")
@yes_option
@output_option(_RESULT)
@click.pass_obj
def run(
    invocation: Invocation,
    /,
    max_cost: float | None,
    prices: str | None,
    report: str | None,
    yes: bool,
    output: Output,
    **options: Any,
) -> int:
    """Do every step: check the data, show the cost, confirm, upload, train, and show the results.

    With --quiet only the name of the best model is printed.
    """
    from ..job_file import JobFile
    from ..watching import watch

    if report is not None and not Path(report).parent.is_dir():
        # Before the training, not after it.
        raise click.UsageError(f"--report {report}: there is no directory {Path(report).parent}")
    file = JobFile({}, settings=invocation.settings)
    apply_options(file, options)
    arguments = file.create_arguments()
    found = _check(file, arguments)
    _price(invocation, found, file, max_cost, prices)
    if not invocation.emulate:
        invocation.confirm(f"Train {arguments['model']} on {options['training_file']}?", yes=yes)
    for name in _FILES:
        if isinstance(arguments.get(name), Path):
            arguments[name] = _upload(invocation, arguments[name])
    job = create_job(invocation, arguments)
    invocation.note(f"created {job.id}")
    watch(invocation, [job], stream=sys.stderr)
    # Raises if the job has not succeeded.
    job.wait()
    _show_results(invocation, job, output)
    if report is not None:
        invocation.note(f"the report was written to {job.report(report)}")
    return 0


def _check(file: JobFile, arguments: dict[str, Any]) -> DatasetReport | None:
    """Check the files that are to be uploaded. Raises `DatasetError` for what the service would refuse."""
    from finetuning_client import DatasetError
    from finetuning_client.data import check

    training, validation = (arguments.get(name) for name in _FILES)
    if not isinstance(training, Path):
        return None
    found = check(
        training,
        method=file.body.get("method") or "supervised",
        model=arguments["model"],
        validation=validation if isinstance(validation, Path) else None,
    )
    if not found.ok:
        first = next(finding for finding in found.findings if finding.severity == "error")
        raise DatasetError(f"{training}: {first}", path=str(training), problems=found.problems)
    return found


def _price(
    invocation: Invocation,
    found: DatasetReport | None,
    file: JobFile,
    max_cost: float | None,
    prices: str | None,
) -> None:
    """Show what was checked, and what the job will cost. Raises `InvalidRequestError` above `max_cost`."""
    from finetuning_client import InvalidRequestError
    from finetuning_client.data import cost

    if found is None:
        return
    for line in found.table().splitlines():
        invocation.note(terminal.printable(line))
    try:
        method = file.body.get("method") or "supervised"
        estimate = cost(found, model=file.body["model"], method=method, prices=prices)
    except InvalidRequestError as error:
        if max_cost is not None or prices is not None:
            raise
        invocation.note(f"cost unknown: {for_terminal(str(error))}", "yellow")
        return
    amount, _, reason = str(estimate).partition(": ")
    invocation.note(f"cost: {amount}" + (" (free on the emulator)" if invocation.emulate else ""))
    invocation.note(f"  {reason}")
    if max_cost is not None and estimate.high > max_cost:
        limit = f"at most {max_cost:g} {estimate.currency}"
        raise InvalidRequestError(
            f"the job may cost {estimate.high:.2f} {estimate.currency}, more than --max-cost {max_cost:g}",
            field="max_cost",
            limit=limit,
            value=max_cost,
        )


def _upload(invocation: Invocation, path: Path) -> str:
    """Upload a file, and wait until it is processed; return its id."""
    from ..upload_progress import upload

    file = upload(invocation, path)
    return str(invocation.client.files.wait_processed(file.id).id)


def _show_results(invocation: Invocation, job: Job, output: Output) -> None:
    """Show the curve of the losses, the signs of problems, and the result with the best model."""
    from finetuning_client import loss_curve

    best = job.best_checkpoint()
    model = best.fine_tuned_model_checkpoint if best else job.fine_tuned_model
    if invocation.quiet and output == "table":
        write_text(str(model or ""))
        return
    rows = job.metrics()
    if rows and output == "table":
        invocation.note(loss_curve(rows, width=min(terminal.width(), 80), height=12))
    for sign in job.signs():
        invocation.note(terminal.wrapped(for_terminal(str(sign))), "yellow")
    metrics = best.metrics if best else None
    result = {
        "job": job.id,
        "status": str(job.status),
        "fine_tuned_model": job.fine_tuned_model,
        "best_model": model,
        "best_step": best.step_number if best else None,
        "train_loss": metrics.train_loss if metrics else None,
        "valid_loss": (metrics.full_valid_loss or metrics.valid_loss) if metrics else None,
        "trained_tokens": job.trained_tokens,
    }
    write_one(output, result)
