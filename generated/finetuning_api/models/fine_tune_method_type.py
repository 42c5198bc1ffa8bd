from ..types import OpenStrEnum


class FineTuneMethodType(OpenStrEnum):
    """Method of training: from example answers, from preferred and rejected answers, or from rewards."""

    SUPERVISED = "supervised"
    DPO = "dpo"
    REINFORCEMENT = "reinforcement"
