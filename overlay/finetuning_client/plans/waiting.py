"""Waiting for jobs and following their events, one or many at once.

Looks come often at first and less often later, but soon after the end that the service estimates. A look that
fails for want of a working connection or server is made again, until such failures have gone on for as long
as the caller has patience. A status that is not known counts as going on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import TypeVar

from finetuning_api.models.fine_tuning_job import FineTuningJob
from finetuning_api.models.fine_tuning_job_event import FineTuningJobEvent

from ..errors import (
    ConnectionFailed,
    FineTuningError,
    InvalidRequestError,
    RateLimited,
    ServerError,
    WaitTimeout,
)
from ..policies import Conduct, Watch
from ..statuses import JobStatus
from . import listings
from .effects import Draw, Emit, Now, Pause, Plan, Stream
from .jobs import recent_events, retrieve
from .pages import as_listed, one_page

__all__ = ["follow", "follow_all", "wait", "wait_all"]

T = TypeVar("T")
_OnUpdate = Callable[[FineTuningJob], object]

_LONGEST_DRAIN_PAUSE = 1.0
_JITTER = 0.1
# One look at many jobs may cost this share of the requests that a look at each would.
_SHARE = 20
_JOBS_PER_PAGE = 100


class _Looks:
    """The looks of one wait: how long failures have gone on, when the next is due, when time is up."""

    def __init__(self, watch: Watch, conduct: Conduct) -> None:
        self._watch = watch
        self._conduct = conduct
        self._deadline: float | None = None
        self._failing_since: float | None = None
        self._since_news = 0

    def begin(self) -> Plan[None]:
        """Start the time running."""
        now: float = yield Now()
        self._deadline = None if self._watch.timeout is None else now + self._watch.timeout

    def news(self) -> None:
        """Note that something happened: the next look is due soon."""
        self._since_news = 0

    def look(self, make: Callable[[Conduct], Plan[T]]) -> Plan[T | None]:
        """Run a look; `None` if it failed in a way that may pass."""
        now: float = yield Now()
        left = None if self._deadline is None else self._deadline - now
        try:
            found = yield from make(self._conduct if left is None else self._conduct.within(left))
        except (ConnectionFailed, ServerError, RateLimited) as error:
            self._failing_since = now if self._failing_since is None else self._failing_since
            now = yield Now()
            if now - self._failing_since >= self._watch.patience or not _may_pass(error):
                raise
            return None
        self._failing_since = None
        return found

    def pause(self, still: str, finish: float | None = None) -> Plan[None]:
        """Pause until the next look is due; `still` says what has not happened, should time be up.

        `finish` is when the end is expected, in Unix seconds.
        """
        self._since_news += 1
        interval = self._watch.poll.interval(self._since_news)
        if self._watch.poll.growth > 1:
            draw: float = yield Draw()
            interval *= 1.0 - _JITTER * draw
        now: float = yield Now()
        if finish is not None and now < finish <= now + interval:
            # The end is near: looks come often again.
            interval = max(finish - now, self._watch.poll.initial_interval)
            self._since_news = 0
        if self._deadline is not None:
            if now >= self._deadline:
                raise WaitTimeout(f"{still} after {self._watch.timeout:g} s; it goes on at the service")
            interval = min(interval, self._deadline - now)
        yield Pause(interval, self._watch.notified)

    def drain(self) -> Plan[None]:
        """Pause for a moment, in which last events may come."""
        yield Pause(min(self._watch.poll.interval(1), _LONGEST_DRAIN_PAUSE))


def wait(job_id: str, conduct: Conduct, watch: Watch, on_update: _OnUpdate) -> Plan[FineTuningJob]:
    """Look at the job until it has ended, and return it. Raises `WaitTimeout`."""
    looks = _Looks(watch, conduct)
    yield from looks.begin()
    status, finish = "unknown", None
    while True:
        job = yield from looks.look(partial(retrieve, job_id))
        if job is not None:
            on_update(job)
            if _has_ended(job):
                return job
            status, finish = str(job.status), _finish(job)
        yield from looks.pause(f"{job_id} is still {status!r}", finish)


def follow(
    job_id: str, conduct: Conduct, watch: Watch, *, after: str | None, on_update: _OnUpdate
) -> Stream[FineTuningJobEvent]:
    """Emit the job's events, oldest first, each once, until it has ended and no more come.

    The status is always read before the events, and once it is an end the events are read until a reading
    brings nothing new: some are published after the status. `after` is the id of an event to begin after.
    Raises `WaitTimeout`.
    """
    looks = _Looks(watch, conduct)
    yield from looks.begin()
    reader = _Reader(job_id, after)
    job: FineTuningJob | None = None
    while True:
        if job is None or not _has_ended(job):
            found = yield from looks.look(partial(retrieve, job_id))
            if found is None:
                yield from looks.pause(f"{job_id} cannot be looked at")
                continue
            job = found
            on_update(job)
        fresh = yield from looks.look(reader.read)
        for event in fresh or ():
            yield Emit(event)
        if fresh:
            looks.news()
        if not _has_ended(job) or fresh is None:
            yield from looks.pause(f"{job_id} is still {str(job.status)!r}", _finish(job))
        elif reader.is_drained(fresh):
            return
        else:
            yield from looks.drain()


def wait_all(job_ids: Sequence[str], conduct: Conduct, watch: Watch, on_update: _OnUpdate) -> Plan[None]:
    """Look at many jobs, by lists instead of one by one, until all have ended. Raises `WaitTimeout`."""
    looks = _Looks(watch, conduct)
    yield from looks.begin()
    pending = dict.fromkeys(job_ids)
    while pending:
        found = yield from looks.look(partial(_states, list(pending)))
        for job in found or ():
            on_update(job)
            if _has_ended(job):
                del pending[job.id]
        if pending:
            yield from looks.pause(f"{len(pending)} of {len(job_ids)} jobs are not done")


def follow_all(
    job_ids: Sequence[str], conduct: Conduct, watch: Watch, on_update: _OnUpdate
) -> Stream[tuple[str, FineTuningJobEvent]]:
    """Emit the events of many jobs with the id of the job of each; of one job oldest first, each once.

    The states come by lists. The events of a job are read when its state changes, and otherwise in turn, so
    that many quiet jobs cost little. Raises `WaitTimeout`.
    """
    looks = _Looks(watch, conduct)
    yield from looks.begin()
    readers = {job_id: _Reader(job_id, None) for job_id in job_ids}
    states: dict[str, FineTuningJob] = {}
    while readers:
        going = [job_id for job_id in readers if job_id not in states or not _has_ended(states[job_id])]
        found = yield from looks.look(partial(_states, going))
        due = dict.fromkeys(list(readers)[: -(-len(readers) // _SHARE)])
        for job in found or ():
            on_update(job)
            if job.id not in states or states[job.id].to_dict() != job.to_dict():
                due[job.id] = None
            states[job.id] = job
        due.update((job_id, None) for job_id in readers if job_id in states and _has_ended(states[job_id]))
        for job_id in due:
            reader = readers.pop(job_id)
            fresh = yield from looks.look(reader.read)
            for event in fresh or ():
                yield Emit((job_id, event))
            if fresh and len(readers) < _SHARE:
                # Among more there is always one with news, and looks would never become less.
                looks.news()
            ended = job_id in states and _has_ended(states[job_id])
            if not (ended and fresh is not None and reader.is_drained(fresh)):
                # To the end of the queue: the others have their turn first.
                readers[job_id] = reader
        if readers:
            yield from looks.pause(f"{len(readers)} of {len(job_ids)} jobs are not done")


class _Reader:
    """The events of one job, each given out once."""

    def __init__(self, job_id: str, after: str | None) -> None:
        self._job_id = job_id
        self._after = after
        self._seen: set[str] = set() if after is None else {after}
        self._is_over = False

    def read(self, conduct: Conduct) -> Plan[list[FineTuningJobEvent]]:
        """The events that came since, oldest first."""
        recent = yield from recent_events(self._job_id, self._seen, conduct)
        if self._after is not None:
            ids = [event.id for event in recent]
            if self._after not in ids:
                rule = f"the place of an event of {self._job_id}"
                raise InvalidRequestError(
                    f"after: must be {rule}; it has no event {self._after!r}",
                    field="after",
                    limit=rule,
                    value=self._after,
                )
            self._seen.update(ids[: ids.index(self._after)])
            self._after = None
        fresh = [event for event in recent if event.id not in self._seen]
        self._seen.update(event.id for event in fresh)
        return fresh

    def is_drained(self, fresh: Collection[FineTuningJobEvent]) -> bool:
        """Whether the reading that brought `fresh` was the last: one after the end with nothing new.

        The first reading after the end does not count, for it may have been too early.
        """
        was_read, self._is_over = self._is_over, True
        return was_read and not fresh


def _states(job_ids: Sequence[str], conduct: Conduct) -> Plan[list[FineTuningJob]]:
    """The jobs as they are now: from the newest pages of the list, the others one by one."""
    wanted = dict.fromkeys(job_ids)
    found: list[FineTuningJob] = []
    listing = listings.jobs(as_listed, limit=None, page_size=_JOBS_PER_PAGE, after=None, metadata=None)
    after: str | None = None
    used: set[str | None] = {after}
    # For a single job a page costs as much as the job itself.
    for _ in range(-(-len(job_ids) // _SHARE) if len(job_ids) > 1 else 0):
        page, last = yield from one_page(listing, after, _JOBS_PER_PAGE, conduct)
        for job in page:
            if job.id in wanted:
                del wanted[job.id]
                found.append(job)
        if not wanted or not page.has_more or last in used:
            break
        used.add(last)
        after = last
    for job_id in wanted:
        job = yield from retrieve(job_id, conduct)
        found.append(job)
    return found


def _has_ended(job: FineTuningJob) -> bool:
    return isinstance(job.status, str) and JobStatus(job.status).is_terminal


def _finish(job: FineTuningJob) -> float | None:
    finish = job.estimated_finish
    return float(finish) if isinstance(finish, int | float) and not isinstance(finish, bool) else None


def _may_pass(error: FineTuningError) -> bool:
    return getattr(error, "code", None) != "insufficient_quota"
