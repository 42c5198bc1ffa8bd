"""The end of a run: write the new lists, and move everything into the archive, the manifest last.

If the process is killed, the next run repeats this from the same folder, with the same result and no request.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from . import format as form
from .disk import entry_of, write_whole
from .finished import Finished, entries_of, last_line, lines_by, size_of
from .format import Entry, Manifest, decoded, sealed, to_end, to_line
from .heads import Head

RUN = "run.json"
"""File of a run's terms; without it the folder of a run is only a store of what was fetched."""

_READY = "commit"


def commit(
    root: Path,
    finished: Finished,
    *,
    started: int,
    source: str,
    selection: dict[str, Any],
    statuses: dict[str, Any],
    refusal: str | None,
) -> None:
    """Compose the new lists and the manifest from the run's folder, and move everything into the archive."""
    composer = _Composer(root, finished)
    composer.jobs()
    composer.files()
    composer.permissions()
    composer.note_logs()
    if refusal is not None:
        composer.notes.append(f"checkpoint permissions were not saved: {refusal}")
    manifest = Manifest(
        archived_at=started,
        source=source,
        selection=selection,
        statuses=statuses,
        jobs=len(composer.heads),
        files=composer.file_count,
        permissions=composer.permission_count,
        notes=composer.notes,
        checksums=composer.checksums(),
    )
    write_whole(_composed(root, form.MANIFEST), sealed(manifest), durable=True)
    write_whole(root / form.STAGE / _READY, b"", durable=True)
    finish_commit(root)


def is_committing(root: Path) -> bool:
    """Return whether a run has fetched everything, and only has to be moved into the archive.

    If a file has been truncated since, whether moved or not, the run has to continue: the mark is deleted.
    """
    folder = root / form.STAGE
    if not (folder / _READY).exists():
        return False
    composed = _composed(root, form.CHECKSUMS)
    entries = entries_of(composed if composed.exists() else root / form.CHECKSUMS)
    moving = {
        f"{name}/{path.name}": path
        for name in (form.LOGS, form.CONTENTS)
        for path in _files_in(folder / name)
    }
    moving |= {name: _composed(root, name) for name in (form.JOBS, form.FILES, form.PERMISSIONS)}
    moving = {path: place for path, place in moving.items() if place.exists()}
    is_sound = moving.keys() <= entries.keys() and all(
        size_of(moving.get(path, root / path)) == entry.bytes for path, entry in entries.items()
    )
    manifest = _composed(root, form.MANIFEST)
    if is_sound and (not manifest.exists() or form.is_sealed(manifest.read_bytes())):
        return True
    (folder / _READY).unlink()
    return False


def finish_commit(root: Path) -> None:
    """Move what is left in the folder of a run into the archive, the manifest last, and delete the folder."""
    folder = root / form.STAGE
    for name in (form.LOGS, form.CONTENTS):
        (root / name).mkdir(exist_ok=True)
        for path in _files_in(folder / name):
            path.replace(root / name / path.name)
    for name in (form.JOBS, form.FILES, form.PERMISSIONS, form.CHECKSUMS, form.MANIFEST):
        with suppress(FileNotFoundError):
            _composed(root, name).replace(root / name)
    _delete_replaced(root)
    # Deleted first, so that a half-deleted folder is not taken for a run that can continue.
    (folder / RUN).unlink(missing_ok=True)
    (folder / _READY).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


class _Composer:
    """Writer of the lists of the archive, in the folder of the run.

    Attributes:
        heads: the heads of all jobs, newest first.
        file_count, permission_count: numbers of saved files and permissions.
        notes: notes about data that could not be saved.
    """

    def __init__(self, root: Path, finished: Finished) -> None:
        self._root = root
        self._folder = root / form.STAGE
        self._finished = finished
        self._entries: dict[str, Entry] = {}
        self.heads: list[Head] = []
        self.file_count = self.permission_count = 0
        self.notes: list[str] = []

    def jobs(self) -> None:
        """Compose the list of jobs: as the server lists them, then those of earlier runs, by age."""
        staged = self._folder / form.JOBS
        places = {
            head.id: (head, offset, len(line))
            for offset, line in form.whole_lines(staged)
            if (head := Head.of_line(line)) is not None
        }
        earlier = [known[0] for job_id, known in self._finished.heads.items() if job_id not in places]
        self.heads = [head for head, _, _ in places.values()]
        if earlier:
            self.heads = sorted([*self.heads, *earlier], key=lambda head: -head.created)

        def lines() -> Iterator[bytes]:
            with staged.open("rb") as file:
                for head in self.heads:
                    if head.id in places:
                        _, offset, length = places[head.id]
                        file.seek(offset)
                        yield file.read(length)
                    else:
                        yield self._finished.head_line(head.id)

        self._write(form.JOBS, "jobs", lines())

    def files(self) -> None:
        """Compose the list of files, those of the oldest job first."""
        staged = lines_by(self._folder / form.FILES, "id")
        names = dict.fromkeys(name for head in reversed(self.heads) for name in head.files)
        found = {name: staged.get(name) or self._finished.files.get(name) for name in names}
        missing = 0
        for line in filter(None, found.values()):
            content = decoded(line).get("content")
            if isinstance(content, dict):
                self._add(msgspec.convert(content, Entry))
                self.file_count += 1
            else:
                missing += 1
        if missing:
            self.notes.append(
                f"{missing} of {len(names)} files were not saved: see {form.FILES} for the reasons"
            )
        self._write(form.FILES, "files", filter(None, found.values()))

    def permissions(self) -> None:
        """Compose the list of permissions, by the names of the checkpoints."""
        staged = lines_by(self._folder / form.PERMISSIONS, "checkpoint")
        found = {**self._finished.permissions, **staged}
        self.permission_count = sum(len(decoded(line).get("permissions") or ()) for line in found.values())
        self._write(form.PERMISSIONS, "permissions", (found[name] for name in sorted(found)))

    def note_logs(self) -> None:
        """Note how many jobs lack events or checkpoints because their server did not give them."""
        places = [(self._folder / head.log, self._root / head.log) for head in self.heads]
        ends = [last_line(staged if staged.exists() else saved) for staged, saved in places]
        missing = sum("missing" in end for end in ends)
        if missing:
            where = "see the last lines of their logs for the reasons"
            text = f"events or checkpoints of {missing} of {len(ends)} jobs were not saved: {where}"
            self.notes.append(text)

    def checksums(self) -> Entry:
        """Compose the list of checksums; return the list's own checksum."""
        for head in self.heads:
            staged = self._folder / head.log
            self._add(entry_of(staged, head.log) if staged.exists() else self._finished.entry(head.log))
        lines = (to_line(msgspec.to_builtins(self._entries[path])) for path in sorted(self._entries))
        return self._write(form.CHECKSUMS, "checksums", lines)

    def _add(self, entry: Entry) -> None:
        self._entries[entry.path] = entry

    def _write(self, name: str, what: str, lines: Iterable[bytes]) -> Entry:
        path = _composed(self._root, name)
        count = 0
        with path.open("wb") as file:
            for line in lines:
                file.write(line)
                count += 1
            file.write(to_line(to_end(what, count)))
            file.flush()
            os.fsync(file.fileno())
        entry = entry_of(path, name)
        self._add(entry)
        return entry


def _composed(root: Path, name: str) -> Path:
    """Return the path at which a list is composed; the run's own lists have the plain names."""
    return root / form.STAGE / f"final-{name}"


def _delete_replaced(root: Path) -> None:
    """Delete logs and contents that the archive no longer has, such as a damaged one that was replaced."""
    found = [decoded(line) for _, line in form.whole_lines(root / form.CHECKSUMS)]
    if not found or found[-1].get("count") != len(found) - 1:
        return
    known = {value.get("path") for value in found}
    for name in (form.LOGS, form.CONTENTS):
        for path in _files_in(root / name):
            relative = f"{name}/{path.name}"
            if form.is_safe(relative) and relative not in known:
                path.unlink(missing_ok=True)


def _files_in(folder: Path) -> list[Path]:
    try:
        return sorted(Path(entry.path) for entry in os.scandir(folder) if entry.is_file())
    except FileNotFoundError:
        return []
