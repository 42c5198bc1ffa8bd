"""Fetching a file's content: into memory, or onto the disk, whole or not at all.

A download that is cut goes on where it stopped, if the server can; it is begun again otherwise. A result file
that is served base64-encoded is decoded.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO

from finetuning_api.api.files import download_file

from ..errors import FineTuningError, InvalidRequestError, InvalidResponse
from ..policies import Conduct
from .effects import Answer, Broken, Draw, Plan, Request, Work
from .exchange import Attempts, invalid

__all__ = ["content", "download"]

# How a result file begins when it is encoded: "step," of its header.
_ENCODED_HEADER = base64.b64encode(b"step,t")[:7]
_BEGINNING = 1024
_PIECE = 3 * 1024 * 256
# Stands for a length that nothing has.
_OTHER_PIECE = -1


def content(file_id: str, conduct: Conduct) -> Plan[bytes]:
    """The whole content of a file, in memory, as the service serves it."""
    request = Request.of(download_file.build_request, file_id)
    attempts = Attempts(request, conduct)
    while True:
        memory = _Memory()
        outcome = yield from attempts.send(memory)
        if isinstance(outcome, Answer) and outcome.ok:
            body = b"".join(memory.pieces)
            _require_content(outcome, request, body)
            return body
        yield from attempts.pause_or_raise(outcome)


def download(file_id: str, target: str | os.PathLike[str], conduct: Conduct) -> Plan[Path]:
    """Fetch a file's content into `target`, which is written whole or not at all; return its path.

    Raises `InvalidRequestError` where it cannot be written, a full disk included.
    """
    request = Request.of(download_file.build_request, file_id)
    if not isinstance(target, str | os.PathLike):
        raise _unwritable(target, "not a path")
    path = Path(target)
    with _writing(path):
        if not path.name or path.is_dir():
            raise _unwritable(path, "is a directory")
        draw: float = yield Draw()
        # A name of its own, since several may be fetching the same file.
        part = path.with_name(f".{path.name}.{os.getpid()}-{int(draw * 1e9)}.part")
        try:
            with part.open("w+b") as file:
                yield from _fetch(request, _Disk(file, path), conduct)
                yield Work(partial(_decode, file, path))
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    return path


def _fetch(request: Request, disk: _Disk, conduct: Conduct) -> Plan[None]:
    attempts = Attempts(request, conduct)
    furthest = 0
    while True:
        attempts.request = request.with_headers(disk.wish())
        outcome = yield from attempts.send(disk)
        if disk.size > furthest:
            # What got further is no failure in a row: a long download may be cut many times.
            furthest = disk.size
            attempts = Attempts(request, conduct)
            attempts.made = 1
        if isinstance(outcome, Answer) and outcome.status == 416:
            disk.forget()
            outcome = Broken("the server cannot go on where the download stopped", delivered=False)
        elif isinstance(outcome, Answer) and outcome.ok:
            _require_content(outcome, request, disk.beginning())
            if disk.is_whole:
                return
            outcome = Broken(disk.fault, delivered=False)
        yield from attempts.pause_or_raise(outcome)


def _require_content(answer: Answer, request: Request, body: bytes) -> None:
    """Refuse a page of somebody in between: files of the service are never served as HTML."""
    if answer.headers.get("content-type", "").lower().startswith("text/html"):
        raise invalid(replace(answer, body=body), request, "the body is a page, not the content of a file")


class _Memory:
    """A sink that keeps everything."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def begin(self, answer: Answer) -> None:  # noqa: ARG002  nothing in it matters here
        self.pieces.clear()

    def write(self, piece: bytes) -> None:
        self.pieces.append(piece)


class _Disk:
    """A sink that writes to a file, and knows how much of it is there."""

    def __init__(self, file: IO[bytes], path: Path) -> None:
        self._file = file
        self._path = path
        self._mark = ""
        self.size = 0
        self.expected: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether as much came as was announced."""
        return self.expected is None or self.size == self.expected

    @property
    def fault(self) -> str:
        """What is wrong with what came."""
        if self.expected == _OTHER_PIECE:
            return "the server sent another piece than was asked for"
        return f"{self.size} bytes came instead of {self.expected}"

    def wish(self) -> dict[str, str]:
        """The headers that ask for what is still missing, if it is still the same content."""
        if not self.size or not self._mark:
            # Encoded on the way, a body would have no length to check.
            return {"Accept-Encoding": "identity"}
        return {
            "Accept-Encoding": "identity",
            "Range": f"bytes={self.size}-",
            "If-Range": self._mark,
        }

    def begin(self, answer: Answer) -> None:
        """Go on if the server does, from the start otherwise."""
        headers = answer.headers
        given, _, total = headers.get("content-range", "").partition("/")
        goes_on = answer.status == 206 and given.startswith(f"bytes {self.size}-")
        if not goes_on:
            self.forget()
        plain = headers.get("content-encoding", "identity") == "identity"
        # A weak mark only promises that the content means the same, not that its bytes are the same.
        mark = headers.get("etag", "")
        self._mark = mark if plain and not mark.startswith("W/") else ""
        length = headers.get("content-length", "")
        if goes_on and total.isdecimal():
            self.expected = int(total)
        elif answer.status == 206 and not goes_on:
            # Another piece than the one asked for is nothing to begin with.
            self.expected, self._mark = _OTHER_PIECE, ""
        else:
            self.expected = self.size + int(length) if length.isdecimal() and plain else None

    def write(self, piece: bytes) -> None:
        """Write a piece; a full disk becomes an error of ours."""
        with _writing(self._path):
            self._file.write(piece)
        self.size += len(piece)

    def beginning(self) -> bytes:
        """The first bytes of what is there."""
        self._file.seek(0)
        found = self._file.read(_BEGINNING)
        self._file.seek(self.size)
        return found

    def forget(self) -> None:
        """Begin again."""
        with _writing(self._path):
            self._file.seek(0)
            self._file.truncate()
        self.size, self._mark = 0, ""


def _decode(file: IO[bytes], path: Path) -> None:
    """Put the table of a result file that came encoded in the place of its code."""
    with _writing(path):
        file.seek(0)
        if file.read(len(_ENCODED_HEADER)) != _ENCODED_HEADER:
            file.flush()
            return
        read = write = 0
        rest = b""
        while True:
            file.seek(read)
            piece = file.read(_PIECE)
            read += len(piece)
            code = rest + b"".join(piece.split())
            whole = len(code) - len(code) % 4 if piece else len(code)
            rest = code[whole:]
            try:
                table = base64.b64decode(code[:whole], validate=True)
            except ValueError as error:
                raise InvalidResponse(f"{path.name}: begins as base64, and is not: {error}") from error
            file.seek(write)
            write += file.write(table)
            if not piece:
                break
        file.truncate(write)
        file.flush()


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Turn what the operating system says of `path` into an error of ours."""
    try:
        yield
    except FineTuningError:
        raise
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from error


def _unwritable(path: object, error: OSError | ValueError | str) -> InvalidRequestError:
    reason = getattr(error, "strerror", None) or error
    return InvalidRequestError(f"{path}: cannot be written: {reason}", field="path", value=path)
