"""Before the job: checking the data that it is trained on."""

from .checks import DatasetReport, check_dataset

__all__ = ["DatasetReport", "check_dataset"]
