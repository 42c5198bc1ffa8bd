"""Permissions of checkpoints: their table and its SQL."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from finetuning_emulator.controls.clock import Anchor, Milliseconds
from finetuning_emulator.state.database import Database

__all__ = ["PERMISSIONS_SCHEMA", "PermissionRow", "PermissionTable"]

PERMISSIONS_SCHEMA = """
CREATE TABLE IF NOT EXISTS permissions (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    checkpoint TEXT NOT NULL,
    project_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    recorded TEXT,
    UNIQUE (checkpoint, project_id)
);
CREATE INDEX IF NOT EXISTS permissions_by_checkpoint ON permissions (checkpoint, seq)
"""
_COLUMNS = "seq, id, checkpoint, project_id, created_at, recorded"
_NEWEST = f"""
SELECT {_COLUMNS} FROM permissions
WHERE checkpoint = :checkpoint AND seq < IFNULL(:after, 9223372036854775807)
    AND project_id = IFNULL(:project_id, project_id)
ORDER BY seq DESC LIMIT :limit
"""  # noqa: S608 - only constants are inserted
_OLDEST = f"""
SELECT {_COLUMNS} FROM permissions
WHERE checkpoint = :checkpoint AND seq > IFNULL(:after, 0)
    AND project_id = IFNULL(:project_id, project_id)
ORDER BY seq LIMIT :limit
"""  # noqa: S608
_ONE = f"SELECT {_COLUMNS} FROM permissions WHERE checkpoint = :checkpoint AND id = :id"  # noqa: S608
_OF_PROJECT = (
    f"SELECT {_COLUMNS} FROM permissions"  # noqa: S608
    " WHERE checkpoint = :checkpoint AND project_id = :project_id"
)
_INSERT = """
INSERT OR IGNORE INTO permissions (id, checkpoint, project_id, created_at) VALUES (?, ?, ?, ?)
"""


class PermissionRow(msgspec.Struct, frozen=True):
    """The permission of one project to use one checkpoint; `recorded` is the JSON of one from an archive."""

    seq: int
    id: str
    checkpoint: str
    project_id: str
    created_at: Milliseconds
    recorded: str | None = None


class PermissionTable:
    """The permissions of a state."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, checkpoint: str, projects: Iterable[tuple[str, str]], now: Milliseconds, anchor: Anchor
    ) -> None:
        """Add permissions, given as pairs of a new identifier and a project; existing ones are kept."""
        with self._database.transaction(anchor) as connection:
            connection.executemany(
                _INSERT, [(identifier, checkpoint, project_id, now) for identifier, project_id in projects]
            )

    def of_project(self, checkpoint: str, project_id: str) -> PermissionRow | None:
        """Return the permission of a project for a checkpoint, or None."""
        rows = self._database.rows(_OF_PROJECT, {"checkpoint": checkpoint, "project_id": project_id})
        return PermissionRow(*rows[0]) if rows else None

    def get(self, checkpoint: str, identifier: str) -> PermissionRow | None:
        """Return a permission of a checkpoint, or None."""
        rows = self._database.rows(_ONE, {"checkpoint": checkpoint, "id": identifier})
        return PermissionRow(*rows[0]) if rows else None

    def page(
        self,
        checkpoint: str,
        *,
        project_id: str | None,
        after: PermissionRow | None,
        limit: int,
        newest: bool,
    ) -> list[PermissionRow]:
        """Return permissions after a cursor, in the order of their creation or its reverse."""
        values = {
            "checkpoint": checkpoint,
            "project_id": project_id,
            "after": None if after is None else after.seq,
            "limit": limit,
        }
        return [PermissionRow(*row) for row in self._database.rows(_NEWEST if newest else _OLDEST, values)]

    def delete(self, identifier: str, anchor: Anchor) -> None:
        """Delete a permission."""
        with self._database.transaction(anchor) as connection:
            connection.execute("DELETE FROM permissions WHERE id = ?", (identifier,))
