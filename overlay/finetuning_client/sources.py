"""What an upload reads from: a path, bytes, or an open binary file, brought to one form and checked first."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import BinaryIO, TypeAlias, cast

from .errors import DatasetError, FineTuningError, InvalidRequestError

__all__ = ["LARGEST_FILE", "Payload", "Source", "opened", "reading"]

Source: TypeAlias = str | os.PathLike[str] | bytes | BinaryIO
"""A path (as `str` or `Path`), the content itself, or a binary file that can be sought."""

LARGEST_FILE = 512 * 1024 * 1024
"""How many bytes a file sent in one request may have; a larger one is sent in parts."""

_PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Payload:
    """A source made ready: `file` holds `size` bytes from position 0, to be called `name` at the service.

    `shown` is what errors call it, `path` where it is on disk, and `state` its size and time of change there
    when it was opened; `None` where it is not on disk.
    """

    file: BinaryIO
    name: str
    size: int
    shown: str
    path: Path | None = None
    state: tuple[int, int] | None = None
    lock: Lock = field(default_factory=Lock)

    def part(
        self, start: int = 0, size: int | None = None, on_read: Callable[[int], object] | None = None
    ) -> BinaryIO:
        """`size` bytes from `start` on (the rest, if `None`) as a file; several can be read at once.

        `on_read` is told the position in the part after each reading.
        """
        size = self.size - start if size is None else size
        return cast("BinaryIO", _Part(self, start, size, on_read))

    def require_unchanged(self) -> None:
        """Raise `DatasetError` if the file on disk is not what it was when it was opened."""
        with reading(self.shown):
            now = _state_of(self.file if self.path is None else self.path)
        if now != self.state:
            raise self.changed()

    def changed(self) -> DatasetError:
        """The error for a file that is not what it was."""
        return DatasetError(
            f"{self.shown}: changed while it was being sent: send it again when it is complete",
            path=self.shown,
        )

    def md5(self) -> str:
        """The MD5 of the content, in hexadecimal, as the service checks it."""
        digest = hashlib.md5(usedforsecurity=False)
        with reading(self.shown):
            self.file.seek(0)
            while piece := self.file.read(_PIECE):
                digest.update(piece)
        return digest.hexdigest()


class _Part(io.RawIOBase):
    """Some bytes of a payload as a file of its own, which has exactly the length that was announced."""

    def __init__(
        self, payload: Payload, start: int, size: int, on_read: Callable[[int], object] | None
    ) -> None:
        super().__init__()
        self._payload, self._start, self._size, self._on_read = payload, start, size, on_read
        self._at = 0

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position, counted as for any file."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(base + offset, 0)
        return self._at

    def tell(self) -> int:
        """The position, from 0."""
        return self._at

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes from the position on. Raises `DatasetError` where the source has lost them."""
        left = max(self._size - self._at, 0)
        wanted = left if size < 0 else min(size, left)
        with self._payload.lock:
            self._payload.file.seek(self._start + self._at)
            piece = self._payload.file.read(wanted)
        if wanted and not piece:
            raise self._payload.changed()
        self._at += len(piece)
        if self._on_read is not None:
            self._on_read(self._at)
        return piece


def _state_of(place: Path | BinaryIO) -> tuple[int, int] | None:
    if isinstance(place, Path):
        found = place.stat()
    else:
        try:
            found = os.fstat(place.fileno())
        except (AttributeError, OSError, ValueError):
            return None
    return found.st_size, found.st_mtime_ns


@contextmanager
def opened(source: Source, filename: str | None = None) -> Iterator[Payload]:
    """The source, open for reading; what was opened here is closed again.

    Raises `DatasetError` for a path that is missing, a directory, unreadable or empty, and
    `InvalidRequestError` for what is no source.
    """
    if filename is not None and (not isinstance(filename, str) or not filename):
        rule = "a name, or None"
        raise InvalidRequestError(
            f"filename: must be {rule}, not {filename!r}", field="filename", limit=rule, value=filename
        )
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
            payload = _checked(file, filename or path.name, str(path))
            yield replace(payload, path=path)
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
    return Payload(file, name.encode("utf-8", "replace").decode(), size, shown, state=_state_of(file))


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
