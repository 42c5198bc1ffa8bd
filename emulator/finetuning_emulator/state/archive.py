"""Reader of archives of jobs, which relies only on their documented format (`docs/archive.md`).

A damaged line, or a file that is missing or cut, raises `StateUnavailable`, which names it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import msgspec

from finetuning_emulator.errors import StateUnavailable

__all__ = ["Archive", "ArchivedFile", "ArchivedJob"]

_FORMAT = "finetuning-archive"
_VERSION = 1
_LOG = re.compile(r"jobs/[a-z0-9-]{1,100}\.jsonl")
_CONTENT = re.compile(r"files/[0-9a-f]{64}")
_BEGINNING = b'{"crc":"'
_REST = len(_BEGINNING) + 8 + len(b'",')


class _Manifest(msgspec.Struct):
    format: str
    version: int


class ArchivedJob(msgspec.Struct):
    """A job: the object and its JSON, as the server sent it, and the path of its log."""

    value: dict[str, Any]
    body: str
    log: str


class ArchivedFile(msgspec.Struct):
    """A file: the object as the server sent it, and the path of its content, None if it has none."""

    value: dict[str, Any]
    content: Path | None


class Archive:
    """An archive of jobs.

    Raises:
        StateUnavailable: the directory is not an archive, or has a newer format.
    """

    def __init__(self, directory: str | Path) -> None:
        self._root = Path(directory)
        try:
            manifest = msgspec.json.decode((self._root / "manifest.json").read_bytes(), type=_Manifest)
        except (OSError, ValueError, msgspec.MsgspecError) as error:
            raise self._unusable(f"its manifest.json cannot be read: {error}") from error
        if manifest.format != _FORMAT:
            raise self._unusable(f"its format '{manifest.format[:60]}' is unknown")
        if manifest.version > _VERSION:
            text = f"its format is version {manifest.version}, but this emulator reads version {_VERSION}"
            raise self._unusable(f"{text}: install a newer release")

    def jobs(self) -> Iterator[ArchivedJob]:
        """Yield the jobs, newest first."""
        for number, line, value in self._lines("jobs.jsonl"):
            job, log = value.get("job"), value.get("log")
            if not isinstance(job, dict) or not isinstance(job.get("id"), str):
                raise self._unusable(f"line {number} of jobs.jsonl is not a job")
            if not isinstance(log, str) or not _LOG.fullmatch(log):
                raise self._unusable(f"line {number} of jobs.jsonl does not name a log of the archive")
            yield ArchivedJob(job, _last_object(line, "job"), log)

    def log(self, job: ArchivedJob) -> Iterator[tuple[str, dict[str, Any], str]]:
        """Yield the kind, the object and its JSON of each checkpoint and event, as the server listed them."""
        for number, line, value in self._lines(job.log):
            kind = "checkpoint" if "checkpoint" in value else "event"
            if not isinstance(value.get(kind), dict):
                raise self._unusable(f"line {number} of {job.log} is neither a checkpoint nor an event")
            yield kind, value[kind], _last_object(line, kind)

    def files(self) -> Iterator[ArchivedFile]:
        """Yield the files that the server had."""
        for _, _, value in self._lines("files.jsonl"):
            file, content = value.get("file"), value.get("content")
            if isinstance(file, dict) and isinstance(file.get("id"), str):
                yield ArchivedFile(file, self._content(content) if isinstance(content, dict) else None)

    def permissions(self) -> Iterator[tuple[str, list[dict[str, Any]] | None]]:
        """Yield each checkpoint with its permissions, newest first; None for one that does not exist."""
        for _, _, value in self._lines("permissions.jsonl"):
            found = value.get("permissions")
            known = found if isinstance(found, list) and value.get("missing") is None else None
            yield str(value.get("checkpoint")), known

    def _content(self, content: dict[str, Any]) -> Path:
        path = str(content.get("path"))
        found = self._root / path
        if not _CONTENT.fullmatch(path) or not found.is_file():
            raise self._unusable(f"{path[:100]} is missing")
        if found.stat().st_size != content.get("bytes"):
            raise self._unusable(f"{path} is truncated")
        return found

    def _lines(self, path: str) -> Iterator[tuple[int, bytes, dict[str, Any]]]:
        """Yield the lines of a list with their numbers; the lines that end it are checked and left out."""
        count = 0
        value: dict[str, Any] = {}
        try:
            with (self._root / path).open("rb") as file:
                for number, line in enumerate(file, 1):
                    if not _is_whole(line):
                        raise self._unusable(f"line {number} of {path} is damaged")
                    value = _decoded(line)
                    if "end" not in value:
                        count += 1
                        yield number, line, value
                    elif value.get("count") != count:
                        raise self._unusable(f"{path}, line {number}: lines before it are missing")
                    else:
                        count = 0
        except OSError as error:
            raise self._unusable(f"{path} cannot be read: {error}") from error
        if "end" not in value:
            raise self._unusable(f"{path} is incomplete")

    def _unusable(self, reason: str) -> StateUnavailable:
        return StateUnavailable(f"cannot load the archive {self._root}: {reason}")


def _is_whole(line: bytes) -> bool:
    """Return whether the checksum at the beginning of a line is that of the rest."""
    rest = line[_REST:-1]
    return line == b'%b%08x",%b\n' % (_BEGINNING, crc32(rest), rest)


def _decoded(line: bytes) -> dict[str, Any]:
    try:
        value: dict[str, Any] = msgspec.json.decode(line)
    except (msgspec.MsgspecError, ValueError):
        # Some servers send NaN.
        value = json.loads(line)
    return value


def _last_object(line: bytes, key: str) -> str:
    """Return the JSON of the value of a line's last key."""
    return line[line.index(f'"{key}":'.encode()) + len(key) + 3 : -2].decode()
