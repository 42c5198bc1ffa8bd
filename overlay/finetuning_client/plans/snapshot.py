"""Reading of a job with its metrics, events and checkpoints, and numbers about its files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from ..errors import ApiError, FineTuningError
from ..operation_settings import Settings
from ..results.snapshot import Snapshot
from ..views import Checkpoint, Event, File, JobView
from . import operations
from .effects import Now, Plan, Work
from .file_download import content
from .list_pages import every_item
from .metrics import NOT_OFFERED, metrics_and_events

_LARGEST_COUNTED = 32_000_000


def take_snapshot(
    job: JobView, settings: Settings, on_update: Callable[[JobView], object], *, data: bool
) -> Plan[Snapshot]:
    """Read a job again unless it has ended, with its metrics, events and checkpoints.

    `data` adds facts about its data files, with statistics of those up to 32 MB. What a server does not offer
    is left out.
    """
    if not job.status.is_terminal:
        now_known = yield from operations.retrieve_fine_tuning_job(job.id, settings)
        job = JobView(now_known, settings.statuses)
        on_update(job)
    metrics, events = yield from metrics_and_events(job, settings, always=True)
    checkpoints = yield from _checkpoints(job.id, settings)
    files: dict[str, Mapping[str, Any]] = {}
    if data:
        for name, file_id in (("Training file", job.training_file), ("Validation file", job.validation_file)):
            if file_id is not None:
                files[name] = yield from _file(file_id, settings)
    now: float = yield Now()
    return Snapshot.of(
        job,
        metrics=metrics,
        events=[Event(event) for event in events],
        checkpoints=checkpoints,
        data=files,
        taken_at=datetime.fromtimestamp(now, UTC),
    )


def _checkpoints(job_id: str, settings: Settings) -> Plan[list[Checkpoint]]:
    try:
        return (
            yield from every_item(operations.list_fine_tuning_job_checkpoints(Checkpoint, job_id), settings)
        )
    except ApiError as error:
        if error.status not in NOT_OFFERED:
            raise
        return []


def _file(file_id: str, settings: Settings) -> Plan[dict[str, Any]]:
    """Return statistics of a file, or the reason why they are not known, since files may be deleted."""
    numbers: dict[str, Any] = {"id": file_id}
    try:
        file = File((yield from operations.retrieve_file(file_id, settings)))
        numbers |= {"name": file.filename, "bytes": file.bytes}
        if (file.bytes or 0) <= _LARGEST_COUNTED:
            body = yield from content(file_id, settings, max_bytes=_LARGEST_COUNTED)
            numbers |= yield Work(partial(_file_statistics, body))
    except FineTuningError as error:
        numbers["not counted"] = str(error)
    return numbers


def _file_statistics(body: bytes) -> dict[str, Any]:
    from ..data.checks import check_dataset

    report = check_dataset(body, minimum=1, check=False)
    return {
        "format": report.format,
        "examples": report.examples,
        "estimated tokens": report.estimated_tokens,
        "median tokens per example": report.stats.lengths.median,
        "tokens of the longest example": report.stats.lengths.maximum,
        "duplicate examples": report.duplicates,
        **{f"{role} messages": count for role, count in report.messages.items()},
        "problems": len(report.problems),
    }
