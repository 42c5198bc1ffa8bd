"""Fine-tune a model on the example dataset, showing every step: `make demo` runs this program.

It runs against the emulator in this package, so it needs no key and no network. With LIVE=1 and
OPENAI_API_KEY set, the same steps run against the real service, which takes longer and costs money.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from finetuning_client import (
    FineTuning,
    FineTuningError,
    Job,
    MetricRow,
    Supervised,
    check_dataset,
    loss_curve,
)

DATA = Path(__file__).parent / "data"
TRAINING, VALIDATION = DATA / "support_triage_train.jsonl", DATA / "support_triage_valid.jsonl"
MODEL = "gpt-4o-mini-2024-07-18"

console = Console(soft_wrap=True)


@contextmanager
def connect() -> Iterator[FineTuning]:
    """Yield a client: for the real service if LIVE=1, else for an emulator on this machine."""
    if os.environ.get("LIVE") == "1":
        with FineTuning() as client:
            console.print("[bold]The real service[/]: this job costs money.")
            yield client
        return

    from finetuning_emulator import Emulator

    with (
        Emulator(speed=45) as emulator,
        FineTuning(base_url=emulator.base_url, api_key="sk-demo") as client,
    ):
        console.print(f"[bold]The emulator[/] at {emulator.base_url}: its metrics are simulated.")
        yield client


def check_file(path: Path, minimum: int) -> None:
    """Print a summary of a dataset, or raise an error with its problems before anything is sent."""
    report = check_dataset(path, minimum=minimum)
    console.print(
        f"[green]✓[/] {path.name}: {report.examples} {report.format} examples, "
        f"about {report.estimated_tokens:,} tokens, {report.duplicates} duplicates"
    )


def show_events(job: Job) -> None:
    """Print the job's events as they arrive, with a progress bar for the steps and the latest loss."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn("{task.fields[loss]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("steps", total=None, loss="")
        for event in job.follow():
            if event.type == "metrics":
                data = event.data
                loss = "" if data.train_loss is None else f"loss {data.train_loss:.3f}"
                progress.update(bar, total=data.total_steps, completed=data.step or 0, loss=loss)
            else:
                console.print(f"  {event.message}", highlight=False)


def show_checkpoints(job: Job) -> None:
    """Print a table of the checkpoints, oldest first, with the best one marked."""
    best = job.best_checkpoint()
    table = Table(title="Checkpoints", title_justify="left")
    for name in ("step", "validation loss", ""):
        table.add_column(name)
    table.add_column("model", overflow="fold")
    for checkpoint in sorted(job.list_checkpoints(), key=lambda c: c.step_number or 0):
        mark = "[green]best[/]" if best and checkpoint.id == best.id else ""
        loss = checkpoint.metrics.full_valid_loss
        name = checkpoint.fine_tuned_model_checkpoint
        table.add_row(str(checkpoint.step_number), "" if loss is None else f"{loss:.4f}", mark, name)
    console.print(table)


def show_metrics(rows: Sequence[MetricRow]) -> None:
    """Print a table of ten steps spread over the job, and the losses as a curve."""
    names = ("step", "train_loss", "train_accuracy", "valid_loss", "valid_mean_token_accuracy")
    table = Table(*names, title="Metrics", title_justify="left")
    for index in sorted({round(i * (len(rows) - 1) / 9) for i in range(10)}):
        values = [getattr(rows[index], name) for name in names[1:]]
        table.add_row(str(rows[index].step), *("" if v is None else f"{v:.4f}" for v in values))
    console.print(table)

    console.print("Loss by step", style="italic")
    console.print(loss_curve(rows, width=min(console.width, 80)), highlight=False)


def main() -> int:
    """Run all steps; return 0 if the job succeeded, as the exit status of the program."""
    try:
        check_file(TRAINING, minimum=10)
        check_file(VALIDATION, minimum=1)
        with connect() as client:
            training = client.files.upload(TRAINING)
            validation = client.files.upload(VALIDATION)
            client.files.wait_processed(training.id)
            console.print(f"[green]✓[/] uploaded as {training.id} and {validation.id}")

            job = client.jobs.create(
                model=MODEL,
                training_file=training.id,
                validation_file=validation.id,
                method=Supervised(n_epochs=3),
                suffix="support-triage",
                seed=42,
                metadata={"project": "support-triage"},
            )
            show_events(job)
            job.wait()
            console.print(
                f"[green]✓[/] {job.id} {job.status}: {job.trained_tokens or 0:,} tokens trained, "
                f"{job.created_at:%H:%M:%S} to {job.finished_at:%H:%M:%S} by the service's clock"
            )
            show_checkpoints(job)
            show_metrics(job.metrics())
            console.print(f"Your model: [bold green]{job.fine_tuned_model}[/]", highlight=False)
    except FineTuningError as error:
        console.print(f"[red]{type(error).__name__}[/]: {error}", highlight=False)
        return 1
    except KeyboardInterrupt:
        console.print(
            "[red]Interrupted[/]: a job already created is still running; client.jobs.list() finds it."
        )
        return 130
    return 0


if __name__ == "__main__":
    # Characters that the terminal cannot show become question marks.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.exit(main())
