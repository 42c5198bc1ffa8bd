"""Jobs: their tables and their SQL, with a cache of the most recently read ones."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import msgspec

from finetuning_emulator.controls.clock import Anchor, Milliseconds
from finetuning_emulator.simulation.job import Job
from finetuning_emulator.simulation.recorded_job import RecordedJob
from finetuning_emulator.state.database import Database
from finetuning_emulator.state.files import FileRow, insert_file, move_result_file
from finetuning_emulator.state.models import insert_models, move_models

__all__ = ["JOBS_SCHEMA", "JobTable"]

JOBS_SCHEMA = """
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
) WITHOUT ROWID
"""
_BEFORE = "IFNULL((SELECT seq FROM jobs WHERE id = :after), 9223372036854775807)"
_ALL = f"""
SELECT record FROM jobs WHERE seq < {_BEFORE} ORDER BY seq DESC LIMIT :limit
"""  # noqa: S608 - only constants are inserted
_WITHOUT_METADATA = f"""
SELECT record FROM jobs WHERE has_metadata = 0 AND seq < {_BEFORE}
ORDER BY seq DESC LIMIT :limit
"""  # noqa: S608
_WITH_METADATA = f"""
SELECT record FROM job_metadata CROSS JOIN jobs ON seq = job_seq
WHERE key = :key0 AND value = :value0 AND job_seq < {_BEFORE} {{others}}
ORDER BY job_seq DESC LIMIT :limit
"""  # noqa: S608
_OTHER_PAIR = """
AND EXISTS (
    SELECT 1 FROM job_metadata AS other
    WHERE other.key = :key{0} AND other.value = :value{0} AND other.job_seq = job_metadata.job_seq
)
"""
_MAX_COUNT = 1000
_PAIR_COUNT = f"""
SELECT COUNT(*) FROM (SELECT 1 FROM job_metadata WHERE key = :key AND value = :value LIMIT {_MAX_COUNT})
"""  # noqa: S608
_CACHE_SIZE = 1024


class JobTable:
    """The jobs of a state. A job is stored together with its future result file and models."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._decoder: msgspec.json.Decoder[Job | RecordedJob] = msgspec.json.Decoder(Job | RecordedJob)
        self._lock = threading.Lock()
        self._cache: OrderedDict[str, Job | RecordedJob] = OrderedDict()

    def add(self, job: Job, result: FileRow | None, anchor: Anchor) -> None:
        """Add a job, its result file and its models."""
        with self._database.transaction(anchor) as connection:
            cursor = connection.execute(
                "INSERT INTO jobs (id, rests_at, has_metadata, record) VALUES (?, ?, ?, ?)",
                (job.id, job.timeline.settled, bool(job.request.metadata), msgspec.json.encode(job)),
            )
            pairs = (job.request.metadata or {}).items()
            connection.executemany(
                "INSERT INTO job_metadata VALUES (?, ?, ?)",
                [(key, value, cursor.lastrowid) for key, value in pairs],
            )
            if result is not None:
                insert_file(connection, result)
            insert_models(connection, job)
        self._remember(job)

    def replace(self, job: Job, anchor: Anchor) -> None:
        """Replace a job whose timeline has changed, and move its result file and models."""
        with self._database.transaction(anchor) as connection:
            connection.execute(
                "UPDATE jobs SET rests_at = ?, record = ? WHERE id = ?",
                (job.timeline.settled, msgspec.json.encode(job), job.id),
            )
            move_result_file(connection, job.result_file, job.timeline.reached(job.plan.end))
            move_models(connection, job)
        self._remember(job)

    def get(self, identifier: str) -> Job | RecordedJob | None:
        """Return a job, or None if it does not exist."""
        with self._lock:
            if (cached := self._cache.get(identifier)) is not None:
                self._cache.move_to_end(identifier)
                return cached
        rows = self._database.rows("SELECT record FROM jobs WHERE id = :id", {"id": identifier})
        if not rows:
            return None
        job = self._database.decode(rows[0][0], self._decoder)
        self._remember(job)
        return job

    def count(self) -> int:
        """Return the number of jobs."""
        return int(self._database.rows("SELECT COUNT(*) FROM jobs", {})[0][0])

    def last_settled(self) -> Milliseconds:
        """Return the latest time at which a job changes without a user."""
        rows = self._database.rows("SELECT MAX(rests_at) FROM jobs", {})
        return int(rows[0][0] or 0)

    def page(
        self, *, after: str | None, limit: int, metadata: Mapping[str, str] | None
    ) -> list[Job | RecordedJob]:
        """Return jobs after a cursor, newest first.

        Args:
            after: identifier of the job before the page.
            limit: size of the page.
            metadata: pairs that a job must have; empty for jobs without metadata, None for all jobs.
        """
        if metadata:
            return self._page_with_metadata(after, limit, metadata)
        query = _ALL if metadata is None else _WITHOUT_METADATA
        return self._decode(self._database.rows(query, {"after": after, "limit": limit}))

    def clear_cache(self) -> None:
        """Forget the cached jobs, after the database has been cleared."""
        with self._lock:
            self._cache.clear()

    def _page_with_metadata(
        self, after: str | None, limit: int, metadata: Mapping[str, str]
    ) -> list[Job | RecordedJob]:
        pairs = list(metadata.items())
        if len(pairs) > 1:
            # The rarest pair comes first, since the query reads all jobs that have it.
            pairs.sort(key=self._pair_count)
        values: dict[str, Any] = {"after": after, "limit": limit}
        for number, (key, value) in enumerate(pairs):
            values |= {f"key{number}": key, f"value{number}": value}
        others = "".join(_OTHER_PAIR.format(number) for number in range(1, len(pairs)))
        return self._decode(self._database.rows(_WITH_METADATA.format(others=others), values))

    def _pair_count(self, pair: tuple[str, str]) -> int:
        """Return how many jobs have this pair in their metadata, at most `_MAX_COUNT`."""
        return int(self._database.rows(_PAIR_COUNT, {"key": pair[0], "value": pair[1]})[0][0])

    def _decode(self, rows: list[Any]) -> list[Job | RecordedJob]:
        return [self._database.decode(record, self._decoder) for (record,) in rows]

    def _remember(self, job: Job | RecordedJob) -> None:
        with self._lock:
            self._cache[job.id] = job
            self._cache.move_to_end(job.id)
            if len(self._cache) > _CACHE_SIZE:
                self._cache.popitem(last=False)
