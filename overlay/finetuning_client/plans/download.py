"""Download of a file's content: into memory, or onto the disk, whole or not at all.

A download that is cut is resumed where it stopped, if the server can; it is restarted otherwise. A result
file that is served base64-encoded is decoded.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from finetuning_api.api.files import download_file

from ..settings import Settings
from .attempts import Attempts
from .effects import Draw, NoResponse, Plan, Request, Response, Work
from .partial_file import PartialFile, unwritable
from .responses import invalid_response


def content(file_id: str, settings: Settings) -> Plan[bytes]:
    """Return the whole content of a file, in memory, as the service serves it."""
    request = Request.of(download_file.build_request, file_id)
    attempts = Attempts(request, settings)
    while True:
        memory = _Memory()
        outcome = yield from attempts.send(memory)
        if isinstance(outcome, Response) and outcome.ok:
            body = b"".join(memory.pieces)
            _require_content(outcome, request, body)
            return body
        yield from attempts.pause_or_raise(outcome)


def download(file_id: str, target: str | os.PathLike[str], settings: Settings) -> Plan[Path]:
    """Download a file's content to `target`, which is written whole or not at all; return its path.

    Raises `InvalidRequestError` where it cannot be written, a full disk included.
    """
    request = Request.of(download_file.build_request, file_id)
    if not isinstance(target, str | os.PathLike):
        raise unwritable(target, "not a path")
    path = Path(target)
    draw: float = yield Draw()
    file: PartialFile = yield Work(partial(PartialFile, path, int(draw * 1e9)))
    try:
        yield from _receive(request, file, settings)
        yield Work(file.finish)
    finally:
        # Not by an effect: an interrupted plan can yield no more.
        file.discard()
    return path


def _receive(request: Request, file: PartialFile, settings: Settings) -> Plan[None]:
    attempts = Attempts(request, settings)
    furthest = 0
    while True:
        attempts.request = request.with_headers(file.range_headers())
        outcome = yield from attempts.send(file)
        if file.size > furthest:
            # Progress ends a row of failures: a long download may be cut many times.
            furthest = file.size
            attempts = Attempts(request, settings)
            attempts.made = 1
        if isinstance(outcome, Response) and outcome.status == 416:
            yield Work(file.restart)
            outcome = NoResponse("the server cannot resume where the download stopped", delivered=False)
        elif isinstance(outcome, Response) and outcome.ok:
            beginning: bytes = yield Work(file.beginning)
            _require_content(outcome, request, beginning)
            if file.is_whole:
                return
            outcome = NoResponse(file.fault, delivered=False)
        yield from attempts.pause_or_raise(outcome)


def _require_content(response: Response, request: Request, body: bytes) -> None:
    """Refuse an HTML page from a proxy: the service never serves files as HTML."""
    if response.headers.get("content-type", "").lower().startswith("text/html"):
        page = replace(response, body=body)
        raise invalid_response(page, request, "the body is an HTML page, not the content of a file")


class _Memory:
    """A sink that keeps everything in memory."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def begin(self, response: Response) -> None:  # noqa: ARG002  its headers do not matter here
        self.pieces.clear()

    def write(self, piece: bytes) -> None:
        self.pieces.append(piece)
