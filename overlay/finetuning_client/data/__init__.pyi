# Generated from the table in __init__.py by `make generate`; do not edit.

from ..prices import Price as Price
from .checks import check as check
from .checks import check_dataset as check_dataset
from .conversion import Converted as Converted
from .conversion import convert as convert
from .deduplication import Deduplicated as Deduplicated
from .deduplication import dedupe as dedupe
from .findings import Finding as Finding
from .grader_references import GraderCheck as GraderCheck
from .grader_references import Mismatch as Mismatch
from .grader_references import Reference as Reference
from .grader_references import template_references as template_references
from .job_cost import CostEstimate as CostEstimate
from .job_cost import cost as cost
from .repairing import Mending as Mending
from .repairing import Repaired as Repaired
from .repairing import repair as repair
from .report import DatasetReport as DatasetReport
from .rewards import Reward as Reward
from .rewards import RewardTable as RewardTable
from .sampling import Sampled as Sampled
from .sampling import sample as sample
from .splitting import Split as Split
from .splitting import split as split
from .statistics import DatasetStatistics as DatasetStatistics
from .statistics import Lengths as Lengths

__all__ = [
    "Converted",
    "CostEstimate",
    "DatasetReport",
    "DatasetStatistics",
    "Deduplicated",
    "Finding",
    "GraderCheck",
    "Lengths",
    "Mending",
    "Mismatch",
    "Price",
    "Reference",
    "Repaired",
    "Reward",
    "RewardTable",
    "Sampled",
    "Split",
    "check",
    "check_dataset",
    "convert",
    "cost",
    "dedupe",
    "repair",
    "sample",
    "split",
    "template_references",
]
