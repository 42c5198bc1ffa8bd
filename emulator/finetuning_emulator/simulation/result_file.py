"""The result file of a job: one line of metrics for each reported step."""

from __future__ import annotations

import base64

from finetuning_emulator.simulation.job import Job
from finetuning_emulator.simulation.metric_names import result_columns

__all__ = ["result_content"]


def result_content(job: Job) -> bytes:
    """Return the file in the form in which it is served: comma-separated values, base64-encoded."""
    return base64.b64encode(_csv(job).encode())


def _csv(job: Job) -> str:
    lines = [result_columns(job.request.kind)]
    for report in range(job.plan.reports):
        step = job.plan.reported_step(report)
        m = job.metrics(step)
        validation = ("", "") if m.valid is None else (m.valid, m.valid_accuracy)
        lines.append(f"{step},{m.train},{m.train_accuracy},{validation[0]},{validation[1]}")
    return "\n".join(lines) + "\n"
