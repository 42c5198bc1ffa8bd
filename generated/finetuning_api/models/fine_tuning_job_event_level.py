from ..types import OpenStrEnum


class FineTuningJobEventLevel(OpenStrEnum):
    """Severity of an event."""

    INFO = "info"
    WARN = "warn"
    ERROR = "error"
