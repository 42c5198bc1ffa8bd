from ..types import OpenStrEnum


class UploadStatus(OpenStrEnum):
    """How far an upload is. All but `pending` are final."""

    PENDING = "pending"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
