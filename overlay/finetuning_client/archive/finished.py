"""The archive of earlier runs, as a new run finds it: anything damaged counts as missing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from ..open_status import Meaning
from ..statuses import FileStatus
from . import format as form
from .disk import entry_of
from .format import Entry, decoded, is_whole, whole_lines
from .heads import Head

# Statuses for an object that does not exist, or an operation that is not supported.
_NEVER = ("404", "405", "410", "501")
_LONGEST_END = 512


class Finished:
    """The jobs, files and permissions that earlier runs have saved.

    Args:
        root: directory of the archive.
        statuses: meanings of the server's own statuses, as they are declared for the client.

    Attributes:
        heads: for each job its head, and the place of its line in `jobs.jsonl`: offset and length.
        files, permissions: lines of `files.jsonl` by file id, of `permissions.jsonl` by checkpoint.
    """

    def __init__(self, root: Path, statuses: Mapping[str, Meaning]) -> None:
        self._root = root
        self._statuses = statuses
        self._entries = entries_of(root / form.CHECKSUMS)
        self.heads: dict[str, tuple[Head, int, int]] = {}
        for offset, line in whole_lines(root / form.JOBS):
            head = Head.of_line(line)
            if head is not None:
                self.heads[head.id] = head, offset, len(line)
        self.files = lines_by(root / form.FILES, "id")
        self.permissions = lines_by(root / form.PERMISSIONS, "checkpoint")

    @property
    def size(self) -> int:
        """The size of the archive in bytes, by its checksums."""
        return sum(entry.bytes for entry in self._entries.values())

    def head_line(self, job_id: str) -> bytes:
        """Return the line of a job."""
        _, offset, length = self.heads[job_id]
        with (self._root / form.JOBS).open("rb") as file:
            file.seek(offset)
            return file.read(length)

    def has_log(self, head: Head) -> bool:
        """Return whether nothing of a job needs to be fetched again."""
        known = self.heads.get(head.id)
        return known is not None and known[0].is_final(self._statuses) and self._is_intact(head.log)

    def has_file(self, file_id: str) -> bool:
        """Return whether a file need not be fetched again: it is saved, or was deleted on the server."""
        line = self.files.get(file_id)
        return line is not None and _is_settled(found := decoded(line)) and self._has_content(found)

    def entry(self, path: str) -> Entry:
        """Return the checksum of a file of the archive: the one recorded when it was written, if known."""
        known = self._entries.get(path)
        return entry_of(self._root / path, path) if known is None else known

    def _has_content(self, found: dict[str, Any]) -> bool:
        content = found.get("content")
        if not isinstance(content, dict):
            return True
        path, size = content.get("path"), content.get("bytes")
        return form.is_safe(path) and size_of(self._root / str(path)) == size

    def _is_intact(self, path: str) -> bool:
        entry = self._entries.get(path)
        if entry is not None:
            return size_of(self._root / path) == entry.bytes and is_final(last_line(self._root / path))
        return _is_whole_log(self._root / path)


def is_final(value: dict[str, Any]) -> bool:
    """Return whether what a line records as missing, if anything, will stay missing."""
    return value.get("missing") in (None, *_NEVER)


def _is_settled(found: dict[str, Any]) -> bool:
    """Return whether a file's line is final: it was deleted, or is no longer being processed."""
    if not is_final(found):
        return False
    file = found.get("file")
    status = file.get("status") if isinstance(file, dict) else None
    return not isinstance(status, str) or FileStatus(status).meaning not in ("active", "cancelling", "paused")


def entries_of(checksums: Path) -> dict[str, Entry]:
    """Return the intact entries of the list of checksums, by path."""
    found: dict[str, Entry] = {}
    for _, line in whole_lines(checksums):
        try:
            entry = msgspec.json.decode(line, type=Entry)
        except (ValueError, msgspec.MsgspecError):
            continue
        if form.is_safe(entry.path):
            found[entry.path] = entry
    return found


def lines_by(path: Path, key: str) -> dict[str, bytes]:
    """Return the intact lines of a list, by the string that each has as `key`."""
    found = ((decoded(line).get(key), line) for _, line in whole_lines(path))
    return {name: line for name, line in found if isinstance(name, str)}


def size_of(path: Path) -> int | None:
    """Return the size of a file; `None` if it is not there."""
    try:
        return path.stat().st_size
    except OSError:
        return None


def last_line(path: Path) -> dict[str, Any]:
    """Return the object of the last line of a list; empty if the line is damaged."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _LONGEST_END))
        line = file.read().splitlines(keepends=True)[-1]
    # `verify` names damaged lines.
    return decoded(line) if is_whole(line) else {}


def _is_whole_log(path: Path) -> bool:
    """Return whether a log has all its lines, and both lists were fetched."""
    ends: list[str] = []
    lines = 0
    for _, line in whole_lines(path):
        value = decoded(line)
        if "end" in value:
            if value.get("count") != lines or not is_final(value):
                return False
            ends.append(value["end"])
            lines = 0
        else:
            lines += 1
    return ends == ["checkpoints", "events"]
