"""Position of a reader of events: `EventCursor`, which serialises to a string and back."""

from __future__ import annotations

from .errors import InvalidRequestError
from .record import Record


class EventCursor(Record):
    """Position after an event of a job. Save it as `str(cursor)`, and read it back with `parse`.

    Attributes:
        job_id: the job.
        event_id: the last event that was read; a string derived from its content if the server gives it no
            id.
    """

    job_id: str
    event_id: str

    def __str__(self) -> str:
        return f"{self.job_id}/{self.event_id}"

    @classmethod
    def parse(cls, text: str) -> EventCursor:
        """Return the cursor that was saved as `text`. Raises `InvalidRequestError`."""
        job_id, _, event_id = text.partition("/") if isinstance(text, str) else ("", "", "")
        if not job_id or not event_id or "/" in event_id:
            raise InvalidRequestError.of("cursor", "a saved cursor, 'ftjob-…/ftevent-…'", text)
        return cls(job_id, event_id)

    @classmethod
    def event_after(cls, job_id: str, given: EventCursor | str | None) -> str | None:
        """Return the id of the event to start after, given as a cursor, a saved cursor, or the id itself.

        Raises `InvalidRequestError` for a cursor of another job.
        """
        if given is None or (isinstance(given, str) and "/" not in given):
            return given or None
        cursor = given if isinstance(given, cls) else cls.parse(str(given))
        if cursor.job_id != job_id:
            end = f", not of {cursor.job_id}"
            raise InvalidRequestError.of("after", f"a cursor of {job_id}", given, end)
        return cursor.event_id
