"""Verification of an archive: a checksum covers every byte, and another one every line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from ..errors import ArchiveError
from . import format as form
from .disk import entry_of, on_disk
from .format import Entry, is_whole, read_manifest

_SHOWN = 10


class ArchiveProblem(Struct, frozen=True):
    """A problem in an archive: the `path`, the `line`, from 1 (0 for the whole file), and a `message`."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        where = f"{self.path}, line {self.line}" if self.line else self.path
        return f"{where}: {self.message}"


class ArchiveReport(Struct, frozen=True):
    """Result of a verification.

    Attributes:
        files, bytes: how many were checked.
        problems: files and lines that are changed, missing or extra, in order of path.
        is_unfinished: whether a later run is unfinished; what it has fetched is not yet in the archive.
    """

    files: int
    bytes: int
    problems: tuple[ArchiveProblem, ...] = ()
    is_unfinished: bool = False

    @property
    def ok(self) -> bool:
        """True if the archive is as it was written."""
        return not self.problems

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        if self.ok:
            return f"{self.files} files, {self.bytes:,} bytes: all intact"
        lines = [str(problem) for problem in self.problems[:_SHOWN]]
        more = len(self.problems) - _SHOWN
        return "\n".join(lines if more <= 0 else [*lines, f"and {more} more"])


def verify(root: Path) -> ArchiveReport:
    """Check every file of an archive; return the report."""
    with on_disk(root):
        entries, problems = _entries(root)
        size = 0
        for entry in entries:
            found = list(_problems_of(root, entry))
            problems += found
            size += entry.bytes
        # Without all checksums, extra files cannot be recognised.
        if not any(problem.path == form.CHECKSUMS for problem in problems) and len(entries) > 1:
            problems += _extra(root, {entry.path for entry in entries})
    ordered = tuple(sorted(set(problems), key=lambda problem: (problem.path, problem.line)))
    return ArchiveReport(len(entries), size, ordered, (root / form.STAGE).is_dir())


def require_verified(root: Path, report: ArchiveReport) -> ArchiveReport:
    """Return the report if it has no problems. Raises `ArchiveError` with them otherwise."""
    if report.ok:
        return report
    advice = "delete the changed and extra files; client.archive() then fetches what is missing or truncated"
    if report.is_unfinished:
        advice = "a run has not finished: call client.archive() on it again to resume the run"
    text = f"{root}: the archive is damaged: {advice}\n{report}"
    raise ArchiveError(text, path=str(root), problems=report.problems)


def _entries(root: Path) -> tuple[list[Entry], list[ArchiveProblem]]:
    """Return the checksums, including their own list's, and the problems of that list and the manifest."""
    problems: list[ArchiveProblem] = []
    path = root / form.MANIFEST
    manifest = read_manifest(path.read_bytes(), path) if path.exists() else None
    if manifest is None:
        what = "was changed" if path.exists() else "is missing"
        problems.append(ArchiveProblem(form.MANIFEST, 0, what))
    entries = [] if manifest is None else [manifest.checksums]
    for _, line in form.whole_lines(root / form.CHECKSUMS):
        try:
            entry = msgspec.json.decode(line, type=Entry)
        except (ValueError, msgspec.MsgspecError):
            continue
        if form.is_safe(entry.path):
            entries.append(entry)
    if manifest is None:
        problems += _lines(root / form.CHECKSUMS, form.CHECKSUMS)
    return entries, problems


def _problems_of(root: Path, entry: Entry) -> Iterator[ArchiveProblem]:
    path = root / entry.path
    if not path.is_file():
        yield ArchiveProblem(entry.path, 0, "is missing")
        return
    if entry_of(path, entry.path) == entry:
        return
    found = list(_lines(path, entry.path)) if entry.path.endswith(".jsonl") else []
    size = path.stat().st_size
    changed = "was changed" if size == entry.bytes else f"has {size} bytes instead of {entry.bytes}"
    yield from found or [ArchiveProblem(entry.path, 0, changed)]
    if found and size != entry.bytes:
        yield ArchiveProblem(entry.path, 0, changed)


def _lines(path: Path, name: str) -> Iterator[ArchiveProblem]:
    """Yield the lines of a list that are not intact."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not is_whole(line):
                yield ArchiveProblem(name, number, "was changed" if line.endswith(b"\n") else "is truncated")


def _extra(root: Path, known: set[str]) -> Iterator[ArchiveProblem]:
    ours = known | {form.MANIFEST, form.CHECKSUMS, form.LOCK}
    for folder, folders, names in os.walk(root):
        if Path(folder) == root and form.STAGE in folders:
            # The folder of an unfinished run is not yet part of the archive.
            folders.remove(form.STAGE)
        for name in names:
            path = (Path(folder) / name).relative_to(root).as_posix()
            if path not in ours:
                yield ArchiveProblem(path, 0, "is extra: it is not part of the archive")
