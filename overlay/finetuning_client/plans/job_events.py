"""Reading of a job's events, oldest first, however the server lists them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING

from ..operation_settings import Settings
from ..views.field_readers import seconds
from . import operations
from .effects import Plan
from .list_pages import Cursor, as_listed

if TYPE_CHECKING:
    from finetuning_api.models.fine_tuning_job_event import FineTuningJobEvent

_EVENTS_PER_PAGE = 100


def recent_events(
    job_id: str, seen: Collection[str], settings: Settings
) -> Plan[Mapping[str, FineTuningJobEvent]]:
    """Return at least the events that are not in `seen`, oldest first, by their identity.

    The identity of an event is its id. If a server gives none, it is made from the content, and from the
    position among events with the same content.

    The service lists events newest first, so pages are read until one reaches back to an event already seen;
    a server that lists them oldest first is read to its end. Events of one second keep the server's order.
    """
    listing = operations.list_fine_tuning_events(as_listed, job_id, page_size=_EVENTS_PER_PAGE)
    cursor = Cursor(listing, settings)
    events: list[FineTuningJobEvent] = []
    while (page := (yield from cursor.next())) is not None:
        events += page
        # If all are of one second, their order is not known, and new events may be on later pages.
        if any(event.id in seen for event in page) and _is_oldest_first(page.data[::-1]):
            break
    if not _is_oldest_first(events):
        events.reverse()
    places: Counter[str] = Counter()
    return {_identity(event, places): event for event in events}


def _identity(event: FineTuningJobEvent, places: Counter[str]) -> str:
    """Return the id of an event, or one from its content and place; `places` counts the contents so far."""
    if isinstance(event.id, str) and event.id:
        return event.id
    digest = sha256(json.dumps(event.to_dict(), sort_keys=True).encode()).hexdigest()[:32]
    places[digest] += 1
    return f"content-{digest}-{places[digest]}"


def _is_oldest_first(events: list[FineTuningJobEvent]) -> bool:
    times = [at for event in events if (at := seconds(event.created_at)) is not None]
    return bool(times) and times[0] < times[-1]
