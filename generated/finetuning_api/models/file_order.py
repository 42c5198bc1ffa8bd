from ..types import OpenStrEnum


class FileOrder(OpenStrEnum):
    """Order of files by creation, oldest or newest first."""

    ASC = "asc"
    DESC = "desc"
