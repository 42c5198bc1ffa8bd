"""What an upload reads from: a path, bytes, or an open binary file, brought to one form and checked first."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import BinaryIO, TypeAlias

from .errors import DatasetError, FineTuningError, InvalidRequestError

__all__ = ["LARGEST_FILE", "Counted", "Payload", "Slice", "Source", "opened", "reading"]

Source: TypeAlias = str | os.PathLike[str] | bytes | BinaryIO
"""A path (as `str` or `Path`), the content itself, or a binary file that can be sought."""

LARGEST_FILE = 512 * 1024 * 1024
"""How many bytes a file sent in one request may have; a larger one is sent in parts."""

_PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Payload:
    """A source made ready: `file` yields `size` bytes from position 0, to be called `name` at the service.

    `path` and `state` (its size and time of change when opened) are of a source on disk.
    """

    file: BinaryIO
    name: str
    size: int
    path: Path | None = None
    state: tuple[int, int] | None = None

    def require_unchanged(self) -> None:
        """Raise `DatasetError` if the file on disk is not what it was when it was opened."""
        if self.path is None:
            return
        with reading(str(self.path)):
            now = _state_of(self.path)
        if now != self.state:
            raise DatasetError(
                f"{self.path}: changed while it was being sent: send it again when it is complete",
                path=str(self.path),
            )

    def md5(self) -> str:
        """The MD5 of the content, in hexadecimal, as the service checks it."""
        digest = hashlib.md5(usedforsecurity=False)
        with reading(self.name):
            self.file.seek(0)
            while piece := self.file.read(_PIECE):
                digest.update(piece)
        return digest.hexdigest()


class Slice(io.RawIOBase):
    """`size` bytes of a file from position `start`, as a file of its own; several may be read at once."""

    def __init__(self, file: BinaryIO, lock: Lock, start: int, size: int) -> None:
        super().__init__()
        self._file, self._lock, self._start, self._size, self._at = file, lock, start, size, 0

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position, counted as for any file."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(base + offset, 0)
        return self._at

    def tell(self) -> int:
        """The position, from 0."""
        return self._at

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes from the position on."""
        left = max(self._size - self._at, 0)
        wanted = left if size < 0 else min(size, left)
        with self._lock:
            self._file.seek(self._start + self._at)
            piece = self._file.read(wanted)
        self._at += len(piece)
        return piece


class Counted:
    """A file that tells how far it has been read, for progress."""

    def __init__(self, file: BinaryIO, tell: Callable[[int], object]) -> None:
        self._file, self._tell = file, tell

    def read(self, size: int = -1) -> bytes:
        """Read on, and tell the position."""
        piece = self._file.read(size)
        self._tell(self._file.tell())
        return piece

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)


def _state_of(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


@contextmanager
def opened(source: Source, filename: str | None = None) -> Iterator[Payload]:
    """The source, open for reading; what was opened here is closed again.

    Raises `DatasetError` for a path that is missing, a directory, unreadable or empty, and
    `InvalidRequestError` for what is no source.
    """
    if isinstance(source, bytes | bytearray):
        content = io.BytesIO(source)
        yield _checked(content, filename or "upload.jsonl", "the content")
    elif isinstance(source, str | os.PathLike):
        path = Path(os.fsdecode(source))
        with reading(str(path)):
            # Asked before it is opened, since opening a pipe waits for its other end.
            if path.exists() and not path.is_file():
                what = "a directory" if path.is_dir() else "a device or a pipe"
                raise DatasetError(f"{path}: is {what}, not a file", path=str(path))
            file = path.open("rb")
        with file:
            found = os.fstat(file.fileno())
            payload = _checked(file, filename or path.name, str(path))
            yield replace(payload, path=path, state=(found.st_size, found.st_mtime_ns))
    elif hasattr(source, "read") and hasattr(source, "seek"):
        given = getattr(source, "name", None)
        name = filename or (Path(given).name if isinstance(given, str) else "upload.jsonl")
        yield _checked(source, name, name)
    else:
        rule = "a path, bytes, or an open binary file"
        raise InvalidRequestError(
            f"file: must be {rule}, not {type(source).__name__}",
            field="file",
            limit=rule,
            value=source,
        )


def _checked(file: BinaryIO, name: str, shown: str) -> Payload:
    with reading(shown):
        if isinstance(file.read(0), str):
            rule = "open in binary mode"
            raise InvalidRequestError(
                f"file: {shown} must be {rule}: open(path, 'rb')", field="file", limit=rule, value=shown
            )
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
    if size == 0:
        raise DatasetError(f"{shown}: is empty", path=shown)
    # A name on disk may hold bytes that are no text, which no request can carry.
    return Payload(file, name.encode("utf-8", "replace").decode(), size)


@contextmanager
def reading(shown: str) -> Iterator[None]:
    """Turn what the operating system says of `shown` into an error of ours."""
    try:
        yield
    except FineTuningError:
        raise
    except FileNotFoundError:
        raise DatasetError(f"{shown}: there is no such file", path=shown) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DatasetError(f"{shown}: cannot be read: {reason}", path=shown) from error
