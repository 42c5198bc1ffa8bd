from ..types import OpenStrEnum


class FineTuningJobStatus(OpenStrEnum):
    """State of a job. `succeeded`, `failed` and `cancelled` are final. Compatible servers use other values too."""

    VALIDATING_FILES = "validating_files"
    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
