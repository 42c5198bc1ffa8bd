from ..types import OpenStrEnum


class ReasoningEffort(OpenStrEnum):
    """How much a model reasons before it answers; less is faster. Not every model knows every value."""

    NONE = "none"
    MINIMAL = "minimal"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    XHIGH = "xhigh"
    MAX = "max"
