"""The SQLite database of the state: opening, reading and changing it.

Each kind of object has a module with its table and its SQL. Every change is one transaction, so an emulator
that is killed loses nothing that it has acknowledged.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from finetuning_emulator.controls.clock import Anchor
from finetuning_emulator.errors import StateDamaged, StateUnavailable

__all__ = ["Database"]

_VERSION = 2
_CACHE_KIB = 256 * 1024
_CLOCK_TABLE = "CREATE TABLE clock (one INTEGER PRIMARY KEY CHECK (one = 1), anchor BLOB NOT NULL)"
_TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"

_T = TypeVar("_T")


class Database:
    """An open database, for the use of one emulator at a time.

    Args:
        state: path of the file, or `":memory:"`.
        schema: statements that create the tables of a new database.

    Raises:
        StateUnavailable: the file cannot be opened, is damaged, is not a state of this version, or is in
            use by another emulator.
    """

    def __init__(self, state: str, schema: str) -> None:
        self._state = state
        self._lock = threading.RLock()
        self._connection = _open(state, f"{_CLOCK_TABLE};{schema}")

    def close(self) -> None:
        """Close the file; a state in memory is lost."""
        with self._lock:
            self._connection.close()

    @contextlib.contextmanager
    def transaction(self, anchor: Anchor | None = None) -> Iterator[sqlite3.Connection]:
        """Run the block in one transaction, which also stores the clock's anchor; an exception undoes it.

        Raises:
            StateDamaged: the file cannot be changed.
        """
        with self._lock, self._damage_reported():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                if anchor is not None:
                    self._connection.execute(
                        "INSERT OR REPLACE INTO clock VALUES (1, ?)", (msgspec.json.encode(anchor),)
                    )
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, query: str, values: Mapping[str, Any]) -> list[Any]:
        """Return all the rows that a query finds.

        Raises:
            StateDamaged: the file cannot be read.
        """
        with self._lock, self._damage_reported():
            return self._connection.execute(query, values).fetchall()

    def decode(self, record: bytes, decoder: msgspec.json.Decoder[_T]) -> _T:
        """Decode a stored record.

        Raises:
            StateDamaged: the record is not what was stored.
        """
        try:
            return decoder.decode(record)
        except (msgspec.MsgspecError, ValueError, TypeError) as error:
            raise StateDamaged(f"a record in {self._state} cannot be read: {error}") from error

    def anchor(self) -> Anchor | None:
        """Return the last stored anchor of the clock."""
        rows = self.rows("SELECT anchor FROM clock", {})
        return self.decode(rows[0][0], msgspec.json.Decoder(Anchor)) if rows else None

    def clear(self) -> None:
        """Delete all rows of all tables."""
        with self.transaction() as connection:
            for (table,) in self.rows(_TABLES, {}):
                connection.execute(f'DELETE FROM "{table}"')  # noqa: S608 - the names are our own

    @contextlib.contextmanager
    def _damage_reported(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise StateDamaged(f"{self._state} cannot be read or written: {error}") from error


def _open(state: str, schema: str) -> sqlite3.Connection:
    if not state:
        raise StateUnavailable("the path of the emulator's state is empty")
    with contextlib.ExitStack() as on_error:
        try:
            connection = sqlite3.connect(state, timeout=0.1, isolation_level=None, check_same_thread=False)
            on_error.callback(connection.close)
            problem = _prepare(connection, schema)
        except (sqlite3.Error, ValueError) as error:
            reason = str(error)
            if "locked" in reason:
                reason += "; another emulator is using it"
            raise StateUnavailable(f"cannot keep the state in {state}: {reason}") from error
        if problem is not None:
            raise StateUnavailable(f"cannot keep the state in {state}: {problem}")
        on_error.pop_all()
    return connection


def _prepare(connection: sqlite3.Connection, schema: str) -> str | None:
    """Lock and set up a database; return why it cannot be used, or None."""
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    # Large enough to keep the indexes of several hundred thousand jobs in memory.
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    connection.execute("BEGIN EXCLUSIVE")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        found = _columns(connection)
        if version == 0 and not found:
            for statement in schema.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {_VERSION}")
        elif version != _VERSION or found != _expected_columns(schema):
            return "the file was not written by this version of the emulator; use another file"
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        return None if verdict == "ok" else f"the file is damaged: {' '.join(verdict.split())}"
    finally:
        connection.execute("COMMIT")


def _columns(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Return the columns of each table."""
    return {
        table: [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
        for (table,) in connection.execute(_TABLES).fetchall()
    }


def _expected_columns(schema: str) -> dict[str, list[str]]:
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for statement in schema.split(";"):
            connection.execute(statement)
        return _columns(connection)
