"""Waiting until the service has processed an uploaded file."""

from __future__ import annotations

import logging

from ..errors import ConnectionFailed, DatasetError, WaitTimeout
from ..operation_settings import Settings
from ..polling import PollPolicy
from ..statuses import FileStatus
from . import operations
from .effects import SHORTEST_EXCHANGE, Now, Pause, Plan, by_deadline
from .responses import JsonObject
from .status_notices import Notices, end_of_wait

_log = logging.getLogger("finetuning_client")
_LONG = 30.0
_TIMEOUT_FOR_JOB = 600.0


def wait_processed(
    file_id: str, settings: Settings, poll: PollPolicy, *, timeout: float | None
) -> Plan[JsonObject]:
    """Read the file until the service has processed it, and return it.

    A server that reports no status counts as done. Raises `DatasetError` if the service rejected the file,
    `WaitTimeout` after `timeout` seconds.
    """
    began: float = yield Now()
    deadline = None if timeout is None else began + timeout
    reads, is_long = 0, False
    notices = Notices()
    while True:
        file = yield from _read(file_id, settings, deadline, timeout)
        status = FileStatus.of(_status_of(file), settings.statuses)
        if status.outcome == "succeeded":
            return file
        if status.is_terminal:
            from ..error_bodies import sentence

            detail = sentence(file.get("status_details")) or "no reason given"
            raise DatasetError(f"{file_id}: the service rejected the file: {detail}", path=file_id)
        notices.look(file_id, status)
        if not reads:
            _log.info("waiting until the service has processed %s, which is %r", file_id, str(status))
        reads += 1
        interval = poll.interval(reads)
        if deadline is not None:
            now: float = yield Now()
            if not is_long and now >= began + _LONG:
                is_long = True
                _log.warning("%s is still %r; processing is taking a long time", file_id, str(status))
            if now >= deadline:
                text = f"{file_id} is still {str(status)!r} after {timeout:g} s"
                raise WaitTimeout(text + end_of_wait([status]))
            interval = min(interval, deadline - now)
        yield Pause(interval)


def wait_ready_for_job(file_id: str, settings: Settings) -> Plan[JsonObject]:
    """Return `wait_processed` for a file that was uploaded for a job, with a timeout of 10 minutes."""
    return wait_processed(file_id, settings, PollPolicy(), timeout=_TIMEOUT_FOR_JOB)


def _status_of(file: JsonObject) -> str:
    status = file.get("status")
    return status if isinstance(status, str) and status else FileStatus.PROCESSED


def _read(
    file_id: str, settings: Settings, deadline: float | None, timeout: float | None
) -> Plan[JsonObject]:
    """Read the file; raise `WaitTimeout` if that fails because time is up."""
    if deadline is None:
        return (yield from operations.retrieve_file(file_id, settings))
    now: float = yield Now()
    end = deadline if now < deadline - SHORTEST_EXCHANGE else deadline + SHORTEST_EXCHANGE
    plan = operations.retrieve_file(file_id, settings.within(end - now))
    try:
        return (yield from by_deadline(plan, end))
    except ConnectionFailed as error:
        now = yield Now()
        if now < deadline:
            raise
        raise WaitTimeout(f"{file_id} could not be read within {timeout:g} s") from error
