"""Views of the API's objects, generated from openapi.yaml by `make generate`; do not edit.

A field that the server left out, or sent as null or as a value of another type, reads as `None`, or as empty
if the attribute is never `None`. Times are aware datetimes in UTC; `to_dict()` returns the server's values.
"""

from __future__ import annotations

from ..errors import printable
from ..identifiers import CheckpointId, FileId, JobId, ModelId, OrganizationId
from ..statuses import EventLevel, FileStatus, JobStatus, UploadStatus
from . import field_readers
from .field_readers import Field, View

__all__ = [
    "Checkpoint",
    "Deleted",
    "Event",
    "File",
    "Hyperparameters",
    "Integration",
    "JobError",
    "JobFields",
    "Model",
    "Permission",
    "StepMetrics",
    "Upload",
    "UploadPart",
    "WandbIntegration",
]


class JobFields(View):
    """A fine-tuning job.

    Source: `FineTuningJob` in the contract.
    """

    __slots__ = ()

    id = Field(field_readers.or_else(field_readers.text_as(JobId), JobId("")))
    """Id of the job, `ftjob-…`."""
    created_at = Field(field_readers.moment)
    """When the job was created, in UTC."""
    model = Field(field_readers.text_as(ModelId))
    """Model that the training starts from."""
    status = Field(field_readers.or_else(field_readers.text_as(JobStatus), JobStatus("unknown")))
    """State of the job."""
    training_file = Field(field_readers.text_as(FileId))
    """Id of the file that the job trains on."""
    validation_file = Field(field_readers.text_as(FileId))
    """Id of the file that validation metrics are computed from."""
    hyperparameters = Field(field_readers.view(lambda: Hyperparameters))
    """Settings of supervised training; `None` or empty for other methods and for some failed jobs."""
    seed = Field(field_readers.whole)
    """Seed of the training, as requested or as chosen by the server."""
    fine_tuned_model = Field(field_readers.text_as(ModelId))
    """Name of the new model, `ft:…`; `None` until there is one."""
    trained_tokens = Field(field_readers.whole)
    """Tokens billed for the training; `None` until the job has ended."""
    estimated_finish = Field(field_readers.moment)
    """When the job is expected to end, in UTC; `None` when it is not running."""
    finished_at = Field(field_readers.moment)
    """When the job ended, in UTC; `None` until then."""
    result_files = Field(field_readers.list_of(field_readers.text_as(FileId)))
    """Ids of the files with the metrics of every step; empty until the job has ended."""
    integrations = Field(field_readers.list_of(field_readers.view(lambda: Integration)))
    """Services that the job reports to."""
    organization_id = Field(field_readers.text_as(OrganizationId))
    """Organization that owns the job."""


class JobError(View):
    """Why a job failed.

    Source: `FineTuningJobError` in the contract.
    """

    __slots__ = ()

    code = Field(field_readers.text)
    """Kind of failure, for instance `invalid_training_file` or `invalid_n_examples`."""
    message = Field(field_readers.text)
    """Error message, as a sentence; for bad data it includes the number of the example."""
    param = Field(field_readers.text)
    """Setting at fault, usually `training_file` or `validation_file`; `None` if there is none."""

    def __repr__(self) -> str:
        return printable(f"<JobError {self.code}: {self.message}>")


class Hyperparameters(View):
    """Settings of supervised training; `auto` until the job runs, then the numbers chosen.

    Source: `FineTuningJobHyperparameters` in the contract.
    """

    __slots__ = ()

    n_epochs = Field(field_readers.whole_or_auto)
    """Passes over the training file."""
    batch_size = Field(field_readers.whole_or_auto)
    """Examples per training step."""
    learning_rate_multiplier = Field(field_readers.number_or_auto)
    """Multiplier for the learning rate."""


class Integration(View):
    """A service that a job reports to.

    Source: `FineTuningIntegration` in the contract.
    """

    __slots__ = ()

    type = Field(field_readers.text)
    """Always `wandb`, for Weights & Biases, the only service so far."""
    wandb = Field(field_readers.view_or_empty(lambda: WandbIntegration))
    """Run in Weights & Biases that the metrics go to."""


class WandbIntegration(View):
    """A run in Weights & Biases.

    Source: `FineTuningIntegrationWandb` in the contract.
    """

    __slots__ = ()

    project = Field(field_readers.text)
    """Project that the run is created in."""
    name = Field(field_readers.text)
    """Name shown for the run. The job's id when left out."""
    entity = Field(field_readers.text)
    """User or team that the run belongs to. The default of the registered key when left out."""
    tags = Field(field_readers.list_of(field_readers.text))
    """Tags of the run, in addition to those that the service adds itself."""


class Event(View):
    """Something that happened to a job.

    Source: `FineTuningJobEvent` in the contract.
    """

    __slots__ = ()

    id = Field(field_readers.or_else(field_readers.text, ""))
    """Id of the event, `ftevent-…`."""
    created_at = Field(field_readers.moment)
    """When it happened, in UTC. Many events may share a second."""
    level = Field(field_readers.or_else(field_readers.text_as(EventLevel), EventLevel("info")))
    """Severity of the event."""
    message = Field(field_readers.or_else(field_readers.text, ""))
    """Text of the event, as a sentence."""
    type = Field(field_readers.or_else(field_readers.text, "message"))
    """Kind of the event, `metrics` if it has metrics in `data`, otherwise `message`."""
    data = Field(field_readers.view_or_empty(lambda: StepMetrics))
    """Metrics of a step, when `type` is `metrics`."""

    def __repr__(self) -> str:
        return printable(f"<Event {self.id}: {self.message}>")


class StepMetrics(View):
    """Metrics of one training step.

    Validation metrics are present only with a validation file; methods other than supervised add metrics of
    their own.

    Source: `FineTuningJobEventData`, `FineTuningJobCheckpointMetrics` in the contract.
    """

    __slots__ = ()

    step = Field(field_readers.number)
    """Number of the step, from 1."""
    total_steps = Field(field_readers.whole)
    """Total number of steps in the job."""
    train_loss = Field(field_readers.number)
    """Loss on the step's training batch."""
    train_mean_token_accuracy = Field(field_readers.number)
    """Share of the tokens in the training batch that were predicted correctly, 0 to 1."""
    valid_loss = Field(field_readers.number)
    """Loss on a batch of the validation file."""
    valid_mean_token_accuracy = Field(field_readers.number)
    """Share of the tokens in the validation batch that were predicted correctly, 0 to 1."""
    full_valid_loss = Field(field_readers.number)
    """Loss on the whole validation file, at the end of an epoch."""
    full_valid_mean_token_accuracy = Field(field_readers.number)
    """Share of the tokens in the whole validation file that were predicted correctly, 0 to 1."""


class Checkpoint(View):
    """A model saved during a job, ready to use.

    Source: `FineTuningJobCheckpoint` in the contract.
    """

    __slots__ = ()

    id = Field(field_readers.or_else(field_readers.text_as(CheckpointId), CheckpointId("")))
    """Id of the checkpoint, `ftckpt_…`."""
    created_at = Field(field_readers.moment)
    """When the checkpoint was saved, in UTC."""
    fine_tuning_job_id = Field(field_readers.text_as(JobId))
    """Id of the job that it comes from."""
    fine_tuned_model_checkpoint = Field(field_readers.or_else(field_readers.text_as(ModelId), ModelId("")))
    """Model name to use, `ft:…:ckpt-step-N`; for the last one, the final model's name."""
    step_number = Field(field_readers.whole)
    """Training step after which it was saved."""
    metrics = Field(field_readers.view_or_empty(lambda: StepMetrics))
    """Metrics of that step."""

    def __repr__(self) -> str:
        return printable(
            f"<Checkpoint {self.id}: step {self.step_number}, {self.fine_tuned_model_checkpoint}>"
        )


class Permission(View):
    """One project's access to a fine-tuned checkpoint.

    Source: `FineTuningCheckpointPermission` in the contract.
    """

    __slots__ = ()

    id = Field(field_readers.or_else(field_readers.text, ""))
    """Id of the permission, `cp_…`."""
    created_at = Field(field_readers.moment)
    """When the permission was granted, in UTC."""
    project_id = Field(field_readers.text)
    """Project that may use the checkpoint, `proj_…`."""


class Deleted(View):
    """The result of a deletion.

    Source: `DeleteFineTuningCheckpointPermissionResponse`, `DeleteFileResponse`, `DeleteModelResponse` in the
    contract.
    """

    __slots__ = ()

    id = Field(field_readers.or_else(field_readers.text, ""))
    """Id of the object that was deleted."""
    deleted = Field(field_readers.or_else(field_readers.flag, False))
    """True if the object was deleted."""


class File(View):
    """A stored file.

    Source: `OpenAIFile` in the contract.
    """

    __slots__ = ()

    id = Field(field_readers.or_else(field_readers.text_as(FileId), FileId("")))
    """Id of the file, `file-…`."""
    bytes = Field(field_readers.whole)
    """Size of the file in bytes."""
    created_at = Field(field_readers.moment)
    """When the file was stored, in UTC."""
    expires_at = Field(field_readers.moment)
    """When the file will be deleted automatically, in UTC."""
    filename = Field(field_readers.text)
    """Name of the file."""
    purpose = Field(field_readers.text)
    """Purpose of the file."""
    status = Field(field_readers.text_as(FileStatus))
    """State of the file. Deprecated by the vendor, but still sent."""
    status_details = Field(field_readers.text)
    """Why the file is not usable. Deprecated; failures of training files are in the job's `error`."""

    def __repr__(self) -> str:
        return printable(f"<File {self.id}: {self.filename}, {self.bytes} bytes, {self.status}>")


class Upload(View):
    """A file that is being sent in parts.

    Source: `Upload` in the contract.
    """

    __slots__ = ()

    id = Field(field_readers.or_else(field_readers.text, ""))
    """Id of the upload, `upload_…`."""
    created_at = Field(field_readers.moment)
    """When the upload was opened, in UTC."""
    filename = Field(field_readers.text)
    """Name of the file."""
    bytes = Field(field_readers.whole)
    """Size of the whole file in bytes, as announced."""
    purpose = Field(field_readers.text)
    """Purpose of the file."""
    status = Field(field_readers.or_else(field_readers.text_as(UploadStatus), UploadStatus("unknown")))
    """State of the upload."""
    expires_at = Field(field_readers.moment)
    """When a pending upload expires, in UTC, an hour after it was opened."""
    file = Field(field_readers.view(lambda: File))
    """The file that the upload became; `None` until the upload is completed."""

    def __repr__(self) -> str:
        return printable(f"<Upload {self.id}: {self.filename}, {self.status}>")


class UploadPart(View):
    """A part of an upload.

    Source: `UploadPart` in the contract.
    """

    __slots__ = ()

    id = Field(field_readers.or_else(field_readers.text, ""))
    """Id of the part, `part_…`."""
    created_at = Field(field_readers.moment)
    """When the part was stored, in UTC."""
    upload_id = Field(field_readers.text)
    """Id of the upload that it belongs to."""


class Model(View):
    """A model.

    Source: `Model` in the contract.
    """

    __slots__ = ()

    id = Field(field_readers.or_else(field_readers.text_as(ModelId), ModelId("")))
    """Id of the model, to be used in requests."""
    created = Field(field_readers.moment)
    """When the model was created, in UTC."""
    owned_by = Field(field_readers.text)
    """Organization that owns the model."""
    shutdown_date = Field(field_readers.text)
    """Day on which the model will be shut down, `YYYY-MM-DD`; `None` when none is announced."""
