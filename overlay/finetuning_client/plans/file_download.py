"""Download of a file's content: into memory, or to disk, completely or not at all.

An interrupted download is resumed where it stopped, if the server supports that, or restarted otherwise. A
result file that is served base64-encoded is decoded.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from finetuning_api.api.files import download_file

from ..arguments import require_whole
from ..errors import InvalidResponse
from ..operation_settings import Settings
from ..record import replace
from .attempts import Attempts
from .effects import Draw, NoResponse, Plan, Request, Response, Work
from .responses import invalid_response
from .resumable_content import PartialBytes, PartialContent, PartialFile, unwritable

LARGEST_CONTENT = 256 * 1024 * 1024
"""Default limit of the bytes of a file that are read into memory."""

# The media type in the contract; a server that negotiates content refuses to send a file as JSON.
_ACCEPT = {"accept": "application/octet-stream"}


def content(file_id: str, settings: Settings, *, max_bytes: int = LARGEST_CONTENT) -> Plan[bytes]:
    """Return the whole content of a file, in memory, as the service serves it.

    Raises `InvalidResponse` for a file of more than `max_bytes`.
    """
    require_whole("max_bytes", max_bytes, at_least=1)
    request = Request.of(download_file.build_request, file_id)
    received = PartialBytes(request, max_bytes)
    yield from _receive(request, received, settings)
    return received.value()


def download(
    file_id: str, target: str | os.PathLike[str], settings: Settings, *, decode: bool = True
) -> Plan[Path]:
    """Download a file's content to `target`, which is written completely or not at all; return its path.

    Without `decode` a result file that is served base64-encoded stays so. Raises `InvalidRequestError` if it
    cannot be written, for instance because the disk is full.
    """
    request = Request.of(download_file.build_request, file_id)
    if not isinstance(target, str | os.PathLike):
        raise unwritable(target, "not a path")
    path = Path(target)
    draw: float = yield Draw()
    file = PartialFile(path, int(draw * 1e9))
    try:
        yield Work(file.open)
        yield from _receive(request, file, settings)
        yield Work(partial(file.finish, decode=decode))
    finally:
        # Not through an effect: an interrupted plan cannot yield any more.
        file.discard()
    return path


def _receive(request: Request, file: PartialContent, settings: Settings) -> Plan[None]:
    attempts = Attempts(request, settings)
    furthest = 0
    was_empty = False
    while True:
        attempts.request = request.with_headers({**_ACCEPT, **file.range_headers()})
        outcome = yield from attempts.send(file)
        unreadable: InvalidResponse | None = None
        if file.size > furthest:
            # Progress resets the count of failures: a long download may be cut many times.
            furthest = file.size
            attempts = Attempts(request, settings)
            attempts.made = 1
        if isinstance(outcome, Response) and outcome.status == 416:
            yield Work(file.restart)
            outcome = NoResponse("the server cannot resume where the download stopped", delivered=False)
        elif isinstance(outcome, Response) and outcome.ok:
            beginning: bytes = yield Work(file.beginning)
            unreadable = _not_content(outcome, request, beginning)
            is_last = was_empty or attempts.made >= settings.retry.max_attempts
            if file.is_whole and (unreadable is None or (not beginning and is_last)):
                return
            was_empty = not beginning
            if unreadable is None:
                outcome = NoResponse(file.fault, delivered=False)
            else:
                yield Work(file.restart)
        yield from attempts.pause_or_raise(outcome, unreadable)


def _not_content(response: Response, request: Request, body: bytes) -> InvalidResponse | None:
    """Return the error for a success that is probably not the content of a file; `body` is its beginning.

    That is an HTML page from a proxy, since the service never serves files as HTML, or no content at all: a
    file may be empty, but a retry is worth it.
    """
    page = replace(response, body=body)
    if response.headers.get("content-type", "").lower().startswith("text/html"):
        return invalid_response(page, request, "the body is an HTML page, not the content of a file")
    return None if body else invalid_response(page, request, "the body is empty")
