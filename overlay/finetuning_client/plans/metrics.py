"""Reading of a job's metrics: the rows of its result files, else of its events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import InvalidResponse, NotFound
from ..results.metrics import MetricRow, UnreadableMetrics, read_metrics, rows_of_events
from ..settings import Settings
from .effects import Plan
from .file_download import content
from .job_events import recent_events
from .responses import BODY_KEPT

if TYPE_CHECKING:
    from finetuning_api.models.fine_tuning_job import FineTuningJob


# Its rows take several times as much memory.
_LARGEST_RESULT = 64 * 1024 * 1024


def job_metrics(job: FineTuningJob, settings: Settings) -> Plan[list[MetricRow]]:
    """Return the rows of the job's result files, by step; of its metric events where it has none.

    Raises `InvalidResponse` for a result file of an unknown form.
    """
    rows: list[MetricRow] = []
    files = job.result_files if isinstance(job.result_files, list) else ()
    for file_id in (name for name in files if isinstance(name, str) and name):
        try:
            body = yield from content(file_id, settings, max_bytes=_LARGEST_RESULT)
        except NotFound:
            # The file was deleted; the events still have the metrics.
            continue
        try:
            rows += read_metrics(body)
        except UnreadableMetrics as error:
            raise InvalidResponse(f"{file_id}: {error}", status=200, body=body[:BODY_KEPT]) from error
    if rows:
        return sorted(rows, key=lambda row: row.step)
    return rows_of_events((yield from recent_events(job.id, (), settings)))
