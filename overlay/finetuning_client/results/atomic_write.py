"""Writing a file completely or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import mkstemp

from ..errors import InvalidRequestError


def write_whole(path: str | os.PathLike[str], content: bytes) -> Path:
    """Write a file, which replaces any file of that name only when it is complete; return its path.

    Raises `InvalidRequestError` if it cannot be written.
    """
    try:
        target = Path(path)
        if target.is_dir():
            raise IsADirectoryError(None, "is a directory")
        handle, name = mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            # The mode that open() would give the file, according to the user's mask.
            part.chmod(0o666 & ~_umask())
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except (OSError, TypeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InvalidRequestError(f"{path}: cannot be written: {reason}", field="path", value=path) from error
    return target


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
