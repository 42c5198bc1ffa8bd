"""Files: their table and its SQL.

A row whose `available_at` is in the future does not exist yet. Result files are stored when their job is
planned, and appear at the right time without further action.
"""

from __future__ import annotations

import sqlite3

import msgspec

from finetuning_emulator.controls.clock import Anchor, Milliseconds
from finetuning_emulator.state.database import Database

__all__ = ["FILES_SCHEMA", "FileRow", "FileTable", "insert_file", "move_result_file"]

FILES_SCHEMA = """
CREATE TABLE files (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    filename TEXT NOT NULL,
    purpose TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    available_at INTEGER,
    processed_at INTEGER NOT NULL,
    expires_at INTEGER,
    job_id TEXT,
    deleted INTEGER NOT NULL DEFAULT 0,
    recorded TEXT
);
CREATE INDEX files_by_time ON files (available_at, seq) WHERE deleted = 0;
CREATE INDEX files_by_purpose ON files (purpose, available_at, seq) WHERE deleted = 0
"""
_ONE = """
SELECT seq, id, filename, purpose, bytes, available_at, processed_at, expires_at, job_id, recorded
FROM files
WHERE id = :id AND deleted = 0 AND available_at <= :now
    AND (expires_at IS NULL OR expires_at > :now)
"""
_PAGE = """
SELECT seq, id, filename, purpose, bytes, available_at, processed_at, expires_at, job_id, recorded
FROM files
WHERE {purpose} {beyond} AND deleted = 0 AND (expires_at IS NULL OR expires_at > :now)
ORDER BY available_at {order}, seq {order} LIMIT :limit
"""
_NEWEST = {"beyond": "(available_at, seq) < (:time, :seq)", "order": "DESC"}
_OLDEST = {"beyond": "(available_at, seq) > (:time, :seq) AND available_at <= :now", "order": ""}
_INSERT = """
INSERT INTO files (id, filename, purpose, bytes, available_at, processed_at, expires_at, job_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_MAX_SEQ = (1 << 63) - 1


class FileRow(msgspec.Struct, frozen=True):
    """A file. The bytes of an upload are in the content folder; those of a result come from its job.

    `recorded` is the JSON of a file that was loaded from an archive.
    """

    seq: int
    id: str
    filename: str
    purpose: str
    bytes: int
    available_at: Milliseconds
    processed_at: Milliseconds
    expires_at: Milliseconds | None = None
    job_id: str | None = None
    recorded: str | None = None


class FileTable:
    """The files of a state."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, row: FileRow, anchor: Anchor) -> None:
        """Add a file; the database chooses `seq`."""
        with self._database.transaction(anchor) as connection:
            insert_file(connection, row)

    def get(self, identifier: str, now: Milliseconds) -> FileRow | None:
        """Return a file, or None if it does not exist at this time."""
        rows = self._database.rows(_ONE, {"id": identifier, "now": now})
        return FileRow(*rows[0]) if rows else None

    def page(
        self, now: Milliseconds, *, purpose: str | None, after: FileRow | None, limit: int, newest: bool
    ) -> list[FileRow]:
        """Return files after a cursor, in the order in which they appeared or its reverse."""
        start = (now, _MAX_SEQ) if newest else (-1, -1)
        time, seq = start if after is None else (after.available_at, after.seq)
        query = _PAGE.format(
            purpose="" if purpose is None else "purpose = :purpose AND", **(_NEWEST if newest else _OLDEST)
        )
        values = {"now": now, "purpose": purpose, "time": time, "seq": seq, "limit": limit}
        return [FileRow(*row) for row in self._database.rows(query, values)]

    def delete(self, identifier: str) -> None:
        """Delete a file's row."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE files SET deleted = 1 WHERE id = ?", (identifier,))


def insert_file(connection: sqlite3.Connection, row: FileRow) -> None:
    """Add a file in an open transaction; the database chooses `seq`."""
    connection.execute(_INSERT, msgspec.structs.astuple(row)[1:-1])


def move_result_file(connection: sqlite3.Connection, identifier: str, at: Milliseconds | None) -> None:
    """Change the time at which a result file appears, in an open transaction; None means never."""
    connection.execute(
        "UPDATE files SET available_at = :at, processed_at = IFNULL(:at, 0) WHERE id = :id",
        {"at": at, "id": identifier},
    )
