"""Saving jobs, with everything that belongs to them, in a directory: the plan of `client.archive`.

The jobs are listed first. Then, a few jobs at a time, everything about them is fetched: checkpoints and
events, files, permissions. Each response is saved as it arrives, so a continued run repeats no request. What
the server no longer has, or refuses to show, is recorded as missing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from ..arguments import require_callback, require_whole
from ..errors import (
    ApiError,
    ArchiveError,
    AuthenticationFailed,
    ConfigurationError,
    FineTuningError,
    InvalidRequestError,
    InvalidResponse,
    PermissionDenied,
)
from ..operation_settings import Settings
from ..plans import operations
from ..plans.effects import Now, Plan, Together, Work
from ..plans.file_download import download
from ..plans.list_pages import Cursor, Listing, every_item
from . import format as form
from .disk import DirectoryLock, on_disk
from .heads import Head
from .stage import Log, Stage, Terms

T = TypeVar("T")
_OnProgress = Callable[[int, int], object]

_AT_ONCE = 8
# Statuses that say nothing about the requested object: the run fails, and can continue later.
_PASSING = (401, 408, 409, 425, 429)


class Selection:
    """Which jobs to save, checked: see the arguments of `client.archive`."""

    def __init__(
        self,
        *,
        jobs: Any = None,
        metadata: Mapping[str, str] | None = None,
        after: str | None = None,
        since: datetime | float | None = None,
        limit: int | None = None,
    ) -> None:
        self.ids = None if jobs is None else _ids(jobs)
        self.since = _moment(since)
        self.limit = limit
        self.listing: Callable[..., Listing[dict[str, Any]]] = partial(
            operations.list_paginated_fine_tuning_jobs, _as_dict, metadata=metadata
        )
        self.after = after
        # Checked before anything is written.
        self.listing(after=after, limit=limit)
        given: dict[str, Any] = {"jobs": self.ids, "metadata": metadata, "after": after, "limit": limit}
        given["since"] = None if since is None else self.since
        chosen = {name: value for name, value in given.items() if value is not None}
        if "jobs" in chosen and len(chosen) > 1:
            raise InvalidRequestError.of("jobs", "given without any other filter", chosen, "")
        self.terms = chosen


def save(
    directory: str | os.PathLike[str],
    selection: Selection,
    settings: Settings,
    *,
    source: str,
    max_bytes: int | None = None,
    on_progress: _OnProgress | None = None,
) -> Plan[Path]:
    """Save the selected jobs in `directory`, or only what may have changed; return its path.

    Raises `ArchiveError` if the directory cannot be used. After any other error the next call continues the
    run.
    """
    require_callback("on_progress", on_progress)
    if not isinstance(directory, str | os.PathLike) or not os.fspath(directory):
        raise InvalidRequestError.of("directory", "a path", directory)
    require_whole("max_bytes", max_bytes, at_least=1, or_none=True)
    root = Path(directory)
    lock = DirectoryLock(root / form.LOCK)
    terms = Terms(source=source, selection=selection.terms, max_bytes=max_bytes, statuses=settings.statuses)
    stage = Stage(root, terms)
    now: float = yield Now()
    try:
        yield Work(partial(_prepare, root, lock))
        yield Work(partial(stage.open, int(now)))
        if not stage.is_done:
            yield from _list_jobs(stage, selection, settings)
            yield from _fetch_all(stage, settings, on_progress)
            yield Work(stage.commit)
    finally:
        # Not through an effect: an interrupted plan cannot yield any more.
        lock.release()
    return root


def _prepare(root: Path, lock: DirectoryLock) -> None:
    if root.exists() and not root.is_dir():
        raise ArchiveError(f"{root}: is a file, not a directory", path=str(root))
    with on_disk(root):
        root.mkdir(parents=True, exist_ok=True)
        lock.acquire()


def _list_jobs(stage: Stage, selection: Selection, settings: Settings) -> Plan[None]:
    """Complete the list of jobs."""
    if not stage.is_listed and selection.ids is not None:
        for job_id in selection.ids:
            if job_id not in stage.listed:
                job = yield from operations.retrieve_fine_tuning_job(job_id, settings)
                yield Work(partial(stage.add_jobs, [job]))
    elif not stage.is_listed:
        yield from _list_pages(stage, selection, settings)
    yield Work(stage.end_jobs)


def _list_pages(stage: Stage, selection: Selection, settings: Settings) -> Plan[None]:
    left = None if selection.limit is None else selection.limit - len(stage.listed)
    if left is not None and left <= 0:
        return
    after = next(reversed(stage.listed), selection.after)
    cursor = Cursor(selection.listing(after=after, limit=left), settings)
    while (page := (yield from cursor.next())) is not None:
        ages = [Head.of(job).created for job in page]
        recent = [job for job, age in zip(page, ages, strict=True) if age >= selection.since]
        yield Work(partial(stage.add_jobs, recent))
        if ages[-1] < selection.since and ages[0] > ages[-1]:
            # The service lists the newest first, so all that follow are older.
            return


def _fetch_all(stage: Stage, settings: Settings, on_progress: _OnProgress | None) -> Plan[None]:
    done, total = 0, len(stage.listed)
    while True:
        heads: list[Head] = yield Work(stage.next_heads)
        if not heads:
            return
        yield from _each([_log(stage, head, settings) for head in heads])
        files: list[str] = yield Work(partial(stage.missing_files, heads))
        yield from _each([_file(stage, name, settings) for name in files])
        yield from _share(stage, heads, settings)
        done += len(heads)
        if on_progress is not None:
            on_progress(done, total)


def _share(stage: Stage, heads: Sequence[Head], settings: Settings) -> Plan[None]:
    """Save the permissions of the jobs' checkpoints, until the server refuses."""
    if stage.refusal is not None:
        return
    names: list[str] = yield Work(partial(stage.unread_checkpoints, heads))
    # The first one separately, so that a key without access is refused only once.
    first, others = names[:1], names[1:]
    for name in first:
        yield from _permissions(stage, name, settings)
    if stage.refusal is None:
        yield from _each([_permissions(stage, name, settings) for name in others])


def _each(plans: Sequence[Plan[None]]) -> Plan[None]:
    """Run plans, a few at a time; raise the first error once the others have ended."""
    for start in range(0, len(plans), _AT_ONCE):
        some = plans[start : start + _AT_ONCE]
        if len(some) == 1:
            yield from some[0]
            continue
        results: list[Any] = yield Together(some)
        for result in results:
            if isinstance(result, FineTuningError):
                raise result


def _log(stage: Stage, head: Head, settings: Settings) -> Plan[None]:
    """Save the checkpoints and the events of a job."""
    log: Log | None = yield Work(partial(stage.log, head))
    if log is None:
        return
    listings: dict[str, tuple[str, Callable[..., Listing[Any]]]] = {
        "checkpoints": ("checkpoint", operations.list_fine_tuning_job_checkpoints),
        "events": ("event", operations.list_fine_tuning_events),
    }
    for name, (kind, listing) in listings.items():
        if name in log.ended:
            continue
        missing: str | None = None
        try:
            cursor = Cursor(listing(_as_dict, head.id, after=log.last), settings)
            while (page := (yield from cursor.next())) is not None:
                yield Work(partial(log.add, kind, page.data))
        except (ApiError, InvalidRequestError, InvalidResponse) as error:
            missing = _reason(error)
        yield Work(partial(log.end, name, missing))


def _file(stage: Stage, file_id: str, settings: Settings) -> Plan[None]:
    """Save a file: the object, and its content as the server serves it."""
    file: dict[str, Any] | None = None
    content: Path | None = None
    missing: str | None = None
    try:
        file = yield from operations.retrieve_file(file_id, settings)
        yield Work(partial(stage.require_room, file.get("bytes")))
        content = yield from download(file_id, stage.incoming(file_id), settings, decode=False)
    except (ApiError, InvalidRequestError, InvalidResponse) as error:
        if isinstance(error, InvalidRequestError) and error.field == "path":
            raise ArchiveError(f"{error}. What was saved is kept: fix this, then run it again") from error
        missing = _reason(error)
    yield Work(partial(stage.add_file, file_id, file, content, missing))


def _permissions(stage: Stage, checkpoint: str, settings: Settings) -> Plan[None]:
    """Save the permissions of a checkpoint."""
    found: list[dict[str, Any]] = []
    missing: str | None = None
    try:
        listing = operations.list_fine_tuning_checkpoint_permissions(_as_dict, checkpoint)
        found = yield from every_item(listing, settings)
    except ConfigurationError:
        stage.refuse_permissions("the client has no admin key")
        return
    except (AuthenticationFailed, PermissionDenied) as error:
        reason = f"the server responded with {error.status}: they can be read only with an admin key"
        stage.refuse_permissions(reason)
        return
    except (ApiError, InvalidRequestError, InvalidResponse) as error:
        missing = _reason(error)
    yield Work(partial(stage.add_permissions, checkpoint, found, missing))


def _reason(error: ApiError | InvalidRequestError | InvalidResponse) -> str:
    """Return why something is missing; raise the error if it may be available next time."""
    if isinstance(error, InvalidRequestError):
        return "its id cannot be used in a request"
    if isinstance(error, InvalidResponse):
        return "its response could not be read"
    if error.status in _PASSING or (error.status >= 500 and error.status != 501):
        raise error
    return str(error.status)


def _as_dict(item: Any) -> dict[str, Any]:
    found: dict[str, Any] = item.to_dict()
    return found


def _ids(jobs: Any) -> list[str]:
    """Return the ids of jobs, which are passed as handles or ids."""
    given = [jobs] if isinstance(jobs, str) or hasattr(jobs, "to_dict") else jobs
    try:
        found = [job if isinstance(job, str) else getattr(job, "id", None) for job in given]
    except TypeError:
        found = [None]
    names = [name for name in found if isinstance(name, str) and name]
    if len(names) != len(found):
        raise InvalidRequestError.of("jobs", "job handles or job ids", jobs)
    return list(dict.fromkeys(names))


def _moment(since: Any) -> float:
    if since is None:
        return float("-inf")
    if isinstance(since, datetime):
        return since.timestamp()
    if isinstance(since, int | float) and not isinstance(since, bool) and abs(since) < float("inf"):
        return float(since)
    raise InvalidRequestError.of("since", "a datetime or Unix seconds", since)
