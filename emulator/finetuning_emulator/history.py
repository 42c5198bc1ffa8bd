"""What a job has to show: its events, its checkpoints and its file of metrics."""

from __future__ import annotations

import base64
import math
from typing import Any

from finetuning_emulator import ids
from finetuning_emulator.clock import Millis
from finetuning_emulator.curves import Metrics
from finetuning_emulator.jobs import Job
from finetuning_emulator.timeline import Event, Happening

__all__ = ["checkpoint_id", "checkpoint_view", "event_view", "result_content"]

_MESSAGES = {
    Happening.CREATED: "Created fine-tuning job: {job}",
    Happening.VALIDATING: "Validating training file: {files}",
    Happening.FAILED: "{problem}",
    Happening.QUEUED: "Files validated, moving job to queued state",
    Happening.STARTED: "Fine-tuning job started",
    Happening.CHECKPOINT: "Checkpoint created at step {step}",
    Happening.MODEL: "New fine-tuned model created: {model}",
    Happening.COMPLETED: "The job has successfully completed",
    Happening.PAUSED: "Fine-tuning job paused",
    Happening.RESUMED: "Fine-tuning job resumed",
    Happening.CANCELLED: "Fine-tuning job cancelled",
}

_NAMES = {
    "supervised": ("loss", "mean_token_accuracy"),
    "dpo": ("loss", "reward_accuracy"),
    "reinforcement": ("mean_reward", "accuracy"),
}


def event_view(job: Job, place: int) -> dict[str, Any]:
    """The event at a place of the job's history, counted from 0, the oldest."""
    event = job.timeline.event(place)
    metrics = _metrics(job, event.step) if event.what is Happening.STEP else None
    return {
        "object": "fine_tuning.job.event",
        "id": ids.event_id(job.id, place),
        "created_at": event.at // 1000,
        "level": "error" if event.what is Happening.FAILED else "info",
        "message": _message(job, event) if metrics is None else _step_message(job, event.step, metrics),
        "type": "message" if metrics is None else "metrics",
        "data": {} if metrics is None else _step_data(job, event.step, metrics),
    }


def checkpoint_view(job: Job, step: int, at: Millis) -> dict[str, Any]:
    """The checkpoint that came at this time, after this step."""
    metrics = _step_data(job, step, _metrics(job, step))
    del metrics["total_steps"]
    return {
        "object": "fine_tuning.job.checkpoint",
        "id": checkpoint_id(job, step),
        "created_at": at // 1000,
        "fine_tuned_model_checkpoint": job.checkpoint_model(step),
        "fine_tuning_job_id": job.id,
        "metrics": metrics,
        "step_number": step,
    }


def checkpoint_id(job: Job, step: int) -> str:
    """The identifier of the checkpoint after a step."""
    return ids.derived("ftckpt_", job.id, step)


def result_content(job: Job) -> bytes:
    """The file of metrics as it is served: comma-separated values in base64."""
    return base64.b64encode(_result_csv(job).encode())


def _result_csv(job: Job) -> str:
    if job.request.kind == "reinforcement":
        columns = "step,train_mean_reward,train_accuracy,valid_mean_reward,valid_accuracy"
    else:
        columns = "step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy"
    lines = [columns]
    for report in range(job.plan.reports):
        step = job.plan.reported_step(report)
        m = _metrics(job, step)
        held_out = ("", "") if m.valid is None else (m.valid, m.valid_accuracy)
        lines.append(f"{step},{m.train},{m.train_accuracy},{held_out[0]},{held_out[1]}")
    return "\n".join(lines) + "\n"


def _message(job: Job, event: Event) -> str:
    request, problem = job.request, job.plan.problem
    files = request.training_file
    if request.validation_file is not None:
        files += f" and validation file: {request.validation_file}"
    return _MESSAGES[event.what].format(
        job=job.id,
        files=files,
        problem="" if problem is None else problem.message,
        step=event.step,
        model=job.fine_tuned_model,
    )


def _step_message(job: Job, step: int, metrics: Metrics) -> str:
    name = "reward" if job.request.kind == "reinforcement" else "loss"
    message = f"Step {step}/{job.plan.total_steps}: training {name}={metrics.train:.2f}"
    if metrics.valid is not None:
        message += f", validation {name}={metrics.valid:.2f}"
    if metrics.full_valid is not None:
        message += f", full validation {name}={metrics.full_valid:.2f}"
    return message


def _step_data(job: Job, step: int, metrics: Metrics) -> dict[str, Any]:
    kind = job.request.kind
    value, accuracy = _NAMES[kind]
    data: dict[str, Any] = {"step": step, "total_steps": job.plan.total_steps}
    measured = (
        ("train", metrics.train, metrics.train_accuracy),
        ("valid", metrics.valid, metrics.valid_accuracy),
        ("full_valid", metrics.full_valid, metrics.full_valid_accuracy),
    )
    for prefix, first, second in measured:
        if first is not None:
            data |= {f"{prefix}_{value}": first, f"{prefix}_{accuracy}": second}
            if kind == "dpo":
                data[f"{prefix}_reward_margin"] = _margin(first)
    return data


def _margin(loss: float) -> float:
    """By how much the preferred answer is preferred, when its loss is -log(sigmoid(margin))."""
    return round(-math.log(math.expm1(max(loss, 1e-6))), 5)


def _metrics(job: Job, step: int) -> Metrics:
    assert job.curve is not None, "a job whose files were refused has no steps"
    return job.curve.at(step)
