from ..types import OpenStrEnum


class UploadStatus(OpenStrEnum):
    """State of an upload. All but `pending` are final."""

    PENDING = "pending"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
