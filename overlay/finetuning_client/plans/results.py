"""What a job has measured: the rows of its result files, else of its events."""

from __future__ import annotations

from finetuning_api.models.fine_tuning_job import FineTuningJob
from finetuning_api.models.fine_tuning_job_event import FineTuningJobEvent

from ..errors import InvalidResponse, NotFound
from ..metrics import MetricRow, UnreadableMetrics, read_metrics, rows_of_events
from ..policies import Conduct
from .download import content
from .effects import Plan
from .jobs import all_events

__all__ = ["metrics"]


def metrics(job: FineTuningJob, conduct: Conduct) -> Plan[list[MetricRow]]:
    """The rows of the job's result files, by step; of its metric events where it has none.

    Raises `InvalidResponse` for a result file in no form that is known.
    """
    rows: list[MetricRow] = []
    files = job.result_files if isinstance(job.result_files, list) else ()
    for file_id in (name for name in files if isinstance(name, str) and name):
        try:
            body = yield from content(file_id, conduct)
        except NotFound:
            # Deleted since; the events still tell.
            continue
        try:
            rows += read_metrics(body)
        except UnreadableMetrics as error:
            raise InvalidResponse(f"{file_id}: {error}", status=200, body=body[:65_536]) from error
    if rows:
        return sorted(rows, key=lambda row: row.step)
    events: list[FineTuningJobEvent] = yield from all_events(job.id, conduct)
    return rows_of_events(events)
