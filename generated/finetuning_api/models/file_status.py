from ..types import OpenStrEnum


class FileStatus(OpenStrEnum):
    """State of a file: received, ready to use, or unusable. Compatible servers know further values."""

    UPLOADED = "uploaded"
    PROCESSED = "processed"
    ERROR = "error"
