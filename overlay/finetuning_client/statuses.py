"""The states of jobs, files and uploads, as open enums: a value this release does not know is kept as it is.

An unknown status is neither terminal nor an error: waiting goes on until a status it knows to be an end.
"""

from __future__ import annotations

from finetuning_api.types import OpenStrEnum

__all__ = ["EventLevel", "FileStatus", "JobStatus"]


class JobStatus(OpenStrEnum):
    """The state of a job (`FineTuningJobStatus` in the contract).

    A value compares equal to its text: `job.status == "failed"`.
    """

    VALIDATING_FILES = "validating_files"
    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_terminal(self) -> bool:
        """Whether the job has ended and its status will not change again."""
        return self in _ENDS

    @property
    def is_active(self) -> bool:
        """Whether the service is at work on the job, or will be unasked: not ended, not paused."""
        return self not in _ENDS and self is not JobStatus.PAUSED


_ENDS = frozenset({JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED})


class FileStatus(OpenStrEnum):
    """The state of a file (`FileStatus` in the contract)."""

    UPLOADED = "uploaded"
    PROCESSED = "processed"
    ERROR = "error"

    @property
    def is_terminal(self) -> bool:
        """Whether the service is done with the file, for better or worse."""
        return self in (FileStatus.PROCESSED, FileStatus.ERROR)

    @property
    def is_active(self) -> bool:
        """Whether the service is still to look at the file."""
        return not self.is_terminal


class EventLevel(OpenStrEnum):
    """How grave an event is (`FineTuningJobEventLevel` in the contract)."""

    INFO = "info"
    WARN = "warn"
    ERROR = "error"
