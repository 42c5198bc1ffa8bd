from ..types import OpenStrEnum


class UploadPurpose(OpenStrEnum):
    """Purpose of a file uploaded in parts."""

    ASSISTANTS = "assistants"
    BATCH = "batch"
    FINE_TUNE = "fine-tune"
    VISION = "vision"
