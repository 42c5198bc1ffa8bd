"""Advice about the status of a job during a wait: declare an unknown one, resume a paused job."""

from __future__ import annotations

import logging
from collections.abc import Collection

from ..open_status import Status

_log = logging.getLogger("finetuning_client")
_MAX_NAMES = 5


class Notices:
    """Log entries of one waiting call: each status that requires action by the user is reported once."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def look(self, name: str, status: Status) -> None:
        """Report the status of the object `name`, if it requires action by the user."""
        text = advice([status])
        if text and status not in self._seen:
            self._seen.add(str(status))
            _log.warning("%s is %r, and waiting continues%s", name, str(status), text)


def end_of_wait(statuses: Collection[Status]) -> str:
    """Return the end of the message of a wait that timed out with these statuses."""
    is_idle = bool(statuses) and all(status.meaning == "paused" for status in statuses)
    return ("" if is_idle else "; the service keeps working") + advice(statuses)


def advice(statuses: Collection[Status]) -> str:
    """Return what to do about statuses that may not end by themselves, to be appended to a sentence."""
    paused, unknown = _named("paused", statuses), _named(None, statuses)
    text = f"; to resume a job that is {paused}, call job.resume()" if paused else ""
    if unknown:
        text += (
            f"; {unknown} is an unknown status: if it is final, declare it, as in "
            f"FineTuning(statuses={{{unknown.partition(' or ')[0]}: 'succeeded'}})"
        )
    return text


def _named(meaning: str | None, statuses: Collection[Status]) -> str:
    found = dict.fromkeys(repr(str(status)[:80]) for status in statuses if status.meaning == meaning)
    return " or ".join(list(found)[:_MAX_NAMES])
