from ..types import OpenStrEnum


class FineTuningJobEventLevel(OpenStrEnum):
    """How serious an event is."""

    INFO = "info"
    WARN = "warn"
    ERROR = "error"
