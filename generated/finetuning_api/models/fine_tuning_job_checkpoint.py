from __future__ import annotations

from typing import Any, Literal

from attrs import define

from .. import models
from ..types import READ, UNSET, ApiObject, Unset


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class FineTuningJobCheckpoint(ApiObject):
    """A model saved during a job, ready to use.

    Attributes:
        id: Id of the checkpoint, `ftckpt_…`.
        created_at: When the checkpoint was saved, in Unix seconds.
        fine_tuned_model_checkpoint: Model name to use, `ft:…:ckpt-step-N`; for the last one, the final model's
            name.
        step_number: Training step after which it was saved.
        object: Always `fine_tuning.job.checkpoint`.
        fine_tuning_job_id: Id of the job that it comes from.
        metrics: Metrics of that step.
    """

    id: str
    created_at: int
    fine_tuned_model_checkpoint: str
    step_number: int
    object: Literal["fine_tuning.job.checkpoint"] = "fine_tuning.job.checkpoint"
    fine_tuning_job_id: str | Unset = UNSET
    metrics: models.FineTuningJobCheckpointMetrics | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.id = src["id"]
        self.object = src["object"]
        self.created_at = src["created_at"]
        self.fine_tuning_job_id = src["fine_tuning_job_id"]
        self.fine_tuned_model_checkpoint = src["fine_tuned_model_checkpoint"]
        self.step_number = src["step_number"]
        self.metrics = READ["FineTuningJobCheckpointMetrics"](v) if type(v := src["metrics"]) is dict else v
