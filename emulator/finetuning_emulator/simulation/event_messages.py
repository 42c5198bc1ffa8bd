"""The messages of a job's events, in the hosted service's wording."""

from __future__ import annotations

from finetuning_emulator.simulation.job import Job
from finetuning_emulator.simulation.learning_curves import Metrics
from finetuning_emulator.simulation.metric_names import message_name
from finetuning_emulator.simulation.timeline import Event, EventKind

__all__ = ["event_message", "step_message"]

_MESSAGES = {
    EventKind.CREATED: "Created fine-tuning job: {job}",
    EventKind.VALIDATING: "Validating training file: {files}",
    EventKind.FAILED: "{problem}",
    EventKind.QUEUED: "Files validated, moving job to queued state",
    EventKind.STARTED: "Fine-tuning job started",
    EventKind.CHECKPOINT: "Checkpoint created at step {step}",
    EventKind.MODEL: "New fine-tuned model created: {model}",
    EventKind.COMPLETED: "The job has successfully completed",
    EventKind.PAUSED: "Fine-tuning job paused",
    EventKind.RESUMED: "Fine-tuning job resumed",
    EventKind.CANCELLED: "Fine-tuning job cancelled",
}


def event_message(job: Job, event: Event) -> str:
    """Return the message of an event that reports no metrics."""
    request, problem = job.request, job.plan.problem
    files = request.training_file
    if request.validation_file is not None:
        files += f" and validation file: {request.validation_file}"
    return _MESSAGES[event.kind].format(
        job=job.id,
        files=files,
        problem="" if problem is None else problem.message,
        step=event.step,
        model=job.fine_tuned_model,
    )


def step_message(job: Job, step: int, metrics: Metrics) -> str:
    """Return the message of an event that reports the metrics of a step."""
    name = message_name(job.request.kind)
    message = f"Step {step}/{job.plan.total_steps}: training {name}={metrics.train:.2f}"
    if metrics.valid is not None:
        message += f", validation {name}={metrics.valid:.2f}"
    if metrics.full_valid is not None:
        message += f", full validation {name}={metrics.full_valid:.2f}"
    return message
