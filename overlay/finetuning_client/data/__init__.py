"""Before the job: checking and preparing its training data.

Each name is loaded when it is first used.
"""

from ..lazy_package import lazy_names

__all__, __getattr__, __dir__ = lazy_names(
    __name__,
    {
        ".prices": "Price",
        "checks": "check check_dataset",
        "conversion": "Converted convert",
        "deduplication": "Deduplicated dedupe",
        "findings": "Finding",
        "grader_references": "GraderCheck Mismatch Reference template_references",
        "job_cost": "CostEstimate cost",
        "repairing": "Mending Repaired repair",
        "report": "DatasetReport",
        "rewards": "Reward RewardTable",
        "sampling": "Sampled sample",
        "splitting": "Split split",
        "statistics": "DatasetStatistics Lengths",
    },
)
