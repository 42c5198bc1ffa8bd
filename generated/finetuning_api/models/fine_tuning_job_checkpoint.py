from __future__ import annotations

from typing import Any, Literal, Self

from attrs import define

from ..types import UNSET, ApiObject, Unset


@define(repr=False)
class FineTuningJobCheckpoint(ApiObject):
    """A model saved during a job, ready to use.

    Attributes:
        id: Id of the checkpoint, `ftckpt_…`.
        created_at: When the checkpoint was saved, in Unix seconds.
        fine_tuned_model_checkpoint: Name to use the model by, `ft:…:ckpt-step-N`; for the last one, the final
            model's name.
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
    metrics: FineTuningJobCheckpointMetrics | Unset = UNSET

    @classmethod
    def _read(cls, src: dict[str, Any]) -> Self:
        return cls(
            src["id"],
            src["created_at"],
            src["fine_tuned_model_checkpoint"],
            src["step_number"],
            src["object"],
            src["fine_tuning_job_id"],
            FineTuningJobCheckpointMetrics.from_dict(v) if type(v := src["metrics"]) is dict else v,
        )


from .fine_tuning_job_checkpoint_metrics import FineTuningJobCheckpointMetrics
