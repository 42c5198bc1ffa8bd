"""After the job: its metrics, its best checkpoint, signs of problems, pictures, reports and comparisons.

Each name is loaded when it is first used, so a program that only reads metrics does not load the pages.
"""

from ..lazy_package import lazy_names

__all__, __getattr__, __dir__ = lazy_names(
    __name__,
    {
        "charts": "loss_curve",
        "comparison": "Comparison compare",
        "metrics": "MetricRow",
        "signs": "Sign",
        "snapshot": "Snapshot",
        "table": "Metrics",
    },
)
