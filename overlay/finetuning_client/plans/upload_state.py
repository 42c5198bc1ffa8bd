"""State file of an upload in parts: lets another call, in another process too, resume the upload.

It holds the upload's id, the ids of the parts that arrived, and which file they belong to: no key and no
content. All methods but `parts` access the disk.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from ..errors import InvalidRequestError

__all__ = ["UploadState"]

# An upload that is about to expire is not worth resuming.
_TIME_LEFT = 60.0


class _Saved(msgspec.Struct):
    """The content of the state file, apart from the file it belongs to."""

    upload_id: str
    began: float
    expires_at: float
    parts: dict[int, str]


class UploadState:
    """State of an upload in progress, saved to `path` where there is one.

    Attributes:
        path: the state file, or `None`.
        identity: which file is uploaded, and how; a state file of another is ignored.
        upload_id: empty before the upload is created.
        began: when the upload was created, in Unix seconds.
        expires_at: when the service discards it, in Unix seconds.
        parts: the ids of the parts that arrived, by number from 0.
    """

    def __init__(self, path: Path | None, identity: dict[str, Any]) -> None:
        self.path = path
        self.identity = identity
        self.upload_id = ""
        self.began = self.expires_at = 0.0
        self.parts: dict[int, str] = {}

    def load(self, now: float) -> bool:
        """Take over what an earlier call left, if it belongs to the same file and is not about to expire."""
        try:
            saved = msgspec.json.decode(self.path.read_bytes()) if self.path else None
            if not isinstance(saved, dict) or saved.get("file") != self.identity:
                return False
            left = msgspec.convert(saved, _Saved, str_keys=True)
        except (OSError, ValueError, msgspec.MsgspecError, RecursionError):
            return False
        if not left.upload_id or left.expires_at <= now + _TIME_LEFT:
            return False
        self.upload_id, self.began = left.upload_id, left.began
        self.expires_at, self.parts = left.expires_at, left.parts
        return True

    def save(self) -> None:
        """Write the state, whole or not at all. Raises `InvalidRequestError` where it cannot be written."""
        if self.path is None:
            return
        saved = {
            "file": self.identity,
            "upload_id": self.upload_id,
            "began": self.began,
            "expires_at": self.expires_at,
            "parts": {str(number): part for number, part in self.parts.items()},
        }
        fresh = self.path.with_name(f"{self.path.name}.new")
        try:
            fresh.write_bytes(msgspec.json.encode(saved))
            fresh.replace(self.path)
        except (OSError, ValueError) as error:
            with suppress(OSError, ValueError):
                fresh.unlink(missing_ok=True)
            reason = getattr(error, "strerror", None) or error
            raise InvalidRequestError(
                f"{self.path}: cannot be written: {reason}", field="state", value=self.path
            ) from error

    def discard(self) -> None:
        """Reset the state, and delete the file."""
        self.upload_id, self.began, self.expires_at, self.parts = "", 0.0, 0.0, {}
        if self.path is not None:
            with suppress(OSError):
                self.path.unlink(missing_ok=True)
