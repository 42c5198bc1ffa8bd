from ..types import OpenStrEnum


class CheckpointPermissionOrder(OpenStrEnum):
    """Order of permissions by creation, oldest or newest first."""

    ASCENDING = "ascending"
    DESCENDING = "descending"
