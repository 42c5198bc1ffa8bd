"""Reading an archive's files: the lists, by offsets that are determined when they are first needed.

A line that is damaged raises `ArchiveError`, which names the file and the line; `verify` finds all of them.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from ..errors import ArchiveError
from ..operation_settings import Settings
from . import format as form
from .disk import on_disk
from .format import Manifest, decoded, is_end, is_whole, read_manifest


class _ListFile:
    """The lines of a list by number, from 0, without the last one."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def line(self, number: int) -> bytes:
        """Return a line, possibly the last one. Raises `ArchiveError` if it is damaged."""
        with on_disk(self._path), self._path.open("rb") as file:
            file.seek(self._offsets[number])
            line = file.readline()
        if not is_whole(line):
            raise damaged(self._path, number + 1)
        return line

    def lines(self, numbers: range | None = None) -> Iterator[bytes]:
        """Yield some or all lines. Raises `ArchiveError` for one that is damaged."""
        numbers = range(len(self)) if numbers is None else numbers
        with on_disk(self._path), self._path.open("rb") as file:
            file.seek(self._offsets[numbers.start])
            for number in numbers:
                line = file.readline()
                if not is_whole(line) or is_end(line):
                    raise damaged(self._path, number + 1)
                yield line

    @cached_property
    def _offsets(self) -> array[int]:
        """The offsets of the lines, including the last one."""
        offsets = array("Q")
        line = b""
        with on_disk(self._path), self._path.open("rb") as file:
            at = 0
            for line in file:
                offsets.append(at)
                at += len(line)
        end = decoded(line) if is_whole(line) else {}
        # The last line of a log counts only its events.
        if "end" not in end or (end["end"] != "events" and end.get("count") != len(offsets) - 1):
            raise damaged(self._path, len(offsets) or 1)
        return offsets


class Files:
    """The files of an archive.

    Raises `ArchiveError` for a directory that is not an archive, is unfinished, or has a newer format.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        path = root / form.MANIFEST
        with on_disk(path):
            if not path.is_file():
                raise _not_an_archive(root)
            self._manifest = read_manifest(path.read_bytes(), path)
        self.jobs = _ListFile(root / form.JOBS)

    @cached_property
    def settings(self) -> Settings:
        """The settings of plans that run on the archive, with the statuses that were declared."""
        return Settings(statuses=self._manifest.statuses if self._manifest is not None else {})

    @property
    def started(self) -> float:
        """When the last run began, in Unix seconds; 0 if the manifest is damaged."""
        return float(self._manifest.archived_at) if self._manifest is not None else 0.0

    @property
    def manifest(self) -> Manifest:
        """The manifest. Raises `ArchiveError` if it is damaged."""
        if self._manifest is None:
            raise damaged(self.root / form.MANIFEST)
        return self._manifest

    @cached_property
    def job_numbers(self) -> dict[str, int]:
        """The line of each job in the list of jobs, by its id."""
        return {_job_id(line): number for number, line in enumerate(self.jobs.lines())}

    @cached_property
    def files(self) -> dict[str, dict[str, Any]]:
        """The lines of `files.jsonl`, by the ids of the files."""
        return {value["id"]: value for value in map(decoded, _ListFile(self.root / form.FILES).lines())}

    @cached_property
    def permissions(self) -> dict[str, dict[str, Any]]:
        """The lines of `permissions.jsonl`, by the names of the checkpoints."""
        lines = _ListFile(self.root / form.PERMISSIONS).lines()
        return {value["checkpoint"]: value for value in map(decoded, lines)}

    def log(self, job_id: str) -> JobLog | None:
        """Return the log of a job, `None` for a job that the archive does not have."""
        return JobLog(self.root / form.log_path(job_id)) if job_id in self.job_numbers else None

    def content(self, file_id: str) -> Path | None:
        """Return the path of a file's content, `None` if the archive does not have it."""
        content = self.files.get(file_id, {}).get("content")
        path = content.get("path") if isinstance(content, dict) else None
        return self.root / path if isinstance(path, str) and form.is_content(path) else None


class JobLog:
    """The log of a job: its checkpoints and its events, as pages of JSON as the server sent them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._list = _ListFile(path)

    def page(self, kind: str, after: str | None, limit: int) -> tuple[list[bytes], bool] | None:
        """Return objects after the id `after`, and whether more follow; `None` for an id it does not have."""
        numbers = self._numbers(kind)
        start = 0
        if after is not None:
            found = self._ids(kind).get(after)
            if found is None:
                return None
            start = found + 1
        chosen = numbers[start : start + limit]
        objects = [object_of(line, kind) for line in self._list.lines(chosen)]
        return objects, start + limit < len(numbers)

    def _numbers(self, kind: str) -> range:
        """Return the lines that have the objects of a kind."""
        first, last = self._parts
        return range(first) if kind == "checkpoint" else range(first + 1, last)

    def _ids(self, kind: str) -> dict[str, int]:
        found = self._known.get(kind)
        if found is None:
            ids = (decoded(line)[kind].get("id") for line in self._list.lines(self._numbers(kind)))
            found = self._known[kind] = {name: place for place, name in enumerate(ids)}
        return found

    @cached_property
    def _known(self) -> dict[str, dict[str, int]]:
        return {}

    @cached_property
    def _parts(self) -> tuple[int, int]:
        """The line that ends the checkpoints, and the one that ends the events."""
        last = len(self._list)
        for number, line in enumerate(map(self._list.line, range(last))):
            if not is_end(line):
                continue
            events = decoded(self._list.line(last)).get("count")
            if decoded(line).get("count") == number and events == last - number - 1:
                return number, last
            break
        raise damaged(self._path, last + 1)


class _Identified(Struct):
    id: str


class _JobLine(Struct):
    job: _Identified


def _job_id(line: bytes) -> str:
    try:
        return msgspec.json.decode(line, type=_JobLine).job.id
    except (ValueError, msgspec.MsgspecError):
        return str(decoded(line)["job"]["id"])


def damaged(path: Path, line: int = 0) -> ArchiveError:
    """Return the error for a file, or a line of it (from 1), that is not as it was written."""
    where = f"{path}, line {line}" if line else str(path)
    text = f"{where}: is damaged, or was changed after the archive was opened"
    return ArchiveError(f"{text}: call Archive.verify() to list everything that is damaged", path=str(path))


def object_of(line: bytes, kind: str) -> bytes:
    """Return the JSON of the object that a line ends with, as the server sent it."""
    start = line.index(b'"%b":' % kind.encode()) + len(kind) + 3
    return line[start:-2]


def _not_an_archive(root: Path) -> ArchiveError:
    if (root / form.STAGE).is_dir():
        text = f"{root}: the archive is not finished: call client.archive() on it again to finish it"
    elif (root / form.JOBS).is_file():
        text = f"{root}: the archive has no {form.MANIFEST}: call client.archive() on it to write a new one"
    elif root.is_dir():
        text = f"{root}: is not an archive: it has no {form.MANIFEST}"
    else:
        text = f"{root}: {'is a file, not a directory' if root.exists() else 'no such directory'}"
    return ArchiveError(text, path=str(root))
