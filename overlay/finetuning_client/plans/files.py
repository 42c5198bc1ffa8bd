"""Sending files in one request, and waiting until the service has looked at them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from finetuning_api.api.files import (
    create_file,
    delete_file,
    list_files,
    retrieve_file,
)
from finetuning_api.models.create_file_request import CreateFileRequest
from finetuning_api.models.delete_file_response import DeleteFileResponse
from finetuning_api.models.list_files_response import ListFilesResponse
from finetuning_api.models.open_ai_file import OpenAIFile
from finetuning_api.types import File

from ..errors import (
    DatasetError,
    FineTuningError,
    InvalidResponse,
    WaitTimeout,
)
from ..policies import Conduct, PollPolicy, http_date
from ..sources import Payload
from ..statuses import FileStatus
from .effects import Answer, Now, Pause, Plan, Request
from .exchange import Attempts, exchange, fetch_same, noted, read_object, remove
from .search import search

__all__ = ["delete", "find_sent", "retrieve", "upload", "wait_processed"]

_LOOKED_THROUGH = 100
# How far the clocks may differ where the server does not tell its time, and the rounding where it does.
_CLOCK_SKEW, _ROUNDING = 300.0, 2.0


def upload(
    payload: Payload,
    fields: Mapping[str, Any],
    conduct: Conduct,
    on_progress: Callable[[int, int], object] | None = None,
) -> Plan[OpenAIFile]:
    """Upload a file in one request, at most once, and return it.

    When an answer is lost, the newest files are searched for one of the same name, size and purpose that came
    since; it is the result. The file is read from its beginning at each attempt.
    """
    filename, size = payload.name, payload.size
    content = payload.part(on_read=on_progress and partial(_reported, on_progress, size))
    body = CreateFileRequest.from_dict({**fields, "file": File(content, filename, "application/jsonl")})
    request = Request.of(create_file.build_request, body=body)
    attempts = Attempts(request, conduct)
    began: float = yield Now()
    while True:
        sent: float = yield Now()
        outcome = yield from attempts.send()
        result = yield from attempts.judge(outcome, OpenAIFile, "id")
        if isinstance(result, OpenAIFile):
            return result
        if result is not None:
            if not conduct.exactly_once:
                raise noted(result, "Whether the file arrived is not known: look at the list of files first.")
            purpose = str(fields["purpose"])
            found = yield from find_sent(filename, size, purpose, began, sent, conduct, result)
            if found is not None:
                return found
            if isinstance(result, InvalidResponse):
                raise result
        if not isinstance(outcome, Answer):
            payload.require_unchanged()
        yield from attempts.pause_or_raise(outcome)


def _reported(on_progress: Callable[[int, int], object], size: int, position: int) -> None:
    on_progress(position, size)


def find_sent(
    filename: str,
    size: int,
    purpose: str,
    began: float,
    sent: float,
    conduct: Conduct,
    lost: FineTuningError,
) -> Plan[OpenAIFile | None]:
    """The file that a lost upload made, or `None`. Raises `lost` where that cannot be told.

    `began` is when the upload began, `sent` when the attempt that was lost was sent.
    """
    return search(partial(_found, filename, size, purpose, began, conduct, lost), sent)


def _found(
    filename: str, size: int, purpose: str, began: float, conduct: Conduct, lost: FineTuningError
) -> Plan[OpenAIFile | None]:
    """Look for the file once."""
    request = Request.of(list_files.build_request, purpose=purpose, limit=_LOOKED_THROUGH)
    try:
        answer = yield from exchange(request, conduct)
        newest = read_object(answer, request, ListFilesResponse, "data")
    except FineTuningError as error:
        note = f"Whether the file arrived could not be found out ({error}): look at the list of files first."
        raise noted(lost, note) from error
    now: float = yield Now()
    date = http_date(answer.headers.get("date"))
    # By the server's clock, or an earlier file of the same name and size would be taken for this one.
    since = began - _CLOCK_SKEW if date is None else began + date - now - _ROUNDING
    for file in newest.data:
        recent = not isinstance(file.created_at, int | float) or file.created_at >= since
        same = file.filename == filename and file.bytes == size and file.purpose == purpose
        if same and recent and isinstance(file.id, str):
            return file
    return None


def retrieve(file_id: str, conduct: Conduct) -> Plan[OpenAIFile]:
    """Read what the service says of a file."""
    return fetch_same(Request.of(retrieve_file.build_request, file_id), conduct, OpenAIFile, file_id)


def delete(file_id: str, conduct: Conduct) -> Plan[DeleteFileResponse]:
    """Delete a file."""
    gone = DeleteFileResponse(id=file_id, object="file", deleted=True)
    return remove(Request.of(delete_file.build_request, file_id), gone, conduct)


def wait_processed(
    file_id: str, conduct: Conduct, poll: PollPolicy, *, timeout: float | None
) -> Plan[OpenAIFile]:
    """Look at the file until the service is done with it, and return it.

    A server that reports no status is taken to be done. Raises `DatasetError` where the service refuses the
    file, `WaitTimeout` after `timeout` seconds.
    """
    began: float = yield Now()
    request = Request.of(retrieve_file.build_request, file_id)
    looks = 0
    while True:
        file = yield from fetch_same(request, conduct, OpenAIFile, file_id)
        status = FileStatus(file.status) if isinstance(file.status, str) else FileStatus.PROCESSED
        if status is FileStatus.ERROR:
            detail = file.status_details if isinstance(file.status_details, str) else "no details given"
            raise DatasetError(f"{file_id}: the service refuses the file: {detail}", path=file_id)
        if status.is_terminal:
            return file
        looks += 1
        interval = poll.interval(looks)
        if timeout is not None:
            now: float = yield Now()
            left = began + timeout - now
            if left <= 0:
                raise WaitTimeout(f"{file_id} is still {str(status)!r} after {timeout:g} s")
            interval = min(interval, left)
        yield Pause(interval)
