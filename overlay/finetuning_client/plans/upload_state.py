"""State file of an upload in parts: another call, even in another process, resumes the upload from it.

It holds the upload's id, the ids of the parts that arrived, and the name, size and MD5 of the file, but no
key and no content. The functions access the disk.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from ..errors import InvalidRequestError

# An upload that is about to expire is not worth resuming.
_TIME_LEFT = 60.0


class UploadState(msgspec.Struct):
    """State of an upload in progress.

    Attributes:
        file: identity of the file, and its options; the state of another file is ignored.
        upload_id: empty before the upload is created.
        began: when the upload was created, in Unix seconds.
        expires_at: when the service discards it, in Unix seconds.
        parts: the ids of the parts that arrived, by number from 0.
    """

    file: dict[str, Any]
    upload_id: str = ""
    began: float = 0.0
    expires_at: float = 0.0
    parts: dict[int, str] = {}

    def is_usable(self, now: float) -> bool:
        """Return whether the upload can be resumed."""
        return bool(self.upload_id) and self.expires_at > now + _TIME_LEFT


def load_state(path: Path | None, file: dict[str, Any], now: float) -> UploadState:
    """Return the state that an earlier call saved for the same file if it can be resumed, else a new one."""
    try:
        saved = path.read_bytes() if path else b""
        found = msgspec.json.decode(saved, type=UploadState, strict=False)
    except (OSError, ValueError, msgspec.MsgspecError, RecursionError):
        return UploadState(file)
    return found if found.file == file and found.is_usable(now) else UploadState(file)


def save_state(path: Path | None, state: UploadState) -> None:
    """Write the state atomically. Raises `InvalidRequestError` if it cannot be written."""
    if path is None:
        return
    fresh = path.with_name(f"{path.name}.new")
    try:
        fresh.write_bytes(msgspec.json.encode(state))
        fresh.replace(path)
    except (OSError, ValueError) as error:
        with suppress(OSError, ValueError):
            fresh.unlink(missing_ok=True)
        reason = getattr(error, "strerror", None) or error
        text = f"state file {path}: cannot be written: {reason}"
        raise InvalidRequestError(text, field="state", value=path) from error


def discard_state(path: Path | None) -> None:
    """Delete the state file."""
    if path is not None:
        with suppress(OSError):
            path.unlink(missing_ok=True)
