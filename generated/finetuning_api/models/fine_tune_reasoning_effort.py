from ..types import OpenStrEnum


class FineTuneReasoningEffort(OpenStrEnum):
    """Amount of reasoning during training."""

    DEFAULT = "default"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
