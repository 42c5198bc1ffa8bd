"""Source of an upload: a path, bytes, or an open binary file, opened and checked in one way."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import BinaryIO, Self, TypeAlias, cast

from .errors import DatasetError, FineTuningError, InvalidRequestError

Source: TypeAlias = str | os.PathLike[str] | bytes | BinaryIO
"""A path (as `str` or `Path`), the content itself, or a seekable binary file."""

LARGEST_FILE = 512 * 1024 * 1024
"""Size limit of a file sent in one request, in bytes; a larger one is sent in parts."""

_PIECE = 1024 * 1024


class Payload:
    """An opened source: `size` bytes that can be read from position 0, and their name on the service.

    Reading it accesses the disk. As a context manager it closes a file that was opened here.

    Attributes:
        file: the open file.
        name: the name on the service.
        size: in bytes.
    """

    __slots__ = ("_lock", "_path", "_shown", "_state", "file", "name", "size")

    def __init__(
        self,
        file: BinaryIO,
        name: str,
        shown: str,
        path: Path | None = None,
        *,
        may_be_empty: bool = False,
    ) -> None:
        with reading(shown):
            if isinstance(file.read(0), str):
                raise InvalidRequestError.of("file", "open in binary mode", shown, ": open(path, 'rb')")
            size = file.seek(0, io.SEEK_END)
            file.seek(0)
        if size == 0 and not may_be_empty:
            raise DatasetError(f"{shown}: is empty", path=shown)
        self.file = file
        # A name on disk may contain bytes that are not text, which a request cannot contain.
        self.name = name.encode("utf-8", "replace").decode()
        self.size = size
        self._shown = shown
        self._path = path
        self._state = _state_of(file)
        self._lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._path is not None:
            self.file.close()

    def part(
        self, start: int = 0, size: int | None = None, on_read: Callable[[int], object] | None = None
    ) -> BinaryIO:
        """Return `size` bytes from `start` on (the rest, if `None`) as a file; several can be read at once.

        `on_read` is called with the position in the part after each read.
        """
        size = self.size - start if size is None else size
        return cast("BinaryIO", _Part(self, start, size, on_read))

    def read_at(self, position: int, size: int) -> bytes:
        """Return at most `size` bytes from `position` on; safe to call from several threads."""
        with self._lock:
            self.file.seek(position)
            return self.file.read(size)

    def require_unchanged(self, during: str = "upload") -> None:
        """Raise `DatasetError` if the file changed since it was opened."""
        with reading(self._shown):
            now = _state_of(self.file if self._path is None else self._path)
        if now != self._state:
            raise self.changed(during)

    def changed(self, during: str = "upload") -> DatasetError:
        """Return the error for a file that changed."""
        advice = f"{during} it again once nothing is writing to it"
        return DatasetError(f"{self._shown}: changed during the {during}: {advice}", path=self._shown)

    def md5(self) -> str:
        """Return the MD5 of the content, in hexadecimal, as the service checks it."""
        digest = hashlib.md5(usedforsecurity=False)
        with reading(self._shown):
            self.file.seek(0)
            while piece := self.file.read(_PIECE):
                digest.update(piece)
        return digest.hexdigest()


class _Part(io.RawIOBase):
    """A range of a payload as a separate file, of exactly the announced length."""

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
        """Return the position, from 0."""
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Return at most `size` bytes from the position on. Raises `DatasetError` if the file shrank."""
        left = max(self._size - self._at, 0)
        wanted = left if size < 0 else min(size, left)
        piece = self._payload.read_at(self._start + self._at, wanted)
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


def open_source(source: Source, filename: str | None = None, *, may_be_empty: bool = False) -> Payload:
    """Open a source for reading; on the service it is named `filename`, or after the file on disk if `None`.

    Raises `DatasetError` for a path that is missing, a directory or unreadable, and for an empty source
    unless it may be empty; `InvalidRequestError` for a value that is not a source.
    """
    if filename is not None and (not isinstance(filename, str) or not filename):
        raise InvalidRequestError.of("filename", "a name or None", filename)
    if isinstance(source, bytes | bytearray):
        return Payload(
            io.BytesIO(source), filename or "upload.jsonl", "the content", may_be_empty=may_be_empty
        )
    if isinstance(source, str | os.PathLike):
        return _open_path(Path(os.fsdecode(source)), filename, may_be_empty)
    if hasattr(source, "read") and hasattr(source, "seek"):
        given = getattr(source, "name", None)
        name = filename or (Path(given).name if isinstance(given, str) else "upload.jsonl")
        return Payload(source, name, name, may_be_empty=may_be_empty)
    rule, end = "a path, bytes, or an open binary file", f", not {type(source).__name__}"
    raise InvalidRequestError.of("file", rule, source, end)


def _open_path(path: Path, filename: str | None, may_be_empty: bool) -> Payload:
    with reading(str(path)):
        # Checked before it is opened, since opening a pipe waits for its other end.
        if path.exists() and not path.is_file():
            what = "a directory" if path.is_dir() else "a device or a pipe"
            raise DatasetError(f"{path}: is {what}, not a file", path=str(path))
        file = path.open("rb")
    try:
        return Payload(file, filename or path.name, str(path), path, may_be_empty=may_be_empty)
    except BaseException:
        file.close()
        raise


def require_readable(path: Path) -> None:
    """Raise `DatasetError` for a path that cannot be uploaded."""
    open_source(path).__exit__()


@contextmanager
def reading(shown: str) -> Iterator[None]:
    """Turn errors of the operating system about `shown` into `DatasetError`."""
    try:
        yield
    except FineTuningError:
        raise
    except FileNotFoundError:
        raise DatasetError(f"{shown}: no such file{home_hint(shown)}", path=shown) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DatasetError(f"{shown}: cannot be read: {reason}", path=shown) from error


def home_hint(path: object) -> str:
    """Return what to do about a path that begins with `~`, which only a shell expands; else nothing."""
    return "; for the home directory, use Path(...).expanduser()" if str(path).startswith("~") else ""
