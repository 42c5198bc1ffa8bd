from ..types import OpenStrEnum


class FineTuneReasoningEffort(OpenStrEnum):
    """How much a model reasons while it is trained."""

    DEFAULT = "default"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
