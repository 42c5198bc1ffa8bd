from ..types import OpenStrEnum


class FineTuningJobEventType(OpenStrEnum):
    """Kind of an event."""

    MESSAGE = "message"
    METRICS = "metrics"
