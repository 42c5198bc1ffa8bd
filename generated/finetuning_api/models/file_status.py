from ..types import OpenStrEnum


class FileStatus(OpenStrEnum):
    """Whether a file is received, ready to use, or unusable. Compatible servers know further values."""

    UPLOADED = "uploaded"
    PROCESSED = "processed"
    ERROR = "error"
