"""Which projects may use a fine-tuned checkpoint: who was let in, when, and in which order."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from finetuning_emulator import ids
from finetuning_emulator.clock import Clock, Millis
from finetuning_emulator.errors import not_found
from finetuning_emulator.store import Store, write_anchor

__all__ = ["PermissionRow", "Permissions"]

_TABLES = """
CREATE TABLE IF NOT EXISTS permissions (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    checkpoint TEXT NOT NULL,
    project_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (checkpoint, project_id)
);
CREATE INDEX IF NOT EXISTS permissions_by_checkpoint ON permissions (checkpoint, seq)
"""
_COLUMNS = "seq, id, checkpoint, project_id, created_at"
_NEWEST = f"""
SELECT {_COLUMNS} FROM permissions
WHERE checkpoint = :checkpoint AND seq < IFNULL(:after, 9223372036854775807)
    AND project_id = IFNULL(:project_id, project_id)
ORDER BY seq DESC LIMIT :limit
"""  # noqa: S608 - only constants are pasted in
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


class PermissionRow(msgspec.Struct, frozen=True):
    """Leave for one project to use one checkpoint."""

    seq: int
    id: str
    checkpoint: str
    project_id: str
    created_at: Millis


class Permissions:
    """The permissions in a state; that a checkpoint exists is for the caller to know."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        store.add_tables(_TABLES)

    def create(self, checkpoint: str, project_ids: Iterable[str]) -> list[PermissionRow]:
        """Let these projects in; one that is in already keeps the permission that it has."""
        wanted = list(dict.fromkeys(project_ids))
        now = self._clock.now()
        with self._store.changing() as database:
            database.executemany(
                "INSERT OR IGNORE INTO permissions (id, checkpoint, project_id, created_at)"
                " VALUES (?, ?, ?, ?)",
                [(ids.fresh("cp_"), checkpoint, project_id, now) for project_id in wanted],
            )
            write_anchor(database, self._clock.anchor())
        return [
            PermissionRow(*row)
            for project_id in wanted
            for row in self._store.rows(_OF_PROJECT, {"checkpoint": checkpoint, "project_id": project_id})
        ]

    def page(
        self,
        checkpoint: str,
        *,
        project_id: str | None,
        after: PermissionRow | None,
        limit: int,
        newest: bool,
    ) -> list[PermissionRow]:
        """Permissions in the order in which they were given, beyond a cursor."""
        values = {
            "checkpoint": checkpoint,
            "project_id": project_id,
            "after": None if after is None else after.seq,
            "limit": limit,
        }
        return [PermissionRow(*row) for row in self._store.rows(_NEWEST if newest else _OLDEST, values)]

    def find(self, checkpoint: str, identifier: str) -> PermissionRow | None:
        """A permission of this checkpoint."""
        rows = self._store.rows(_ONE, {"checkpoint": checkpoint, "id": identifier})
        return PermissionRow(*rows[0]) if rows else None

    def delete(self, checkpoint: str, identifier: str) -> None:
        """Withdraw a permission, or refuse when there is none."""
        if self.find(checkpoint, identifier) is None:
            raise not_found(f"No such permission: {identifier}", param="permission_id")
        with self._store.changing() as database:
            database.execute("DELETE FROM permissions WHERE id = ?", (identifier,))
            write_anchor(database, self._clock.anchor())
