"""What an upload reads from: a path, bytes, or an open binary file, brought to one form and checked first."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias

from .errors import DatasetError, FineTuningError, InvalidRequestError

__all__ = ["LARGEST_FILE", "Payload", "Source", "opened", "reading"]

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
        path = Path(os.fsdecode(source))
        with reading(str(path)):
            # Asked before it is opened, since opening a pipe waits for its other end.
            if path.exists() and not path.is_file():
                what = "a directory" if path.is_dir() else "a device or a pipe"
                raise DatasetError(f"{path}: is {what}, not a file", path=str(path))
            file = path.open("rb")
        with file:
            yield _checked(file, filename or path.name, str(path))
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
    if size > LARGEST_FILE:
        rule = f"at most {LARGEST_FILE:,} bytes for one request"
        raise InvalidRequestError(
            f"file: {shown} must be {rule}, and has {size:,}", field="file", limit=rule, value=size
        )
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
