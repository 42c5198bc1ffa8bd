"""What is done with a job once it exists: read it, act on it, read its events."""

from __future__ import annotations

from collections.abc import Callable, Collection

from finetuning_api.api.fine_tuning import (
    cancel_fine_tuning_job,
    list_fine_tuning_events,
    pause_fine_tuning_job,
    resume_fine_tuning_job,
    retrieve_fine_tuning_job,
)
from finetuning_api.models.fine_tuning_job import FineTuningJob
from finetuning_api.models.fine_tuning_job_event import FineTuningJobEvent
from finetuning_api.models.list_fine_tuning_job_events_response import (
    ListFineTuningJobEventsResponse,
)
from finetuning_api.types import UNSET

from ..policies import Conduct
from ..statuses import JobStatus
from .effects import Answer, Plan, Request
from .exchange import Attempts, fetch_same, may_have_acted, read_same
from .pages import Listing, as_listed, one_page

__all__ = ["all_events", "cancel", "events_request", "pause", "recent_events", "resume", "retrieve"]

_OnUpdate = Callable[[FineTuningJob], object]

_EVENTS_PER_PAGE = 100


def retrieve(job_id: str, conduct: Conduct) -> Plan[FineTuningJob]:
    """Read the job."""
    return fetch_same(_retrieve_request(job_id), conduct, FineTuningJob, job_id)


def cancel(job_id: str, conduct: Conduct) -> Plan[FineTuningJob]:
    """Cancel the job."""
    request = Request.of(cancel_fine_tuning_job.build_request, job_id)
    return _act(request, job_id, {JobStatus.CANCELLED}, conduct)


def pause(job_id: str, conduct: Conduct) -> Plan[FineTuningJob]:
    """Pause the job."""
    request = Request.of(pause_fine_tuning_job.build_request, job_id)
    return _act(request, job_id, {JobStatus.PAUSED}, conduct)


def resume(job_id: str, conduct: Conduct) -> Plan[FineTuningJob]:
    """Let a paused job go on."""
    request = Request.of(resume_fine_tuning_job.build_request, job_id)
    return _act(request, job_id, {JobStatus.QUEUED, JobStatus.RUNNING}, conduct)


def _act(request: Request, job_id: str, aims: Collection[str], conduct: Conduct) -> Plan[FineTuningJob]:
    """Send an action until it is answered.

    A refusal after an attempt whose answer was lost may only mean that the lost one worked, so the job is
    looked at before the refusal is believed.
    """
    attempts = Attempts(request, conduct)
    lost = False
    while True:
        outcome = yield from attempts.send()
        if isinstance(outcome, Answer) and outcome.ok:
            return read_same(outcome, request, FineTuningJob, job_id, strict=conduct.strict)
        if lost and isinstance(outcome, Answer) and outcome.status in (400, 409):
            job = yield from retrieve(job_id, conduct)
            if job.status in aims:
                return job
        lost = lost or may_have_acted(outcome)
        yield from attempts.pause_or_raise(outcome)


def all_events(job_id: str, conduct: Conduct) -> Plan[list[FineTuningJobEvent]]:
    """Every event of the job so far, oldest first."""
    return recent_events(job_id, (), conduct)


def recent_events(job_id: str, seen: Collection[str], conduct: Conduct) -> Plan[list[FineTuningJobEvent]]:
    """At least the events not seen yet, oldest first.

    The service lists them newest first, so pages are read until one reaches back to an event already seen; a
    server that lists them oldest first is read to its end. Events of one second keep the server's order.
    """
    listing = Listing(events_request(job_id), ListFineTuningJobEventsResponse, as_listed)
    after: str | None = None
    used: set[str | None] = {after}
    found: dict[str, FineTuningJobEvent] = {}
    while True:
        page, last = yield from one_page(listing, after, _EVENTS_PER_PAGE, conduct)
        reached = any(event.id in seen for event in page)
        found.update((event.id, event) for event in page)
        # Where all are of one second the direction is not known, and what is new may be on the pages to come.
        if not page.has_more or last in used or (reached and _is_oldest_first(page.data[::-1])):
            break
        used.add(last)
        after = last
    events = list(found.values())
    return events if _is_oldest_first(events) else events[::-1]


def _is_oldest_first(events: list[FineTuningJobEvent]) -> bool:
    times = [event.created_at for event in events if isinstance(event.created_at, int | float)]
    return bool(times) and times[0] < times[-1]


def _retrieve_request(job_id: str) -> Request:
    return Request.of(retrieve_fine_tuning_job.build_request, job_id)


def events_request(job_id: str) -> Callable[[str | None, int | None], Request]:
    """What makes the request for one page of the job's events."""

    def build(after: str | None, limit: int | None) -> Request:
        return Request.of(
            list_fine_tuning_events.build_request,
            job_id,
            after=UNSET if after is None else after,
            limit=UNSET if limit is None else limit,
        )

    return build
