"""The bytes of uploaded files and parts, in a folder next to the database."""

from __future__ import annotations

import contextlib
import hashlib
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from finetuning_emulator.errors import ApiError, StateUnavailable
from finetuning_emulator.identifiers import new_id

__all__ = ["ContentFolder"]


class ContentFolder:
    """The folder of a state; a temporary folder for a state in memory.

    Raises:
        StateUnavailable: the folder cannot be used.
    """

    def __init__(self, state: str) -> None:
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        if state == ":memory:":
            self._temporary = tempfile.TemporaryDirectory(prefix="finetuning-emulator-")
            self._folder = Path(self._temporary.name)
            return
        self._folder = Path(f"{state}.files")
        try:
            self._folder.mkdir(exist_ok=True)
            for unfinished in self._folder.glob("incoming-*"):
                unfinished.unlink()
        except OSError as error:
            raise StateUnavailable(f"cannot keep uploads in {self._folder}: {error}") from error

    def close(self) -> None:
        """Delete a temporary folder."""
        if self._temporary is not None:
            self._temporary.cleanup()

    def clear(self) -> None:
        """Delete all files."""
        for content in self._folder.iterdir():
            content.unlink(missing_ok=True)

    @contextlib.contextmanager
    def receiving(self, prefix: str) -> Iterator[tuple[str, Path]]:
        """Yield a new identifier and a path for bytes that are being received.

        Bytes that `keep` has not moved when the block ends are deleted; leftovers of a killed emulator are
        deleted at the next start.
        """
        identifier = new_id(prefix)
        incoming = self._incoming_path(identifier)
        try:
            yield identifier, incoming
        finally:
            incoming.unlink(missing_ok=True)

    def path(self, identifier: str) -> Path:
        """Return the path of the bytes of a file or part."""
        return self._folder / _name(identifier)

    def keep(self, identifier: str) -> None:
        """Move received bytes to their final path.

        Raises:
            ApiError: a reset deleted them.
        """
        try:
            self._incoming_path(identifier).replace(self.path(identifier))
        except FileNotFoundError:
            raise ApiError(409, "The emulator was reset while the file was being uploaded.") from None

    def delete(self, identifier: str) -> None:
        """Delete the bytes of a file or part, if they exist."""
        self.path(identifier).unlink(missing_ok=True)

    def _incoming_path(self, identifier: str) -> Path:
        return self._folder / f"incoming-{identifier}"


def _name(identifier: str) -> str:
    """Return a safe name for an identifier; those of recorded files are another server's."""
    is_ours = re.fullmatch("(file-|part_)[A-Za-z0-9]{1,64}", identifier) is not None
    return identifier if is_ours else f"other-{hashlib.sha256(identifier.encode()).hexdigest()}"
