from __future__ import annotations

from typing import Any, Literal

from attrs import define

from .. import models
from ..types import READ, READ_ALL, UNSET, ApiObject, Members, Unset

_FineTuningJobStatus = Members("FineTuningJobStatus")


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class FineTuningJob(ApiObject):
    """A fine-tuning job.

    Attributes:
        id: Id of the job, `ftjob-…`.
        created_at: When the job was created, in Unix seconds.
        model: Model that the training starts from.
        status: State of the job.
        object: Always `fine_tuning.job`.
        training_file: Id of the file that the job trains on.
        validation_file: Id of the file that validation metrics are computed from.
        method: Training method, with its hyperparameters.
        hyperparameters: Settings of supervised training; null or empty for other methods and for some failed
            jobs.
        seed: Seed of the training, as requested or as chosen by the server.
        fine_tuned_model: Name of the new model, `ft:…`; null until there is one.
        trained_tokens: Tokens billed for the training; null until the job has ended.
        estimated_finish: When the job is expected to end, in Unix seconds; null when it is not running.
        finished_at: When the job ended, in Unix seconds; null until then.
        result_files: Ids of the files with the metrics of every step; empty until the job has ended.
        error: Why the job failed. For a job that has not failed, null, an empty object, or one whose fields are
            all null.
        integrations: Services that the job reports to.
        metadata: Pairs of strings that the caller has attached to the job.
        organization_id: Organization that owns the job.
    """

    id: str
    created_at: int
    model: str
    status: models.FineTuningJobStatus
    object: Literal["fine_tuning.job"] = "fine_tuning.job"
    training_file: str | None | Unset = UNSET
    validation_file: str | None | Unset = UNSET
    method: models.FineTuneMethod | None | Unset = UNSET
    hyperparameters: models.FineTuningJobHyperparameters | None | Unset = UNSET
    seed: int | None | Unset = UNSET
    fine_tuned_model: str | None | Unset = UNSET
    trained_tokens: int | None | Unset = UNSET
    estimated_finish: int | None | Unset = UNSET
    finished_at: int | None | Unset = UNSET
    result_files: list[str] | None | Unset = UNSET
    error: models.FineTuningJobError | None | Unset = UNSET
    integrations: list[models.FineTuningIntegration] | None | Unset = UNSET
    metadata: dict[str, str] | None | Unset = UNSET
    organization_id: str | None | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.id = src["id"]
        self.object = src["object"]
        self.created_at = src["created_at"]
        self.model = src["model"]
        self.status = _FineTuningJobStatus[v] if type(v := src["status"]) is str else v
        self.training_file = src["training_file"]
        self.validation_file = src["validation_file"]
        self.method = READ["FineTuneMethod"](v) if type(v := src["method"]) is dict else v
        self.hyperparameters = (
            READ["FineTuningJobHyperparameters"](v) if type(v := src["hyperparameters"]) is dict else v
        )
        self.seed = src["seed"]
        self.fine_tuned_model = src["fine_tuned_model"]
        self.trained_tokens = src["trained_tokens"]
        self.estimated_finish = src["estimated_finish"]
        self.finished_at = src["finished_at"]
        self.result_files = src["result_files"]
        self.error = READ["FineTuningJobError"](v) if type(v := src["error"]) is dict else v
        self.integrations = v and READ_ALL["FineTuningIntegration"](v) if type(v := src["integrations"]) is list else v
        self.metadata = src["metadata"]
        self.organization_id = src["organization_id"]
