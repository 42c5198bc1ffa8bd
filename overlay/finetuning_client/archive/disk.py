"""Writing to an archive's directory: whole files or none, lists by appending, one writer at a time."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from ..errors import ArchiveError, FineTuningError
from .format import Entry, is_whole, to_line

_PIECE = 1024 * 1024


@contextmanager
def on_disk(path: Path) -> Iterator[None]:
    """Turn errors of the operating system about `path` into `ArchiveError`."""
    try:
        yield
    except FineTuningError:
        raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        text = f"{path}: the archive cannot be read or written: {reason}"
        raise ArchiveError(
            f"{text}. What was saved is kept: fix this, then run it again", path=str(path)
        ) from error


def write_whole(path: Path, content: bytes, *, durable: bool = False) -> None:
    """Write a file completely or not at all; with `durable`, so that it survives a power failure."""
    unfinished = path.with_name(f"{path.name}.new")
    with unfinished.open("wb") as file:
        file.write(content)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    unfinished.replace(path)


def entry_of(path: Path, name: str) -> Entry:
    """Return the checksum of a file, which is called `name` in the archive."""
    digest = sha256()
    size = 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            size += len(piece)
    return Entry(name, size, digest.hexdigest())


class Journal:
    """A list that is written by appending. Anything after an incomplete line is dropped.

    A killed process leaves at most one incomplete line at its end.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self) -> Iterator[bytes]:
        """Yield the complete lines, and truncate the file after them once they have been read."""
        if not self._path.exists():
            return
        size = 0
        with self._path.open("rb") as file:
            for line in file:
                if not is_whole(line):
                    break
                size += len(line)
                yield line
        if size < self._path.stat().st_size:
            os.truncate(self._path, size)

    def append(self, *values: Mapping[str, Any]) -> int:
        """Append objects; return the bytes written."""
        text = b"".join(map(to_line, values))
        with on_disk(self._path), self._path.open("ab") as file:
            file.write(text)
        return len(text)


class DirectoryLock:
    """Lock on writing to an archive. The operating system releases it when its process ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None

    def acquire(self) -> None:
        """Take the lock. Raises `ArchiveError` if another run has it."""
        with on_disk(self._path):
            while True:
                file = self._path.open("ab")
                try:
                    _lock(file)
                    # Its last owner may have deleted the file between the two steps.
                    if os.path.samestat(os.fstat(file.fileno()), self._path.stat()):
                        self._file = file
                        return
                except FileNotFoundError:
                    pass
                except (BlockingIOError, PermissionError):
                    file.close()
                    text = f"{self._path.parent}: another process or thread is archiving to this directory"
                    raise ArchiveError(
                        f"{text}: wait for it to finish", path=str(self._path.parent)
                    ) from None
                file.close()

    def release(self) -> None:
        """Release the lock, if it is held."""
        if self._file is None:
            return
        if sys.platform == "win32":
            # Windows does not delete an open file.
            self._file.close()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
        self._file.close()
        self._file = None


if sys.platform == "win32":
    import msvcrt

    def _lock(file: BinaryIO) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
