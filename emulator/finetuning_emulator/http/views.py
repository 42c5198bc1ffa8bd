"""The objects of the API as response bodies."""

from __future__ import annotations

from typing import Any

import msgspec

from finetuning_emulator.controls.clock import Milliseconds
from finetuning_emulator.identifiers import derived_id, event_id
from finetuning_emulator.simulation.event_messages import event_message, step_message
from finetuning_emulator.simulation.job import ORGANIZATION, Job
from finetuning_emulator.simulation.metric_names import named_metrics
from finetuning_emulator.simulation.recorded_job import RecordedJob
from finetuning_emulator.simulation.timeline import EventKind
from finetuning_emulator.state.files import FileRow
from finetuning_emulator.state.permissions import PermissionRow
from finetuning_emulator.state.uploads import PartRow, UploadRow

__all__ = [
    "checkpoint_id",
    "checkpoint_view",
    "event_view",
    "file_view",
    "job_view",
    "model_view",
    "part_view",
    "permission_view",
    "recorded_view",
    "upload_view",
]

_TERMINAL = ("succeeded", "failed", "cancelled")
_BASIC_HYPERPARAMETERS = ("n_epochs", "batch_size", "learning_rate_multiplier")


def job_view(job: Job | RecordedJob, at: Milliseconds) -> dict[str, Any] | msgspec.Raw:
    """Return the body of a job at a time; that of a recorded job is always the same."""
    if isinstance(job, RecordedJob):
        return recorded_view(job.body)
    timeline, request = job.timeline, job.request
    status = timeline.status(at)
    succeeded = status == "succeeded"
    end = timeline.end
    hyperparameters = job.hyperparameters(at)
    basic = {name: hyperparameters[name] for name in _BASIC_HYPERPARAMETERS}
    problem = job.plan.problem if status == "failed" else None
    method: dict[str, Any] = {"hyperparameters": hyperparameters}
    if request.grader is not None:
        method["grader"] = request.grader
    return {
        "object": "fine_tuning.job",
        "id": job.id,
        "model": job.model,
        "created_at": job.created // 1000,
        "finished_at": _seconds(end) if status in _TERMINAL else None,
        "estimated_finish": _seconds(end) if status == "running" else None,
        "fine_tuned_model": job.fine_tuned_model if succeeded else None,
        "organization_id": ORGANIZATION,
        "result_files": [job.result_file] if succeeded else [],
        "status": job.scenario.shown(status),
        "validation_file": request.validation_file,
        "training_file": request.training_file,
        "hyperparameters": basic if request.kind == "supervised" else None,
        "trained_tokens": job.trained_tokens if succeeded else None,
        "error": None if problem is None else msgspec.structs.asdict(problem),
        "user_provided_suffix": request.suffix,
        "seed": job.seed,
        "integrations": request.integrations or [],
        "metadata": request.metadata,
        "method": {"type": request.kind, request.kind: method},
    }


def event_view(job: Job, position: int) -> dict[str, Any]:
    """Return the body of the event at a position of a job's history; 0 is the oldest."""
    event = job.timeline.event(position)
    if event.kind is EventKind.STEP:
        metrics = job.metrics(event.step)
        kind, message = "metrics", step_message(job, event.step, metrics)
        steps = {"step": event.step, "total_steps": job.plan.total_steps}
        data = {**steps, **named_metrics(job.request.kind, metrics)}
    else:
        kind, message, data = "message", event_message(job, event), {}
    return {
        "object": "fine_tuning.job.event",
        "id": event_id(job.id, position),
        "created_at": event.at // 1000,
        "level": "error" if event.kind is EventKind.FAILED else "info",
        "message": message,
        "type": kind,
        "data": data,
    }


def checkpoint_view(job: Job, step: int, at: Milliseconds) -> dict[str, Any]:
    """Return the body of the checkpoint at a step, created at this time."""
    return {
        "object": "fine_tuning.job.checkpoint",
        "id": checkpoint_id(job, step),
        "created_at": at // 1000,
        "fine_tuned_model_checkpoint": job.checkpoint_model(step),
        "fine_tuning_job_id": job.id,
        "metrics": {"step": step, **named_metrics(job.request.kind, job.metrics(step))},
        "step_number": step,
    }


def checkpoint_id(job: Job, step: int) -> str:
    """Return the identifier of the checkpoint at a step."""
    return derived_id("ftckpt_", job.id, step)


def file_view(row: FileRow, at: Milliseconds) -> dict[str, Any] | msgspec.Raw:
    """Return the body of a file at a time."""
    if row.recorded is not None:
        return recorded_view(row.recorded)
    return {
        "object": "file",
        "id": row.id,
        "purpose": row.purpose,
        "filename": row.filename,
        "bytes": row.bytes,
        "created_at": row.available_at // 1000,
        "expires_at": _seconds(row.expires_at),
        "status": "processed" if row.processed_at <= at else "uploaded",
        "status_details": None,
    }


def upload_view(upload: UploadRow, file: FileRow | None = None) -> dict[str, Any]:
    """Return the body of an upload; `file` is the file of a completed one."""
    return {
        "id": upload.id,
        "object": "upload",
        "created_at": upload.created_at // 1000,
        "filename": upload.filename,
        "bytes": upload.bytes,
        "purpose": upload.purpose,
        "status": upload.status,
        "expires_at": upload.expires_at // 1000,
        "file": None if file is None else file_view(file, file.available_at),
    }


def part_view(part: PartRow) -> dict[str, Any]:
    """Return the body of a part of an upload."""
    return {
        "id": part.id,
        "object": "upload.part",
        "created_at": part.created_at // 1000,
        "upload_id": part.upload_id,
    }


def permission_view(row: PermissionRow) -> dict[str, Any] | msgspec.Raw:
    """Return the body of a permission."""
    if row.recorded is not None:
        return recorded_view(row.recorded)
    return {
        "object": "checkpoint.permission",
        "id": row.id,
        "created_at": row.created_at // 1000,
        "project_id": row.project_id,
    }


def recorded_view(body: str) -> msgspec.Raw:
    """Return a body as another server sent it."""
    return msgspec.Raw(body.encode())


def model_view(name: str, created: int, owner: str) -> dict[str, Any]:
    """Return the body of a model; `created` is in seconds."""
    return {"id": name, "object": "model", "created": created, "owned_by": owner}


def _seconds(at: Milliseconds | None) -> int | None:
    return None if at is None else at // 1000
