from ..types import OpenStrEnum


class FileStatus(OpenStrEnum):
    """State of a file: received, ready to use, or unusable. Compatible servers use other values too."""

    UPLOADED = "uploaded"
    PROCESSED = "processed"
    ERROR = "error"
