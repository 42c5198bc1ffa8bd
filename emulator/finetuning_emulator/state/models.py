"""Fine-tuned models: their table and its SQL.

Every checkpoint of a job is a model. A row whose `available_at` is in the future does not exist yet.
"""

from __future__ import annotations

import sqlite3

import msgspec

from finetuning_emulator.controls.clock import Milliseconds
from finetuning_emulator.simulation.job import Job
from finetuning_emulator.state.database import Database

__all__ = ["MODELS_SCHEMA", "ModelRow", "ModelTable", "insert_models", "move_models"]

MODELS_SCHEMA = """
CREATE TABLE models (
    id TEXT PRIMARY KEY,
    job_id TEXT NOT NULL,
    available_at INTEGER,
    deleted INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID
"""
_ONE = """
SELECT id, job_id, available_at FROM models WHERE id = :id AND deleted = 0 AND available_at <= :now
"""
_ALL = """
SELECT id, job_id, available_at FROM models
WHERE deleted = 0 AND available_at <= :now ORDER BY available_at, id
"""


class ModelRow(msgspec.Struct, frozen=True):
    """A fine-tuned model; `id` is its name."""

    id: str
    job_id: str
    available_at: Milliseconds


class ModelTable:
    """The fine-tuned models of a state."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str, now: Milliseconds) -> ModelRow | None:
        """Return a model, or None if it does not exist at this time."""
        rows = self._database.rows(_ONE, {"id": name, "now": now})
        return ModelRow(*rows[0]) if rows else None

    def all(self, now: Milliseconds) -> list[ModelRow]:
        """Return the models that exist at this time, oldest first."""
        return [ModelRow(*row) for row in self._database.rows(_ALL, {"now": now})]

    def delete(self, name: str) -> None:
        """Delete a model."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE models SET deleted = 1 WHERE id = ?", (name,))


def insert_models(connection: sqlite3.Connection, job: Job) -> None:
    """Add the models of a job's checkpoints, in an open transaction."""
    connection.executemany(
        "INSERT INTO models (id, job_id, available_at) VALUES (?, ?, ?)",
        [(job.checkpoint_model(step), job.id, job.checkpoint_time(step)) for step in job.checkpoint_steps()],
    )


def move_models(connection: sqlite3.Connection, job: Job) -> None:
    """Change the times of a job's models to those of its timeline, in an open transaction."""
    connection.executemany(
        "UPDATE models SET available_at = ? WHERE id = ?",
        [(job.checkpoint_time(step), job.checkpoint_model(step)) for step in job.checkpoint_steps()],
    )
