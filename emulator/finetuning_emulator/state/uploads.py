"""Uploads and their parts: their tables and their SQL."""

from __future__ import annotations

from typing import Literal

import msgspec

from finetuning_emulator.controls.clock import Anchor, Milliseconds
from finetuning_emulator.state.database import Database
from finetuning_emulator.state.files import FileRow, insert_file

__all__ = ["UPLOADS_SCHEMA", "PartRow", "UploadRow", "UploadTable"]

UPLOADS_SCHEMA = """
CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY,
    filename TEXT NOT NULL,
    purpose TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    lifetime INTEGER,
    status TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS parts (
    id TEXT PRIMARY KEY,
    upload_id TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS parts_by_upload ON parts (upload_id)
"""
_ABANDONED = """
SELECT DISTINCT upload_id FROM parts JOIN uploads ON uploads.id = upload_id
WHERE status != 'pending' OR expires_at <= :now
"""

_Status = Literal["pending", "completed", "cancelled"]


class UploadRow(msgspec.Struct, frozen=True):
    """An upload; `bytes` is the announced size, `lifetime` is that of the file in milliseconds."""

    id: str
    filename: str
    purpose: str
    bytes: int
    created_at: Milliseconds
    expires_at: Milliseconds
    lifetime: Milliseconds | None
    status: _Status


class PartRow(msgspec.Struct, frozen=True):
    """A part of an upload; its bytes are in the content folder."""

    id: str
    upload_id: str
    bytes: int
    created_at: Milliseconds


class UploadTable:
    """The uploads of a state, and their parts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, upload: UploadRow, anchor: Anchor) -> None:
        """Add an upload."""
        with self._database.transaction(anchor) as connection:
            connection.execute(
                "INSERT INTO uploads VALUES (?, ?, ?, ?, ?, ?, ?, ?)", msgspec.structs.astuple(upload)
            )

    def get(self, identifier: str) -> UploadRow | None:
        """Return an upload, or None if it does not exist."""
        rows = self._database.rows("SELECT * FROM uploads WHERE id = :id", {"id": identifier})
        return UploadRow(*rows[0]) if rows else None

    def complete(self, upload_id: str, file: FileRow, anchor: Anchor) -> None:
        """Mark an upload as completed and add its file."""
        with self._database.transaction(anchor) as connection:
            insert_file(connection, file)
            connection.execute("UPDATE uploads SET status = 'completed' WHERE id = ?", (upload_id,))

    def cancel(self, upload_id: str, anchor: Anchor) -> None:
        """Mark an upload as cancelled."""
        with self._database.transaction(anchor) as connection:
            connection.execute("UPDATE uploads SET status = 'cancelled' WHERE id = ?", (upload_id,))

    def add_part(self, part: PartRow, anchor: Anchor) -> None:
        """Add a part."""
        with self._database.transaction(anchor) as connection:
            connection.execute("INSERT INTO parts VALUES (?, ?, ?, ?)", msgspec.structs.astuple(part))

    def parts(self, upload_id: str) -> list[PartRow]:
        """Return the parts of an upload."""
        rows = self._database.rows("SELECT * FROM parts WHERE upload_id = :id", {"id": upload_id})
        return [PartRow(*row) for row in rows]

    def delete_parts(self, upload_id: str) -> None:
        """Delete the parts of an upload."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM parts WHERE upload_id = ?", (upload_id,))

    def abandoned(self, now: Milliseconds) -> list[str]:
        """Return the uploads that still have parts, but can no longer be completed at this time."""
        return [upload_id for (upload_id,) in self._database.rows(_ABANDONED, {"now": now})]
