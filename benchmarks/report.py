"""Time to write the report of a job with 100,000 fetched events, and to read a large result file."""

import random
from collections.abc import Callable, Iterator
from typing import TypeVar

from benchmarks.comparison import Aim, Finding, cpu_seconds
from finetuning_client import MetricRow
from finetuning_client.results import Metrics, Snapshot
from finetuning_client.results.metrics import read_metrics
from finetuning_client.results.report import report_page
from finetuning_client.views import Checkpoint, Event, JobView

__all__ = ["comparisons"]

T = TypeVar("T")

_EVENTS = 100_000
_ROWS = 300_000


def comparisons() -> Iterator[Finding]:
    """Measure writing one report and reading one large result file."""
    taken = _snapshot()
    seconds, page = _timed(lambda: report_page(taken))
    most = Aim("a report: at most 2 s", lambda values: values["report"] <= 2)
    yield Finding(f"CPU of the report of a job with {_EVENTS:,} events", {"report": seconds}, aims=(most,))
    size = Aim("a report: at most 2 MB", lambda values: values["page"] <= 2_000_000)
    yield Finding("the size of that report", {"page": float(len(page))}, unit="bytes", aims=(size,))
    header = "step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy\n"
    lines = "".join(f"{step},{1 / step},0.5,{2 / step},0.25\n" for step in range(1, _ROWS + 1))
    content = (header + lines).encode()
    seconds, _ = _timed(lambda: read_metrics(content))
    few = Aim("a result file: at most 10 s", lambda values: values["read"] <= 10)
    yield Finding(f"CPU of reading a result file of {_ROWS:,} rows", {"read": seconds}, aims=(few,))


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    start = cpu_seconds()
    result = work()
    return cpu_seconds() - start, result


def _snapshot() -> Snapshot:
    """Return a job with the metrics of every step, some messages, and many checkpoints."""
    chance = random.Random(1)  # noqa: S311  noise, not a secret
    job = {"id": "ftjob-1", "status": "succeeded", "model": "gpt-4o-mini-2024-07-18", "created_at": 1}
    rows, events = [], []
    for step in range(1, _EVENTS + 1):
        loss = 1 + 1 / step + 0.1 * chance.gauss(0, 1)
        rows.append(MetricRow(step=step, train_loss=loss, valid_loss=loss + 0.1, train_accuracy=0.5))
        is_message = step % 500 == 0
        data = {"step": step, "train_loss": loss}
        events.append(
            Event(
                {
                    "id": f"ftevent-{step}",
                    "created_at": step,
                    "level": "info",
                    "message": f"Checkpoint created at step {step}"
                    if is_message
                    else f"Step {step}/{_EVENTS}",
                    "type": "message" if is_message else "metrics",
                    "data": {} if is_message else data,
                }
            )
        )
    checkpoints = [
        Checkpoint({"id": f"ftckpt_{n}", "step_number": n, "metrics": {"step": n, "train_loss": 1.0}})
        for n in range(500, _EVENTS + 1, 500)
    ]
    return Snapshot.of(JobView(job), metrics=Metrics(rows), events=events, checkpoints=checkpoints)
