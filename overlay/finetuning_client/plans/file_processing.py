"""Waiting until the service has processed an uploaded file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ConnectionFailed, DatasetError, WaitTimeout
from ..polling import PollPolicy
from ..settings import Settings
from ..statuses import FileStatus
from . import operations
from .effects import SHORTEST_EXCHANGE, Now, Pause, Plan, by_deadline

if TYPE_CHECKING:
    from finetuning_api.models.open_ai_file import OpenAIFile


def wait_processed(
    file_id: str, settings: Settings, poll: PollPolicy, *, timeout: float | None
) -> Plan[OpenAIFile]:
    """Read the file until the service has processed it, and return it.

    A server that reports no status counts as done. Raises `DatasetError` if the service rejected the file,
    `WaitTimeout` after `timeout` seconds.
    """
    began: float = yield Now()
    deadline = None if timeout is None else began + timeout
    reads = 0
    while True:
        file = yield from _read(file_id, settings, deadline, timeout)
        status = FileStatus(file.status) if isinstance(file.status, str) else FileStatus.PROCESSED
        if status.outcome == "failed":
            detail = file.status_details if isinstance(file.status_details, str) else "no reason given"
            raise DatasetError(f"{file_id}: the service rejected the file: {detail}", path=file_id)
        if status.is_terminal:
            return file
        reads += 1
        interval = poll.interval(reads)
        if deadline is not None:
            now: float = yield Now()
            if now >= deadline:
                text = f"{file_id} is still {str(status)!r} after {timeout:g} s"
                raise WaitTimeout(f"{text}; processing continues at the service")
            interval = min(interval, deadline - now)
        yield Pause(interval)


def _read(
    file_id: str, settings: Settings, deadline: float | None, timeout: float | None
) -> Plan[OpenAIFile]:
    """Read the file; raise `WaitTimeout` where that fails because time is up."""
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
        raise WaitTimeout(f"{file_id} cannot be read: {timeout:g} s are over") from error
