"""Heads of jobs: the part of a listed job that a run needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from ..open_status import Meaning
from ..statuses import JobStatus
from ..views.field_readers import seconds
from .format import decoded, log_path


class Head(Struct, frozen=True):
    """A job in short.

    Attributes:
        id: of the job.
        created: when it was created, in Unix seconds; 0 if the server does not say.
        status: as the server calls it.
        files: ids of its training, validation and result files.
        model: name of the model that it produced, or empty.
    """

    id: str
    created: float
    status: str
    files: tuple[str, ...]
    model: str

    @property
    def log(self) -> str:
        """The path of the job's log."""
        return log_path(self.id)

    def is_final(self, declared: Mapping[str, Meaning]) -> bool:
        """Return whether the job has ended, so that nothing about it will change."""
        return JobStatus.of(self.status, declared).is_terminal

    @classmethod
    def of(cls, job: Mapping[str, Any]) -> Head:
        """Return the head of a job as the server described it."""
        status, created, results = job.get("status"), job.get("created_at"), job.get("result_files")
        ids = [job.get("training_file"), job.get("validation_file")]
        ids += results if isinstance(results, list) else []
        model = job.get("fine_tuned_model")
        return cls(
            id=str(job["id"]),
            created=seconds(created) or 0.0,
            status=status if isinstance(status, str) else "",
            files=tuple(dict.fromkeys(name for name in ids if isinstance(name, str) and name)),
            model=model if isinstance(model, str) else "",
        )

    @classmethod
    def of_line(cls, line: bytes) -> Head | None:
        """Return the head of a line of `jobs.jsonl`; `None` if the line has no job."""
        job = decoded(line).get("job")
        return cls.of(job) if isinstance(job, dict) and isinstance(job.get("id"), str) else None
