"""The emulator's SQLite database: its tables and indexes, and how it is opened."""

from __future__ import annotations

import contextlib
import sqlite3

from finetuning_emulator.errors import StateUnavailable

__all__ = ["opened"]

_VERSION = 1
_CACHE_KIB = 256 * 1024
_SCHEMA = """
CREATE TABLE clock (one INTEGER PRIMARY KEY CHECK (one = 1), anchor BLOB NOT NULL);
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
    deleted INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX files_by_time ON files (available_at, seq) WHERE deleted = 0;
CREATE INDEX files_by_purpose ON files (purpose, available_at, seq) WHERE deleted = 0;
CREATE TABLE jobs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    rests_at INTEGER NOT NULL,
    has_metadata INTEGER NOT NULL,
    record BLOB NOT NULL
);
CREATE INDEX jobs_without_metadata ON jobs (seq) WHERE has_metadata = 0;
CREATE INDEX jobs_by_rest ON jobs (rests_at);
CREATE TABLE job_metadata (
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    job_seq INTEGER NOT NULL,
    PRIMARY KEY (key, value, job_seq)
) WITHOUT ROWID;
CREATE TABLE models (
    id TEXT PRIMARY KEY,
    job_id TEXT NOT NULL,
    available_at INTEGER,
    deleted INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
"""


def opened(state: str) -> sqlite3.Connection:
    """The database, locked for this emulator alone, with its tables.

    Raises:
        StateUnavailable: it cannot be opened, is not the emulator's, or is another's just now.
    """
    if not state:
        raise StateUnavailable("the path of the emulator's state is empty")
    with contextlib.ExitStack() as on_error:
        try:
            database = sqlite3.connect(state, timeout=0.1, isolation_level=None, check_same_thread=False)
            on_error.callback(database.close)
            version = _prepared(database)
        except sqlite3.Error as error:
            reason = str(error)
            if "locked" in reason:
                reason += "; another emulator is using it"
            raise StateUnavailable(f"cannot keep the state in {state}: {reason}") from error
        if version not in (0, _VERSION):
            raise StateUnavailable(f"{state} was not written by this version of the emulator")
        on_error.pop_all()
    return database


def _prepared(database: sqlite3.Connection) -> int:
    """Lock and set up a database; returns the version that it had, 0 when it was empty."""
    database.execute("PRAGMA locking_mode = EXCLUSIVE")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    # The indexes of some hundred thousand jobs stay in memory.
    database.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    database.execute("BEGIN EXCLUSIVE")
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version == 0:
        for statement in _SCHEMA.split(";"):
            database.execute(statement)
        database.execute(f"PRAGMA user_version = {_VERSION}")
    database.execute("COMMIT")
    return int(version)
