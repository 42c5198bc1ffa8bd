from ..types import OpenStrEnum


class StringCheckOperation(OpenStrEnum):
    """Comparison of two texts: equal, not equal, containing, or containing regardless of case."""

    EQ = "eq"
    NE = "ne"
    LIKE = "like"
    ILIKE = "ilike"
