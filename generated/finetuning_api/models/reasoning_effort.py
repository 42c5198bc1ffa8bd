from ..types import OpenStrEnum


class ReasoningEffort(OpenStrEnum):
    """Amount of reasoning before a response; less is faster. Not every model supports every value."""

    NONE = "none"
    MINIMAL = "minimal"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    XHIGH = "xhigh"
    MAX = "max"
