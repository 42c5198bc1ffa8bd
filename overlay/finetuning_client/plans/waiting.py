"""Waiting for jobs and following their events, one or many at once.

Jobs are read often at first and less often later, but soon after the end time that the service estimates. A
read that fails because of the connection or the server is repeated until such failures have lasted as long as
the caller's patience allows. An unknown status counts as running.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING, Self, TypeVar

from ..errors import (
    ApiError,
    BadRequest,
    ConnectionFailed,
    FineTuningError,
    InvalidRequestError,
    InvalidResponse,
    NotFound,
    RateLimited,
    ServerError,
    WaitTimeout,
)
from ..operation_settings import Settings
from ..polling import WaitOptions
from ..statuses import JobStatus
from ..views import JobFields
from . import operations
from .effects import SHORTEST_EXCHANGE, Draw, Emit, Now, Pause, Plan, Stream, by_deadline
from .job_events import recent_events
from .list_pages import Cursor
from .status_notices import Notices, end_of_wait

if TYPE_CHECKING:
    from finetuning_api.models.fine_tuning_job_event import FineTuningJobEvent

T = TypeVar("T")
_OnUpdate = Callable[[JobFields], object]

_LONGEST_LAST_PAUSE = 1.0
_JITTER = 0.1
# Reading many jobs may cost this fraction of the requests that reading each would.
_SHARE = 20
_JOBS_PER_PAGE = 100


def _read_deadline(deadline: float | None, now: float) -> float | None:
    """Return when a read that starts `now` must end: at the deadline, or soon after it for the last read."""
    if deadline is None or now < deadline - SHORTEST_EXCHANGE:
        return deadline
    return deadline + SHORTEST_EXCHANGE


class _Polling:
    """State of one waiting call: when the next read is due, how long reads have failed, when time is up."""

    def __init__(self, options: WaitOptions, settings: Settings, began: float) -> None:
        self._options = options
        self._settings = settings
        self._deadline = None if options.timeout is None else began + options.timeout
        self._failure: FineTuningError | None = None
        self._failing_since: float | None = None
        self._had_last_pause = False
        self._reads = 0
        self._notices = Notices()
        self._statuses: dict[str, JobStatus] = {}

    @classmethod
    def start(cls, options: WaitOptions, settings: Settings) -> Plan[Self]:
        """Start a waiting call."""
        now: float = yield Now()
        return cls(options, settings, now)

    def speed_up(self) -> None:
        """Read often again, since something happened."""
        self._reads = 0

    def read(self, make: Callable[[Settings], Plan[T]]) -> Plan[T | None]:
        """Run a plan that reads something; `None` if time is up, or it failed temporarily."""
        now: float = yield Now()
        end, settings = _read_deadline(self._deadline, now), self._settings
        plan = make(settings if end is None else settings.within(end - now))
        try:
            found = yield from by_deadline(plan, end)
        except (ConnectionFailed, ServerError, RateLimited) as error:
            self._failing_since = now if self._failing_since is None else self._failing_since
            self._failure = error
            now = yield Now()
            is_over = self._deadline is not None and now >= self._deadline
            has_patience = now - self._failing_since < self._options.patience
            if not _may_pass(error) or not (is_over or has_patience):
                raise
            return None
        self._failing_since = self._failure = None
        return found

    def has_ended(self, job: JobFields) -> bool:
        """Return whether the job has ended; remember its status for messages if it has not."""
        status = job.status
        self._statuses[job.id] = status
        if status.is_terminal:
            del self._statuses[job.id]
        else:
            self._notices.look(job.id, status)
        return status.is_terminal

    def pause(self, state: str, finish: float | None = None) -> Plan[None]:
        """Pause until the next read is due; raise `WaitTimeout`, which names the `state`, if time is up.

        `finish` is the expected end, in Unix seconds.
        """
        self._reads += 1
        interval = self._options.poll.interval(self._reads)
        if self._options.poll.growth > 1:
            draw: float = yield Draw()
            interval *= 1.0 - _JITTER * draw
        now: float = yield Now()
        if finish is not None and now < finish <= now + interval:
            # The end is near: read often again.
            interval = max(finish - now, self._options.poll.initial_interval)
            self._reads = 0
        if self._deadline is not None:
            if now >= self._deadline:
                text = f"{state} after {self._options.timeout:g} s"
                raise WaitTimeout(text + end_of_wait(self._statuses.values())) from self._failure
            interval = min(interval, self._deadline - now)
        yield Pause(interval, self._options.notified)

    def pause_for_last_events(self, job_id: str) -> Plan[None]:
        """Pause briefly, since events may be published after the end of the job; raise if time is up."""
        interval = min(self._options.poll.interval(1), _LONGEST_LAST_PAUSE)
        now: float = yield Now()
        if self._deadline is not None:
            if self._had_last_pause:
                raise WaitTimeout(
                    f"{job_id} has ended, but not all its events arrived within {self._options.timeout:g} s"
                )
            self._had_last_pause = now >= self._deadline
            interval = min(interval, max(self._deadline - now, 0.0))
        yield Pause(interval)


def wait(job_id: str, settings: Settings, options: WaitOptions, on_update: _OnUpdate) -> Plan[JobFields]:
    """Read the job until it has ended, and return it. Raises `WaitTimeout`."""
    polling = yield from _Polling.start(options, settings)
    state, finish = f"{job_id} still cannot be read", None
    while True:
        job = yield from polling.read(partial(_read_job, job_id))
        if job is not None:
            on_update(job)
            if polling.has_ended(job):
                return job
            state, finish = f"{job_id} is still {str(job.status)!r}", _estimated_finish(job)
        yield from polling.pause(state, finish)


def follow(
    job_id: str, settings: Settings, options: WaitOptions, *, after: str | None, on_update: _OnUpdate
) -> Stream[tuple[str, FineTuningJobEvent]]:
    """Emit the job's events with their identities, oldest first, each once, until it has ended.

    The status is always read before the events, and once it is final the events are read until a read returns
    nothing new, since some are published after the status. `after` is the id of an event to begin after.
    Raises `WaitTimeout`.
    """
    polling = yield from _Polling.start(options, settings)
    reader = _Reader(job_id, after)
    job: JobFields | None = None
    while True:
        if job is None or not polling.has_ended(job):
            found = yield from polling.read(partial(_read_job, job_id))
            if found is None:
                yield from polling.pause(f"{job_id} still cannot be read")
                continue
            job = found
            on_update(job)
        fresh = yield from polling.read(reader.read)
        for identity, event in fresh or ():
            yield Emit((identity, event))
        if fresh:
            polling.speed_up()
        if not polling.has_ended(job) or fresh is None:
            yield from polling.pause(f"{job_id} is still {str(job.status)!r}", _estimated_finish(job))
        elif reader.is_drained(fresh):
            return
        else:
            yield from polling.pause_for_last_events(job_id)


def wait_all(
    job_ids: Sequence[str], settings: Settings, options: WaitOptions, on_update: _OnUpdate
) -> Plan[None]:
    """Read many jobs, through lists instead of one by one, until all have ended. Raises `WaitTimeout`."""
    polling = yield from _Polling.start(options, settings)
    pending = dict.fromkeys(job_ids)
    while pending:
        found = yield from polling.read(partial(_read_jobs, list(pending)))
        for job in found or ():
            on_update(job)
            if polling.has_ended(job):
                del pending[job.id]
        if pending:
            yield from polling.pause(f"{len(pending)} of {len(job_ids)} jobs have not ended")


def follow_all(
    job_ids: Sequence[str], settings: Settings, options: WaitOptions, on_update: _OnUpdate
) -> Stream[tuple[str, str, FineTuningJobEvent]]:
    """Emit the events of many jobs: the id of the job, the identity of the event, and the event.

    The events of one job come oldest first, each once.

    The states are read through lists. The events of a job are read when its state changes, and otherwise in
    turn, so that many quiet jobs cost little. Raises `WaitTimeout`.
    """
    polling = yield from _Polling.start(options, settings)
    readers = {job_id: _Reader(job_id, None) for job_id in job_ids}
    states: dict[str, JobFields] = {}
    while readers:
        going = [i for i in readers if i not in states or not polling.has_ended(states[i])]
        found = yield from polling.read(partial(_read_jobs, going))
        due = dict.fromkeys(list(readers)[: -(-len(readers) // _SHARE)])
        for job in found or ():
            on_update(job)
            if job.id not in states or states[job.id].to_dict() != job.to_dict():
                due[job.id] = None
            states[job.id] = job
        ended = {i for i in readers if i in states and polling.has_ended(states[i])}
        due.update((job_id, None) for job_id in readers if job_id in ended)
        for job_id in due:
            reader = readers.pop(job_id)
            fresh = yield from polling.read(reader.read)
            for identity, event in fresh or ():
                yield Emit((job_id, identity, event))
            if fresh and len(readers) < _SHARE:
                # With more jobs, one always has a new event, and reads would never become less frequent.
                polling.speed_up()
            if not (job_id in ended and fresh is not None and reader.is_drained(fresh)):
                # Moved to the end of the queue, so that the others come first.
                readers[job_id] = reader
        if readers:
            yield from polling.pause(f"{len(readers)} of {len(job_ids)} jobs have not ended")


class _Reader:
    """Reader of the events of one job, each returned once."""

    def __init__(self, job_id: str, after: str | None) -> None:
        self._job_id = job_id
        self._after = after
        self._seen: set[str] = set() if after is None else {after}
        self._is_over = False

    def read(self, settings: Settings) -> Plan[list[tuple[str, FineTuningJobEvent]]]:
        """Return the events that arrived since the last call, oldest first, each preceded by its identity."""
        recent = yield from recent_events(self._job_id, self._seen, settings)
        if self._after is not None:
            ids = list(recent)
            if self._after not in ids:
                rule, end = f"the id of an event of {self._job_id}", f"; the job has no event {self._after!r}"
                raise InvalidRequestError.of("after", rule, self._after, end)
            self._seen.update(ids[: ids.index(self._after)])
            self._after = None
        fresh = [(identity, event) for identity, event in recent.items() if identity not in self._seen]
        self._seen.update(recent)
        return fresh

    def is_drained(self, fresh: Collection[object]) -> bool:
        """Return whether the read that returned `fresh` was the last: one after the end with nothing new.

        The first read after the end does not count, because it may have been too early.
        """
        was_read, self._is_over = self._is_over, True
        return was_read and not fresh


def _read_job(job_id: str, settings: Settings) -> Plan[JobFields]:
    """Read the current state of a job."""
    data = yield from operations.retrieve_fine_tuning_job(job_id, settings)
    return JobFields(data, settings.statuses)


def _read_jobs(job_ids: Sequence[str], settings: Settings) -> Plan[list[JobFields]]:
    """Read the current state of jobs: from the newest pages of the list, and the rest one by one."""
    wanted = dict.fromkeys(job_ids)
    found: list[JobFields] = []
    read = partial(JobFields, statuses=settings.statuses)
    listing = operations.list_paginated_fine_tuning_jobs(read, page_size=_JOBS_PER_PAGE)
    cursor = Cursor(listing, settings)
    # For a single job a page costs as much as the job itself.
    for _ in range(-(-len(job_ids) // _SHARE) if len(job_ids) > 1 else 0):
        try:
            page = yield from cursor.next()
        except (ApiError, InvalidResponse) as error:
            if not _has_no_list(error):
                raise
            break
        if page is None:
            break
        for job in page:
            if job.id in wanted:
                del wanted[job.id]
                found.append(job)
        if not wanted:
            break
    for job_id in wanted:
        job = yield from _read_job(job_id, settings)
        found.append(job)
    return found


def _has_no_list(error: ApiError | InvalidResponse) -> bool:
    """Return whether the server has no usable list of jobs, as is the case for some compatible servers."""
    return isinstance(error, InvalidResponse | BadRequest | NotFound) or error.status in (405, 501)


def _estimated_finish(job: JobFields) -> float | None:
    finish = job.estimated_finish
    return None if finish is None else finish.timestamp()


def _may_pass(error: FineTuningError) -> bool:
    return getattr(error, "code", None) != "insufficient_quota"
