"""Before the job: checking and preparing the data that it is trained on.

Every name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .checks import check as check
    from .checks import check_dataset as check_dataset
    from .findings import Finding as Finding
    from .report import DatasetReport as DatasetReport
    from .statistics import DatasetStatistics as DatasetStatistics
    from .statistics import Lengths as Lengths

# A line for each module. A module must not have the name of a public function, which would hide it.
_NAMES = {
    "checks": "check check_dataset",
    "findings": "Finding",
    "report": "DatasetReport",
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
