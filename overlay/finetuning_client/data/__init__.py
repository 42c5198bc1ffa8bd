"""Before the job: checking, making and pricing the data that it is trained on.

    from finetuning_client.data import check_dataset, cost, repair, split

Every name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .checks import DatasetReport, check_dataset
    from .deduplication import Deduplicated, dedupe
    from .sampling import Sampled, sample
    from .splitting import Split, split

_MODULE_OF = {
    "DatasetReport": "checks",
    "Deduplicated": "deduplication",
    "Sampled": "sampling",
    "Split": "splitting",
    "check_dataset": "checks",
    "dedupe": "deduplication",
    "sample": "sampling",
    "split": "splitting",
}

__all__ = [
    "DatasetReport",
    "Deduplicated",
    "Sampled",
    "Split",
    "check_dataset",
    "dedupe",
    "sample",
    "split",
]


def __getattr__(name: str) -> object:
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
