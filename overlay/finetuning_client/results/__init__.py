"""After the job: its metrics, its best checkpoint, and pictures of them."""

from .charts import loss_curve
from .metrics import MetricRow

__all__ = ["MetricRow", "loss_curve"]
