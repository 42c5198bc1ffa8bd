"""What an upload reads from: a path, bytes, or an open binary file, brought to one form and checked first."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias

from .errors import DatasetError, InvalidRequestError

__all__ = ["LARGEST_FILE", "Payload", "Source", "opened"]

Source: TypeAlias = str | os.PathLike[str] | bytes | BinaryIO
"""A path (as `str` or `Path`), the content itself, or a binary file that can be sought."""

LARGEST_FILE = 512 * 1024 * 1024
"""How many bytes a file sent in one request may have."""


@dataclass(frozen=True, slots=True)
class Payload:
    """A source made ready: `file` yields `size` bytes from position 0, to be called `name` at the service."""

    file: BinaryIO
    name: str
    size: int


@contextmanager
def opened(source: Source, filename: str | None = None) -> Iterator[Payload]:
    """The source, open for reading; what was opened here is closed again.

    Raises `DatasetError` for a path that is missing, a directory, unreadable or empty, and
    `InvalidRequestError` for what is no source, or is too large for one request.
    """
    if isinstance(source, bytes | bytearray):
        content = io.BytesIO(source)
        yield _checked(content, filename or "upload.jsonl", "the content")
    elif isinstance(source, str | os.PathLike):
        path = Path(source)
        try:
            file = path.open("rb")
        except IsADirectoryError:
            raise DatasetError(f"{path}: is a directory, not a file", path=str(path)) from None
        except FileNotFoundError:
            raise DatasetError(f"{path}: there is no such file", path=str(path)) from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise DatasetError(f"{path}: cannot be read: {reason}", path=str(path)) from error
        with file:
            yield _checked(file, filename or path.name, str(path))
    elif hasattr(source, "read") and hasattr(source, "seek"):
        name = filename or Path(str(getattr(source, "name", "upload.jsonl"))).name
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
    if isinstance(file.read(0), str):
        rule = "open in binary mode"
        raise InvalidRequestError(
            f"file: {shown} must be {rule}: open(path, 'rb')", field="file", limit=rule, value=shown
        )
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size == 0:
        raise DatasetError(f"{shown}: is empty", path=shown)
    if size > LARGEST_FILE:
        rule = f"at most {LARGEST_FILE:,} bytes for one request"
        raise InvalidRequestError(
            f"file: {shown} must be {rule}, and has {size:,}", field="file", limit=rule, value=size
        )
    return Payload(file, name, size)
