"""Recordings: jobs from another server with all their objects, loaded from an archive.

They are rows of the same tables as all other objects, with the other server's JSON; only events and
checkpoints have a separate table.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec

from finetuning_emulator.controls.clock import Anchor, Milliseconds
from finetuning_emulator.errors import StateUnavailable
from finetuning_emulator.simulation.recorded_job import RecordedJob
from finetuning_emulator.state.archive import Archive, ArchivedFile, ArchivedJob
from finetuning_emulator.state.content import ContentFolder
from finetuning_emulator.state.database import Database

__all__ = ["RECORDINGS_SCHEMA", "RecordedItem", "Recordings", "latest_time"]

RECORDINGS_SCHEMA = """
CREATE TABLE recorded_items (
    job_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    position INTEGER NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (job_id, kind, position)
) WITHOUT ROWID;
CREATE INDEX recorded_items_by_id ON recorded_items (job_id, kind, id)
"""
_PAGE = """
SELECT id, body FROM recorded_items
WHERE job_id = :job_id AND kind = :kind AND position > :after ORDER BY position LIMIT :limit
"""
_POSITION = "SELECT position FROM recorded_items WHERE job_id = :job_id AND kind = :kind AND id = :id"
_JOB = """
INSERT INTO jobs (seq, id, rests_at, has_metadata, record) VALUES (?, ?, 0, ?, ?)
ON CONFLICT (id) DO UPDATE SET record = excluded.record
"""
_FILE = """
INSERT OR IGNORE INTO files (id, filename, purpose, bytes, available_at, processed_at, recorded)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_PERMISSION = """
INSERT OR IGNORE INTO permissions (id, checkpoint, project_id, created_at, recorded) VALUES (?, ?, ?, ?, ?)
"""
_MODEL = "INSERT OR IGNORE INTO models (id, job_id, available_at) VALUES (?, ?, ?)"
_ITEM = "INSERT INTO recorded_items VALUES (?, ?, ?, ?, ?)"
_RECORDED = b'{"type":"recorded"'
_TERMINAL = ("succeeded", "failed", "cancelled")
# Some servers send milliseconds; such times would be far in the future.
_LAST_SECOND = 1 << 33


class RecordedItem(msgspec.Struct, frozen=True):
    """An event or a checkpoint of a recorded job; `body` is its JSON."""

    id: str
    body: str


class Recordings:
    """The recorded jobs of a state."""

    def __init__(self, database: Database, content: ContentFolder) -> None:
        self._database = database
        self._content = content

    def page(
        self, job_id: str, kind: Literal["event", "checkpoint"], *, after: str | None, limit: int
    ) -> list[RecordedItem] | None:
        """Return events or checkpoints after a cursor, as the server listed them; None for a bad cursor."""
        place = -1
        if after is not None:
            rows = self._database.rows(_POSITION, {"job_id": job_id, "kind": kind, "id": after})
            if not rows:
                return None
            place = rows[0][0]
        values = {"job_id": job_id, "kind": kind, "after": place, "limit": limit}
        return [RecordedItem(*row) for row in self._database.rows(_PAGE, values)]

    def load(self, archive: Archive, now: Milliseconds, anchor: Anchor) -> None:
        """Add the content of an archive; existing recorded jobs are replaced, and existing files are kept.

        Raises:
            StateUnavailable: the archive is damaged; then nothing is added.
        """
        with self._database.transaction(anchor) as connection:
            missing = _add_permissions(connection, archive)
            (newest,) = connection.execute("SELECT IFNULL(MAX(seq), 0) FROM jobs").fetchone()
            last = newest + sum(1 for _ in archive.jobs())
            for number, job in enumerate(archive.jobs()):
                if _add_job(connection, job, last - number):
                    _add_log(connection, archive, job, now, missing)
            for file in archive.files():
                self._add_file(connection, file, now)

    def _add_file(self, connection: sqlite3.Connection, file: ArchivedFile, now: Milliseconds) -> None:
        value = file.value
        identifier = value["id"]
        created = min(_milliseconds(value.get("created_at")), now)
        size = value.get("bytes")
        if file.content is not None:
            size = file.content.stat().st_size
        named = [value.get("filename"), value.get("purpose")]
        texts = [text if isinstance(text, str) else "" for text in named]
        known = size if isinstance(size, int) else 0
        row = (identifier, *texts, known, created, created, _json(value))
        if connection.execute(_FILE, row).rowcount and file.content is not None:
            _link(file.content, self._content.path(identifier))


def latest_time(archive: Archive) -> Milliseconds:
    """Return the latest time that the jobs of an archive mention, 0 if they mention none."""
    names = ("created_at", "finished_at")
    return max((_milliseconds(job.value.get(name)) for job in archive.jobs() for name in names), default=0)


def _add_job(connection: sqlite3.Connection, job: ArchivedJob, place: int) -> bool:
    """Add a job, or replace its older recording; return False for one of the emulator's own, which stays."""
    identifier = job.value["id"]
    earlier = connection.execute("SELECT record FROM jobs WHERE id = ?", (identifier,)).fetchone()
    if earlier is not None and not earlier[0].startswith(_RECORDED):
        return False
    metadata = job.value.get("metadata")
    pairs = metadata if isinstance(metadata, dict) else {}
    record = RecordedJob(identifier, job.body, job.value.get("status") in _TERMINAL)
    connection.execute(_JOB, (place, identifier, bool(pairs), msgspec.json.encode(record)))
    (seq,) = connection.execute("SELECT seq FROM jobs WHERE id = ?", (identifier,)).fetchone()
    connection.executemany(
        "INSERT OR IGNORE INTO job_metadata VALUES (?, ?, ?)",
        [(key, text, seq) for key, text in pairs.items() if isinstance(text, str)],
    )
    return True


def _add_log(
    connection: sqlite3.Connection, archive: Archive, job: ArchivedJob, now: Milliseconds, missing: set[str]
) -> None:
    """Add the events and checkpoints of a job, and the models of the checkpoints that exist."""
    identifier = job.value["id"]
    connection.execute("DELETE FROM recorded_items WHERE job_id = ?", (identifier,))
    models = {job.value.get("fine_tuned_model"): job.value.get("finished_at")}
    rows = []
    for position, (kind, value, body) in enumerate(archive.log(job)):
        rows.append((identifier, kind, position, str(value.get("id")), body))
        if kind == "checkpoint":
            models[value.get("fine_tuned_model_checkpoint")] = value.get("created_at")
    connection.executemany(_ITEM, rows)
    connection.executemany(
        _MODEL,
        [
            (name, identifier, min(_milliseconds(created), now))
            for name, created in models.items()
            if isinstance(name, str) and name and name not in missing
        ],
    )


def _add_permissions(connection: sqlite3.Connection, archive: Archive) -> set[str]:
    """Add the permissions; return the checkpoints that do not exist."""
    missing: set[str] = set()
    for checkpoint, permissions in archive.permissions():
        if permissions is None:
            missing.add(checkpoint)
        connection.executemany(_PERMISSION, _permission_rows(checkpoint, permissions or []))
    return missing


def _permission_rows(checkpoint: str, permissions: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    for value in reversed(permissions):
        created = _milliseconds(value.get("created_at"))
        yield str(value.get("id")), checkpoint, str(value.get("project_id")), created, _json(value)


def _milliseconds(seconds: object) -> Milliseconds:
    is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    return int(seconds * 1000) if is_number and 0 <= seconds < _LAST_SECOND else 0  # type: ignore[operator]


def _json(value: dict[str, Any]) -> str:
    return msgspec.json.encode(value).decode()


def _link(source: Path, target: Path) -> None:
    """Add a content of the archive to the state, without copying it if the file system allows that."""
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        try:
            shutil.copyfile(source, target)
        except OSError as error:
            raise StateUnavailable(f"cannot load {source}: {error}") from error
