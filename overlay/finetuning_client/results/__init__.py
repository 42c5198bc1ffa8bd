"""After the job: its metrics, its best checkpoint, signs of problems, pictures, reports and comparisons.

Every name is loaded when it is first used: a program that reads metrics needs no pages.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .charts import loss_curve
    from .comparison import Comparison, compare
    from .metrics import MetricRow
    from .signs import Sign
    from .snapshot import Snapshot
    from .table import Metrics

__all__ = ["Comparison", "MetricRow", "Metrics", "Sign", "Snapshot", "compare", "loss_curve"]

_MODULE_OF = {
    "Comparison": "comparison",
    "MetricRow": "metrics",
    "Metrics": "table",
    "Sign": "signs",
    "Snapshot": "snapshot",
    "compare": "comparison",
    "loss_curve": "charts",
}


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value
