from ..types import OpenStrEnum


class UploadPurpose(OpenStrEnum):
    """What a file uploaded in parts is for."""

    ASSISTANTS = "assistants"
    BATCH = "batch"
    FINE_TUNE = "fine-tune"
    VISION = "vision"
