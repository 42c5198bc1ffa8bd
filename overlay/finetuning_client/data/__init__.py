"""Before the job: checking and preparing the data that it is trained on.

Every name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
    from .prices import Price as Price
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

# A line for each module. A module must not have the name of a public function, which would hide it.
_NAMES = {
    "checks": "check check_dataset",
    "conversion": "Converted convert",
    "deduplication": "Deduplicated dedupe",
    "findings": "Finding",
    "grader_references": "GraderCheck Mismatch Reference template_references",
    "job_cost": "CostEstimate cost",
    "prices": "Price",
    "repairing": "Mending Repaired repair",
    "report": "DatasetReport",
    "rewards": "Reward RewardTable",
    "sampling": "Sampled sample",
    "splitting": "Split split",
    "statistics": "DatasetStatistics Lengths",
}
_MODULE_OF = {name: module for module, names in _NAMES.items() for name in names.split()}

__all__ = [*_MODULE_OF]  # noqa: PLE0604  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> object:
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
