"""A job as the server last described it: `JobView`, which the handles add their methods to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self, TypeVar

from finetuning_api.models.fine_tune_method import FineTuneMethod
from finetuning_api.models.fine_tuning_integration import FineTuningIntegration
from finetuning_api.models.fine_tuning_job_error import FineTuningJobError
from finetuning_api.models.fine_tuning_job_hyperparameters import FineTuningJobHyperparameters

from .identifiers import TOKEN_KEY, FileId, JobId, ModelId, OrganizationId
from .statuses import JobStatus

if TYPE_CHECKING:
    from finetuning_api.models.fine_tuning_job import FineTuningJob


__all__ = ["JobView", "moment"]

T = TypeVar("T")


class JobView:
    """A fine-tuning job as the server last described it (`FineTuningJob` in the contract).

    What the server left out, or sent as null or as what it cannot be, reads as `None`; `to_dict` has what it
    sent. Handles of the same job are equal.
    """

    __slots__ = ("_data",)

    def __init__(self, data: FineTuningJob) -> None:
        self._data = data

    @property
    def id(self) -> JobId:
        """The job's id, `ftjob-…`."""
        return JobId(self._data.id)

    @property
    def status(self) -> JobStatus:
        """Where the job stands; a status this release does not know is kept as it is."""
        return JobStatus(_text(self._data.status) or "unknown")

    @property
    def model(self) -> ModelId | None:
        """The base model."""
        return _named(ModelId, self._data.model)

    @property
    def fine_tuned_model(self) -> ModelId | None:
        """The name of the model the job made, once it has succeeded."""
        return _named(ModelId, self._data.fine_tuned_model)

    @property
    def created_at(self) -> datetime | None:
        """When the job was created, in UTC."""
        return moment(self._data.created_at)

    @property
    def finished_at(self) -> datetime | None:
        """When the job ended, in UTC; `None` while it has not."""
        return moment(self._data.finished_at)

    @property
    def estimated_finish(self) -> datetime | None:
        """When the service expects the job to end, in UTC; `None` where it does not say."""
        return moment(self._data.estimated_finish)

    @property
    def error(self) -> FineTuningJobError | None:
        """Why the job failed: `code`, `message`, `param`; `None` unless there is an error to tell of."""
        error: object = self._data.error
        if isinstance(error, str):
            error = FineTuningJobError(message=error)
        # Healthy jobs have been served with `{}` and with an object of nulls.
        return error if isinstance(error, FineTuningJobError) and any(error.to_dict().values()) else None

    @property
    def organization_id(self) -> OrganizationId | None:
        """The organisation that owns the job."""
        return _named(OrganizationId, self._data.organization_id)

    @property
    def training_file(self) -> FileId | None:
        """The file the job learns from."""
        return _named(FileId, self._data.training_file)

    @property
    def validation_file(self) -> FileId | None:
        """The file the job is validated on."""
        return _named(FileId, self._data.validation_file)

    @property
    def result_files(self) -> list[FileId]:
        """The files with the job's metrics; empty until it has ended. `metrics()` reads them."""
        found = self._data.result_files
        return [FileId(name) for name in found if _text(name)] if isinstance(found, list) else []

    @property
    def trained_tokens(self) -> int | None:
        """How many billable tokens were trained on; `None` while the job has not ended."""
        return _whole(self._data.trained_tokens)

    @property
    def hyperparameters(self) -> FineTuningJobHyperparameters | None:
        """The hyperparameters, `"auto"` until the job runs; `None` on jobs that are not supervised."""
        return _object(FineTuningJobHyperparameters, self._data.hyperparameters)

    @property
    def method(self) -> FineTuneMethod | None:
        """How the job trains."""
        return _object(FineTuneMethod, self._data.method)

    @property
    def seed(self) -> int | None:
        """The seed of the job's randomness."""
        return _whole(self._data.seed)

    @property
    def integrations(self) -> list[FineTuningIntegration]:
        """Where the job reports to."""
        found = self._data.integrations
        return [i for i in found if isinstance(i, FineTuningIntegration)] if isinstance(found, list) else []

    @property
    def metadata(self) -> dict[str, str]:
        """The user's pairs, without the one that this client adds to recognise its own request."""
        pairs = self._data.metadata
        if not isinstance(pairs, dict):
            return {}
        return {key: value for key, value in pairs.items() if key != TOKEN_KEY}

    def to_dict(self) -> dict[str, Any]:
        """What the server sent, unknown fields included."""
        return self._data.to_dict()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, JobView) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        result = f" -> {self.fine_tuned_model}" if self.fine_tuned_model else ""
        return f"<{type(self).__name__} {self.id}: {self.status}, {self.model}{result}>"

    def _adopt(self, data: FineTuningJob) -> Self:
        self._data = data
        return self


def _object(kind: type[T], value: object) -> T | None:
    return value if isinstance(value, kind) else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str) and value else None


def _named(kind: Callable[[str], T], value: object) -> T | None:
    return kind(value) if isinstance(value, str) and value else None


def moment(value: object) -> datetime | None:
    """A time in Unix seconds as a moment in UTC; `None` for anything that is no time."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError):
        return None
