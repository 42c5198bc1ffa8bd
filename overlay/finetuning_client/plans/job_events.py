"""Reading of a job's events, oldest first, however the server lists them."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from ..settings import Settings
from . import operations
from .cursor import Cursor, as_listed
from .effects import Plan

if TYPE_CHECKING:
    from finetuning_api.models.fine_tuning_job_event import FineTuningJobEvent

_EVENTS_PER_PAGE = 100


def recent_events(job_id: str, seen: Collection[str], settings: Settings) -> Plan[list[FineTuningJobEvent]]:
    """Return at least the events whose ids are not in `seen`, oldest first.

    The service lists them newest first, so pages are read until one reaches back to an event already seen; a
    server that lists them oldest first is read to its end. Events of one second keep the server's order.
    """
    listing = operations.list_fine_tuning_events(as_listed, job_id, page_size=_EVENTS_PER_PAGE)
    cursor = Cursor(listing, settings)
    found: dict[str, FineTuningJobEvent] = {}
    while (page := (yield from cursor.next())) is not None:
        found.update((event.id, event) for event in page)
        # Where all are of one second the direction is not known, and new events may be on the pages to come.
        if any(event.id in seen for event in page) and _is_oldest_first(page.data[::-1]):
            break
    events = list(found.values())
    return events if _is_oldest_first(events) else events[::-1]


def _is_oldest_first(events: list[FineTuningJobEvent]) -> bool:
    times = [event.created_at for event in events if isinstance(event.created_at, int | float)]
    return bool(times) and times[0] < times[-1]
