"""The emulator's state in SQLite, with uploaded bytes in files beside it.

Every change is one transaction, so a killed emulator loses nothing that it acknowledged. Rows
whose `available_at` is still to come are not there yet: outputs of jobs are written when the
job is planned and appear by themselves.
"""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from finetuning_emulator.clock import Anchor, Millis
from finetuning_emulator.database import opened
from finetuning_emulator.errors import Refusal
from finetuning_emulator.jobs import Job

__all__ = ["FileRow", "ModelRow", "Store", "insert_file", "write_anchor"]

_REMEMBERED_JOBS = 1024

# JSON holds numbers of any size, which a request may have.
_encode = msgspec.json.encode
_decode_job = msgspec.json.Decoder(Job).decode


class FileRow(msgspec.Struct, frozen=True):
    """A file; its bytes are at the store's `content_path`, or are its job's metrics."""

    seq: int
    id: str
    filename: str
    purpose: str
    bytes: int
    available_at: Millis
    processed_at: Millis
    expires_at: Millis | None = None
    job_id: str | None = None


class ModelRow(msgspec.Struct, frozen=True):
    """A fine-tuned model, or the model that a checkpoint holds."""

    id: str
    job_id: str
    available_at: Millis


_ONE_FILE = """
SELECT seq, id, filename, purpose, bytes, available_at, processed_at, expires_at, job_id
FROM files
WHERE id = :id AND deleted = 0 AND available_at <= :now
    AND (expires_at IS NULL OR expires_at > :now)
"""
_LISTED_FILES = """
SELECT seq, id, filename, purpose, bytes, available_at, processed_at, expires_at, job_id
FROM files
WHERE {purpose} {beyond} AND deleted = 0 AND (expires_at IS NULL OR expires_at > :now)
ORDER BY available_at {order}, seq {order} LIMIT :limit
"""
_NEWEST = {"beyond": "(available_at, seq) < (:time, :seq)", "order": "DESC"}
_OLDEST = {"beyond": "(available_at, seq) > (:time, :seq) AND available_at <= :now", "order": ""}
_BEFORE = "IFNULL((SELECT seq FROM jobs WHERE id = :after), 9223372036854775807)"
_ALL_JOBS = f"""
SELECT record FROM jobs WHERE seq < {_BEFORE} ORDER BY seq DESC LIMIT :limit
"""  # noqa: S608 - only constants are pasted in
_BARE_JOBS = f"""
SELECT record FROM jobs WHERE has_metadata = 0 AND seq < {_BEFORE}
ORDER BY seq DESC LIMIT :limit
"""  # noqa: S608
_LABELLED_JOBS = f"""
SELECT record FROM job_metadata CROSS JOIN jobs ON seq = job_seq
WHERE key = :key0 AND value = :value0 AND job_seq < {_BEFORE} {{others}}
ORDER BY job_seq DESC LIMIT :limit
"""  # noqa: S608
_LABELLED_TOO = """
AND EXISTS (
    SELECT 1 FROM job_metadata AS other
    WHERE other.key = :key{0} AND other.value = :value{0} AND other.job_seq = job_metadata.job_seq
)
"""
_COMMON = 1000
_HOW_COMMON = f"""
SELECT COUNT(*) FROM (SELECT 1 FROM job_metadata WHERE key = :key AND value = :value LIMIT {_COMMON})
"""  # noqa: S608
_TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
_LATEST = (1 << 63) - 1


class Store:
    """The state at a path, or in memory with `":memory:"` (bytes then go to a temporary folder)."""

    def __init__(self, state: str | Path = ":memory:") -> None:
        self._lock = threading.RLock()
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._database = opened(str(state))
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        if str(state) == ":memory:":
            self._temporary = tempfile.TemporaryDirectory(prefix="finetuning-emulator-")
            self._folder = Path(self._temporary.name)
        else:
            self._folder = Path(f"{state}.files")
            self._folder.mkdir(exist_ok=True)
        for left_over in self._folder.glob("incoming-*"):
            left_over.unlink()

    def close(self) -> None:
        """Let go of the state; what was in memory is gone."""
        with self._lock:
            self._database.close()
        if self._temporary is not None:
            self._temporary.cleanup()

    def clear(self) -> None:
        """Forget everything."""
        with self.changing() as database:
            for (table,) in self.rows(_TABLES, {}):
                database.execute(f'DELETE FROM "{table}"')  # noqa: S608 - the names are our own
            self._jobs.clear()
        for content in self._folder.iterdir():
            content.unlink(missing_ok=True)

    @contextlib.contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of the block's changes are kept, or none when it raises."""
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    def rows(self, query: str, values: Mapping[str, Any]) -> list[Any]:
        """All the rows that a query finds."""
        with self._lock:
            return self._database.execute(query, values).fetchall()

    def add_tables(self, statements: str) -> None:
        """Make the tables of one kind of object; each must be written IF NOT EXISTS."""
        with self.changing() as database:
            for statement in statements.split(";"):
                database.execute(statement)

    # The clock

    def anchor(self) -> Anchor | None:
        """Where the last emulator left the clock."""
        rows = self.rows("SELECT anchor FROM clock", {})
        return msgspec.json.decode(rows[0][0], type=Anchor) if rows else None

    def keep_anchor(self, anchor: Anchor) -> None:
        """Remember where the clock is."""
        with self.changing() as database:
            write_anchor(database, anchor)

    def last_rest(self) -> Millis:
        """The latest time at which anything happens to a job by itself."""
        rows = self.rows("SELECT MAX(rests_at) FROM jobs", {})
        return int(rows[0][0] or 0)

    # Files

    def incoming_path(self, identifier: str) -> Path:
        """Where the bytes of a file go until it is added; left-overs are removed on opening."""
        return self._folder / f"incoming-{identifier}"

    def content_path(self, identifier: str) -> Path:
        """Where the bytes of an uploaded file are."""
        return self._folder / identifier

    def add_file(self, row: FileRow, anchor: Anchor) -> None:
        """Add a file whose bytes have come in; `seq` is chosen here."""
        try:
            self.incoming_path(row.id).replace(self.content_path(row.id))
        except FileNotFoundError:
            raise Refusal(409, "The emulator was reset while the file came in.") from None
        with self.changing() as database:
            insert_file(database, row)
            write_anchor(database, anchor)

    def file(self, identifier: str, now: Millis) -> FileRow | None:
        """The file with this identifier, if it is there."""
        rows = self.rows(_ONE_FILE, {"id": identifier, "now": now})
        return FileRow(*rows[0]) if rows else None

    def files(
        self, now: Millis, *, purpose: str | None, after: FileRow | None, limit: int, newest: bool
    ) -> list[FileRow]:
        """Files in the order in which they appeared, beyond a cursor."""
        start = (now, _LATEST) if newest else (-1, -1)
        time, seq = start if after is None else (after.available_at, after.seq)
        query = _LISTED_FILES.format(
            purpose="" if purpose is None else "purpose = :purpose AND", **(_NEWEST if newest else _OLDEST)
        )
        values = {"now": now, "purpose": purpose, "time": time, "seq": seq, "limit": limit}
        return [FileRow(*row) for row in self.rows(query, values)]

    def delete_file(self, identifier: str) -> None:
        """Remove a file and its bytes."""
        with self.changing() as database:
            database.execute("UPDATE files SET deleted = 1 WHERE id = ?", (identifier,))
        self.content_path(identifier).unlink(missing_ok=True)

    # Jobs

    def add_job(self, job: Job, result: FileRow | None, anchor: Anchor) -> None:
        """Add a job with everything that it will leave behind."""
        with self.changing() as database:
            cursor = database.execute(
                "INSERT INTO jobs (id, rests_at, has_metadata, record) VALUES (?, ?, ?, ?)",
                (job.id, job.timeline.rest, bool(job.request.metadata), _encode(job)),
            )
            pairs = (job.request.metadata or {}).items()
            database.executemany(
                "INSERT INTO job_metadata VALUES (?, ?, ?)",
                [(key, value, cursor.lastrowid) for key, value in pairs],
            )
            if result is not None:
                insert_file(database, result)
            database.executemany(
                "INSERT INTO models (id, job_id, available_at) VALUES (?, ?, ?)",
                [
                    (job.checkpoint_model(step), job.id, job.checkpoint_time(step))
                    for step in job.checkpoint_steps()
                ],
            )
            write_anchor(database, anchor)
        self._remember(job)

    def change_job(self, job: Job, anchor: Anchor) -> None:
        """Replace a job that was interrupted, and move what it will leave behind."""
        with self.changing() as database:
            database.execute(
                "UPDATE jobs SET rests_at = ?, record = ? WHERE id = ?",
                (job.timeline.rest, _encode(job), job.id),
            )
            database.execute(
                "UPDATE files SET available_at = :at, processed_at = IFNULL(:at, 0) WHERE id = :id",
                {"at": job.timeline.reached(job.plan.end), "id": job.result_file},
            )
            database.executemany(
                "UPDATE models SET available_at = ? WHERE id = ?",
                [(job.checkpoint_time(step), job.checkpoint_model(step)) for step in job.checkpoint_steps()],
            )
            write_anchor(database, anchor)
        self._remember(job)

    def job(self, identifier: str) -> Job | None:
        """The job with this identifier."""
        with self._lock:
            if (known := self._jobs.get(identifier)) is not None:
                self._jobs.move_to_end(identifier)
                return known
        rows = self.rows("SELECT record FROM jobs WHERE id = :id", {"id": identifier})
        if not rows:
            return None
        job = _decode_job(rows[0][0])
        self._remember(job)
        return job

    def job_count(self) -> int:
        """How many jobs there are."""
        return int(self.rows("SELECT COUNT(*) FROM jobs", {})[0][0])

    def jobs(self, *, after: str | None, limit: int, metadata: Mapping[str, str] | None) -> list[Job]:
        """Jobs, newest first, beyond a cursor; `metadata` None asks for no filter.

        An empty `metadata` asks for jobs that have none.
        """
        if metadata:
            return self._labelled_jobs(after, limit, metadata)
        query = _ALL_JOBS if metadata is None else _BARE_JOBS
        rows = self.rows(query, {"after": after, "limit": limit})
        return [_decode_job(record) for (record,) in rows]

    def _labelled_jobs(self, after: str | None, limit: int, metadata: Mapping[str, str]) -> list[Job]:
        pairs = list(metadata.items())
        if len(pairs) > 1:
            # The rarest leads, so that what the others have in common is not read through.
            pairs.sort(key=self._how_common)
        values: dict[str, Any] = {"after": after, "limit": limit}
        for number, (key, value) in enumerate(pairs):
            values |= {f"key{number}": key, f"value{number}": value}
        others = "".join(_LABELLED_TOO.format(number) for number in range(1, len(pairs)))
        rows = self.rows(_LABELLED_JOBS.format(others=others), values)
        return [_decode_job(record) for (record,) in rows]

    def _how_common(self, pair: tuple[str, str]) -> int:
        """How many jobs have this pair in their metadata, from some number on not exactly."""
        return int(self.rows(_HOW_COMMON, {"key": pair[0], "value": pair[1]})[0][0])

    def _remember(self, job: Job) -> None:
        with self._lock:
            self._jobs[job.id] = job
            self._jobs.move_to_end(job.id)
            if len(self._jobs) > _REMEMBERED_JOBS:
                self._jobs.popitem(last=False)

    # Models

    def model(self, identifier: str, now: Millis) -> ModelRow | None:
        """The fine-tuned model with this name, if it is there."""
        rows = self.rows(
            "SELECT id, job_id, available_at FROM models"
            " WHERE id = :id AND deleted = 0 AND available_at <= :now",
            {"id": identifier, "now": now},
        )
        return ModelRow(*rows[0]) if rows else None

    def models(self, now: Millis) -> list[ModelRow]:
        """The fine-tuned models that there are, oldest first."""
        rows = self.rows(
            "SELECT id, job_id, available_at FROM models"
            " WHERE deleted = 0 AND available_at <= :now ORDER BY available_at, id",
            {"now": now},
        )
        return [ModelRow(*row) for row in rows]

    def delete_model(self, identifier: str) -> None:
        """Remove a fine-tuned model."""
        with self.changing() as database:
            database.execute("UPDATE models SET deleted = 1 WHERE id = ?", (identifier,))


def write_anchor(database: sqlite3.Connection, anchor: Anchor) -> None:
    """Remember where the clock is, as part of a transaction."""
    database.execute("INSERT OR REPLACE INTO clock VALUES (1, ?)", (_encode(anchor),))


def insert_file(database: sqlite3.Connection, row: FileRow) -> None:
    """Add a file, as part of a transaction; `seq` is chosen here."""
    database.execute(
        "INSERT INTO files (id, filename, purpose, bytes, available_at, processed_at,"
        " expires_at, job_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        msgspec.structs.astuple(row)[1:],
    )
