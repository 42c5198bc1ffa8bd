# Generated from the table in __init__.py by `make generate`; do not edit.

from .charts import loss_curve as loss_curve
from .comparison import Comparison as Comparison
from .comparison import compare as compare
from .metrics import MetricRow as MetricRow
from .signs import Sign as Sign
from .snapshot import Snapshot as Snapshot
from .table import Metrics as Metrics

__all__ = ["Comparison", "MetricRow", "Metrics", "Sign", "Snapshot", "compare", "loss_curve"]
