"""Reading a job's metrics: the rows of its result files, completed with those of its events."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..errors import ApiError, InvalidResponse, NotFound
from ..operation_settings import Settings
from ..results.metrics import MetricRow, UnreadableMetrics, merged, read_metrics, rows_of_events
from ..results.table import Metrics
from ..views import JobFields
from ..views.field_readers import mapping, text
from .effects import BODY_KEPT, Plan, Work
from .file_download import content
from .job_events import recent_events

if TYPE_CHECKING:
    from finetuning_api.models.fine_tuning_job_event import FineTuningJobEvent

# Metrics that a server's result file may lack, by training method; their events have them.
_ONLY_IN_EVENTS = {
    "supervised": ("full_valid_loss",),
    "dpo": ("train_reward_accuracy", "train_reward_margin", "valid_reward_margin", "full_valid_loss"),
    "reinforcement": ("train_mean_reward", "full_valid_mean_reward"),
}
NOT_OFFERED = frozenset({404, 405, 501})
"""HTTP statuses of a server that has no such endpoint."""

# The rows of a file take several times as much memory.
_LARGEST_RESULT = 64 * 1024 * 1024


def job_metrics(job: JobFields, settings: Settings) -> Plan[Metrics]:
    """Return the metrics of the job, by step: the same from its result files as from its metric events.

    Events are read if there is no result file, or if it lacks metrics that events have, such as the
    losses over the whole validation file. Raises `InvalidResponse` for a result file of an unknown form.
    """
    metrics, _ = yield from metrics_and_events(job, settings)
    return metrics


def metrics_and_events(
    job: JobFields, settings: Settings, *, always: bool = False
) -> Plan[tuple[Metrics, list[FineTuningJobEvent]]]:
    """Return the metrics of the job, and the events if they were read; `always` reads them in any case."""
    method = _method_of(job)
    rows = yield from _rows_of_files(job, method, settings)
    events: list[FineTuningJobEvent] = []
    if always or _needs_events(job, rows, method):
        try:
            found = yield from recent_events(job.id, (), settings)
        except ApiError as error:
            # Some compatible servers offer no events.
            if not (rows or always) or error.status not in NOT_OFFERED:
                raise
        else:
            events = list(found.values())
    if not rows or _needs_events(job, rows, method):
        rows = merged(rows, rows_of_events(events, method))
    return Metrics(rows, method=method), events


def _rows_of_files(job: JobFields, method: str | None, settings: Settings) -> Plan[list[MetricRow]]:
    rows: list[MetricRow] = []
    for file_id in job.result_files:
        try:
            body = yield from content(file_id, settings, max_bytes=_LARGEST_RESULT)
        except NotFound:
            # The file was deleted; the events still have the metrics.
            continue
        try:
            rows += yield Work(partial(read_metrics, body, method))
        except UnreadableMetrics as error:
            raise InvalidResponse(f"{file_id}: {error}", status=200, body=body[:BODY_KEPT]) from error
    return merged(rows)


def _needs_events(job: JobFields, rows: list[MetricRow], method: str | None) -> bool:
    wanted = _ONLY_IN_EVENTS.get(method or "supervised", ())
    if not job.validation_file:
        wanted = tuple(name for name in wanted if name.startswith("train_"))
    return not rows or any(all(getattr(row, name) is None for row in rows) for name in wanted)


def _method_of(job: JobFields) -> str | None:
    return text(mapping(job.to_dict().get("method")).get("type"))
