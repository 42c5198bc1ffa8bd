from ..types import OpenStrEnum


class StringCheckOperation(OpenStrEnum):
    """Comparison of two texts: equal, not equal, containing, or containing with no regard to case."""

    EQ = "eq"
    NE = "ne"
    LIKE = "like"
    ILIKE = "ilike"
