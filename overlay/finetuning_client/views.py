"""Views: objects of the API as people read them, over the models of the generated library.

What the server left out, or sent as null or as a value of another type, reads as `None`; times are aware
datetimes in UTC; `to_dict()` has what the server sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Generic, Literal, Self, TypeVar, overload

from .errors import JobCancelled, JobFailed
from .identifiers import TOKEN_KEY, CheckpointId, FileId, JobId, ModelId, OrganizationId
from .statuses import EventLevel, FileStatus, JobStatus, UploadStatus

if TYPE_CHECKING:
    from .method_objects import UnknownMethod
    from .methods import Method

T = TypeVar("T")
J = TypeVar("J", bound="JobView")


class _Field(Generic[T]):
    """A field of a view: reads the value that the server sent, and converts it."""

    __slots__ = ("_name", "_read")

    def __init__(self, read: Callable[[Any], T], name: str = "") -> None:
        self._read = read
        self._name = name

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = self._name or name

    @overload
    def __get__(self, view: None, owner: type) -> Self: ...
    @overload
    def __get__(self, view: _View, owner: type) -> T: ...
    def __get__(self, view: _View | None, owner: type) -> T | Self:
        if view is None:
            return self
        data = view._data  # noqa: SLF001  fields are part of views
        found = data.get(self._name) if isinstance(data, dict) else getattr(data, self._name, None)
        return self._read(found)


def moment(value: object) -> datetime | None:
    """Return a time in Unix seconds as a moment in UTC; `None` for anything that is not a time."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: object) -> float | None:
    is_finite = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")
    return value if is_finite else None  # type: ignore[return-value]


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str) and value else None


def _id(value: object) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: object) -> dict[str, Any]:
    to_dict = getattr(value, "to_dict", None)
    found = to_dict() if callable(to_dict) else value
    return dict(found) if isinstance(found, Mapping) else {}


def _setting(value: object) -> float | Literal["auto"] | None:
    return "auto" if value == "auto" else _number(value)


def _whole_setting(value: object) -> int | Literal["auto"] | None:
    return "auto" if value == "auto" else _whole(value)


class _View:
    """Base of the views."""

    __slots__ = ("_data",)

    def __init__(self, data: Any) -> None:
        self._data: Any = data  # a model of the generated library, or a dict

    def to_dict(self) -> dict[str, Any]:
        """Return what the server sent, unknown fields included."""
        return _mapping(self._data)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.to_dict() == self.to_dict()

    def __hash__(self) -> int:
        return hash((type(self), getattr(self, "id", None)))

    def __repr__(self) -> str:
        name = getattr(self, "id", "")
        return f"<{type(self).__name__} {name or self.to_dict()}>"


class StepMetrics(_View):
    """Metrics of one training step, of an event or a checkpoint; `None` where nothing was measured.

    `to_dict()` has further values that the server sent.
    """

    __slots__ = ()

    step = _Field(_number)
    """The step, from 1."""
    total_steps = _Field(_number)
    """Number of steps in all, where the server says it."""
    train_loss = _Field(_number)
    """Loss over the training batch of the step."""
    train_mean_token_accuracy = _Field(_number)
    """Accuracy over the training batch, 0 to 1."""
    valid_loss = _Field(_number)
    """Loss over a batch of the validation file."""
    valid_mean_token_accuracy = _Field(_number)
    """Accuracy over a batch of the validation file, 0 to 1."""
    full_valid_loss = _Field(_number)
    """Loss over the whole validation file."""
    full_valid_mean_token_accuracy = _Field(_number)
    """Accuracy over the whole validation file, 0 to 1."""

    def __bool__(self) -> bool:
        return bool(self.to_dict())


class Event(_View):
    """One thing that happened to a job (`FineTuningJobEvent` in the contract)."""

    __slots__ = ()

    id = _Field(_id)
    """Id of the event, `ftevent-…`."""
    created_at = _Field(moment)
    """When it happened."""
    level = _Field(lambda value: EventLevel(_text(value) or "info"))
    """How severe it is."""
    message = _Field(lambda value: _text(value) or "")
    """What happened, in words."""
    type = _Field(lambda value: _text(value) or "message")
    """Kind of the event: `message` or `metrics`."""
    data = _Field(StepMetrics)
    """Values that belong to it: the metrics of a step for an event of type `metrics`."""

    def __repr__(self) -> str:
        return f"<Event {self.id}: {self.message}>"


class Checkpoint(_View):
    """A model saved during a job, ready to use (`FineTuningJobCheckpoint` in the contract)."""

    __slots__ = ()

    id = _Field(lambda value: CheckpointId(_id(value)))
    """Id of the checkpoint, `ftckpt_…`."""
    created_at = _Field(moment)
    """When it was saved."""
    fine_tuned_model_checkpoint = _Field(lambda value: ModelId(_id(value)))
    """Name of its model, `ft:…:ckpt-step-…`; the last checkpoint has the name of the job's model."""
    step_number = _Field(_whole)
    """Training step after which it was saved."""
    fine_tuning_job_id = _Field(lambda value: JobId(_id(value)) or None)
    """Id of its job."""
    metrics = _Field(StepMetrics)
    """Metrics of its step."""

    def __repr__(self) -> str:
        return f"<Checkpoint {self.id}: step {self.step_number}, {self.fine_tuned_model_checkpoint}>"


class File(_View):
    """A file at the service (`OpenAIFile` in the contract)."""

    __slots__ = ()

    id = _Field(lambda value: FileId(_id(value)))
    """Id of the file, `file-…`."""
    filename = _Field(_text)
    """Its name."""
    bytes = _Field(_whole)
    """Its size in bytes."""
    purpose = _Field(_text)
    """What it is for, such as `fine-tune`."""
    status = _Field(lambda value: FileStatus(value) if _text(value) else None)
    """Whether the service has processed it; `None` where the server does not say."""
    status_details = _Field(_text)
    """Why the service refuses it."""
    created_at = _Field(moment)
    """When it was created."""
    expires_at = _Field(moment)
    """When the service deletes it; `None` for never."""

    def __repr__(self) -> str:
        return f"<File {self.id}: {self.filename}, {self.bytes} bytes, {self.status}>"


class UploadPart(_View):
    """A part of an upload (`UploadPart` in the contract)."""

    __slots__ = ()

    id = _Field(_id)
    """Id of the part, `part_…`."""
    created_at = _Field(moment)
    """When it was received."""
    upload_id = _Field(_text)
    """Id of its upload."""


class Upload(_View):
    """A file that is uploaded in parts (`Upload` in the contract)."""

    __slots__ = ()

    id = _Field(_id)
    """Id of the upload, `upload_…`."""
    filename = _Field(_text)
    """Name of the file."""
    bytes = _Field(_whole)
    """Size of the whole file in bytes."""
    purpose = _Field(_text)
    """What the file is for."""
    status = _Field(lambda value: UploadStatus(_text(value) or "unknown"))
    """State of the upload."""
    created_at = _Field(moment)
    """When it was created."""
    expires_at = _Field(moment)
    """When the service discards it."""
    file = _Field(lambda value: File(value) if hasattr(value, "to_dict") else None)
    """The file, once the upload is complete."""

    def __repr__(self) -> str:
        return f"<Upload {self.id}: {self.filename}, {self.status}>"


class Model(_View):
    """A model that can be used (`Model` in the contract)."""

    __slots__ = ()

    id = _Field(lambda value: ModelId(_id(value)))
    """Name of the model."""
    created = _Field(moment)
    """When it was created."""
    owned_by = _Field(_text)
    """The organization that owns it."""


class Permission(_View):
    """One project's access to a checkpoint (`FineTuningCheckpointPermission` in the contract)."""

    __slots__ = ()

    id = _Field(_id)
    """Id of the permission, `cp_…`."""
    project_id = _Field(_text)
    """The project, `proj_…`."""
    created_at = _Field(moment)
    """When it was given."""


class Deleted(_View):
    """The result of a deletion."""

    __slots__ = ()

    id = _Field(_id)
    """Id of the object that was deleted."""
    deleted = _Field(lambda value: value is True)
    """Whether it is deleted."""


class JobError(_View):
    """Why a job failed (`FineTuningJobError` in the contract)."""

    __slots__ = ()

    code = _Field(_text)
    """Machine-readable reason, such as `invalid_training_file`."""
    message = _Field(_text)
    """The reason in words."""
    param = _Field(_text)
    """The argument at fault, such as `training_file`."""

    def __repr__(self) -> str:
        return f"<JobError {self.code}: {self.message}>"


class Hyperparameters(_View):
    """Hyperparameters of a supervised job (`FineTuningJobHyperparameters`): `"auto"` until the job runs."""

    __slots__ = ()

    n_epochs = _Field(_whole_setting)
    """Passes over the training file."""
    batch_size = _Field(_whole_setting)
    """Examples in each step."""
    learning_rate_multiplier = _Field(_setting)
    """Factor on the service's learning rate."""


class WandbIntegration(_View):
    """Settings of reports to Weights & Biases (`FineTuningIntegrationWandb` in the contract)."""

    __slots__ = ()

    project = _Field(_text)
    """Name of the project."""
    name = _Field(_text)
    """Name of the run."""
    entity = _Field(_text)
    """Team or user of the project."""
    tags = _Field(lambda value: [tag for tag in value if _text(tag)] if isinstance(value, list) else [])
    """Tags of the run."""


class Integration(_View):
    """A service that the job reports to (`FineTuningIntegration` in the contract)."""

    __slots__ = ()

    type = _Field(_text)
    """Kind of the service, such as `wandb`."""
    wandb = _Field(WandbIntegration)
    """Settings for Weights & Biases; empty for another service."""


class JobView(_View):
    """A fine-tuning job as the server last described it (`FineTuningJob` in the contract).

    Handles of the same job are equal.
    """

    __slots__ = ()

    id = _Field(lambda value: JobId(_id(value)))
    """Id of the job, `ftjob-…`."""
    status = _Field(lambda value: JobStatus(_text(value) or "unknown"))
    """State of the job; a status that this release does not know keeps its text."""
    model = _Field(lambda value: ModelId(_id(value)) or None)
    """The base model."""
    fine_tuned_model = _Field(lambda value: ModelId(_id(value)) or None)
    """Name of the model that the job made, once it has succeeded."""
    created_at = _Field(moment)
    """When the job was created."""
    finished_at = _Field(moment)
    """When the job ended; `None` while it has not."""
    estimated_finish = _Field(moment)
    """When the service expects the job to end; `None` where it does not say."""
    organization_id = _Field(lambda value: OrganizationId(_id(value)) or None)
    """The organization that owns the job."""
    training_file = _Field(lambda value: FileId(_id(value)) or None)
    """Id of the training file."""
    validation_file = _Field(lambda value: FileId(_id(value)) or None)
    """Id of the validation file."""
    trained_tokens = _Field(_whole)
    """Number of billable tokens; `None` while the job has not ended."""
    seed = _Field(_whole)
    """Seed of the job's randomness."""

    @property
    def error(self) -> JobError | None:
        """Why the job failed: `code`, `message`, `param`; `None` for a job that did not fail."""
        error: object = self._data.error
        if isinstance(error, str):
            error = {"message": error}
        # Healthy jobs have been served with `{}` and with an object of nulls.
        return JobError(error) if any(_mapping(error).values()) else None

    @property
    def result_files(self) -> list[FileId]:
        """Ids of the files with the job's metrics; empty until it has ended. `metrics()` reads them."""
        found = self._data.result_files
        return [FileId(name) for name in found if _text(name)] if isinstance(found, list) else []

    @property
    def hyperparameters(self) -> Hyperparameters | None:
        """Hyperparameters of a supervised job; `None` for other methods."""
        found = self._data.hyperparameters
        return Hyperparameters(found) if hasattr(found, "to_dict") else None

    @property
    def method(self) -> Method | UnknownMethod | None:
        """How the job trains; a method that this release does not know keeps its `type` and `to_dict()`."""
        from .method_objects import read_method

        found = self._data.method
        return read_method(found.to_dict()) if hasattr(found, "to_dict") else None

    @property
    def integrations(self) -> list[Integration]:
        """Services that the job reports to."""
        found = self._data.integrations
        return [Integration(i) for i in found if hasattr(i, "to_dict")] if isinstance(found, list) else []

    @property
    def metadata(self) -> dict[str, str]:
        """The user's pairs, without the one that this client adds to recognise its own request."""
        return {key: value for key, value in _mapping(self._data.metadata).items() if key != TOKEN_KEY}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, JobView) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        result = f" -> {self.fine_tuned_model}" if self.fine_tuned_model else ""
        return f"<{type(self).__name__} {self.id}: {self.status}, {self.model}{result}>"

    def _adopt(self, data: Any) -> Self:
        """Take over what the server said later."""
        self._data = data
        return self


def require_success(job: J) -> J:
    """Return a job that succeeded, or goes on; raise `JobFailed` or `JobCancelled` for another."""
    if job.status.outcome == "cancelled":
        raise JobCancelled(f"{job.id} was cancelled", job=job)
    if job.status.outcome != "failed":
        return job
    error = job.error
    if error is None:
        raise JobFailed(f"{job.id} failed, and the service does not say why", job=job)
    where = f" ({error.param})" if error.param else ""
    reason = ": ".join(part for part in (error.code, error.message) if part) or repr(error.to_dict())
    raise JobFailed(f"{job.id} failed: {reason}{where}", job=job, code=error.code, param=error.param)
