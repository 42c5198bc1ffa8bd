"""Statuses as open enums, generated from openapi.yaml by `make generate`; do not edit.

An unknown value is kept as it is. It is neither final nor an error: waiting continues until the value is one
that is known to be final.
"""

from __future__ import annotations

from finetuning_api.types import OpenStrEnum

from .open_status import Status, with_outcomes

__all__ = ["EventLevel", "FileStatus", "JobStatus", "UploadStatus"]


@with_outcomes({"succeeded": "succeeded", "failed": "failed", "cancelled": "cancelled"}, idle=("paused",))
class JobStatus(Status):
    """State of a job.

    `succeeded`, `failed` and `cancelled` are final. Compatible servers use other values too.

    A value compares equal to its text. Source: `FineTuningJobStatus` in the contract.
    """

    VALIDATING_FILES = "validating_files"
    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class EventLevel(OpenStrEnum):
    """Severity of an event.

    A value compares equal to its text. Source: `FineTuningJobEventLevel` in the contract.
    """

    INFO = "info"
    WARN = "warn"
    ERROR = "error"


@with_outcomes({"processed": "succeeded", "error": "failed"}, idle=())
class FileStatus(Status):
    """State of a file: received, ready to use, or unusable.

    Compatible servers use other values too.

    A value compares equal to its text. Source: `FileStatus` in the contract.
    """

    UPLOADED = "uploaded"
    PROCESSED = "processed"
    ERROR = "error"


@with_outcomes({"completed": "succeeded", "cancelled": "cancelled", "expired": "failed"}, idle=())
class UploadStatus(Status):
    """State of an upload.

    All but `pending` are final.

    A value compares equal to its text. Source: `UploadStatus` in the contract.
    """

    PENDING = "pending"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
