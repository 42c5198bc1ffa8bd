"""View of a job: the generated fields, and those that are converted by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from .errors import JobCancelled, JobFailed
from .identifiers import TOKEN_KEY
from .view_fields import Field, mapping
from .views import JobError, JobFields

if TYPE_CHECKING:
    from .method_objects import UnknownMethod
    from .methods import Method

J = TypeVar("J", bound="JobView")


def _error(value: object) -> JobError | None:
    found = {"message": value} if isinstance(value, str) else value
    # Healthy jobs have been served with `{}` and with an object of nulls.
    return JobError(found) if any(mapping(found).values()) else None


def _method(value: Any) -> Method | UnknownMethod | None:
    # Loaded here: a job is read more often than its method.
    from .method_objects import read_method

    is_object = isinstance(value, Mapping) or hasattr(value, "to_dict")
    return read_method(mapping(value)) if is_object else None


def _metadata(value: object) -> dict[str, str]:
    return {key: text for key, text in mapping(value).items() if key != TOKEN_KEY}


class JobView(JobFields):
    """A fine-tuning job as the server last described it (`FineTuningJob` in the contract).

    Handles of the same job are equal.
    """

    __slots__ = ()

    error = Field(_error)
    """Error of a failed job: `code`, `message`, `param`; `None` for any other."""
    method = Field(_method)
    """Training method; one that this release does not know keeps its `type` and `to_dict()`."""
    metadata = Field(_metadata)
    """Metadata of the user, without the pair by which this client recognises its own requests."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, JobView) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        result = f" -> {self.fine_tuned_model}" if self.fine_tuned_model else ""
        return f"<{type(self).__name__} {self.id}: {self.status}, {self.model}{result}>"

    def _adopt(self, data: Any) -> Self:
        """Replace the data by a later response."""
        self._data = data
        return self


def require_success(job: J) -> J:
    """Return the job if it succeeded or has not ended. Raises `JobFailed` or `JobCancelled` otherwise."""
    if job.status.outcome == "cancelled":
        raise JobCancelled(f"{job.id} was cancelled", job=job)
    if job.status.outcome != "failed":
        return job
    error = job.error
    if error is None:
        raise JobFailed(f"{job.id} failed; the service gave no reason", job=job)
    where = f" ({error.param})" if error.param else ""
    reason = ": ".join(part for part in (error.code, error.message) if part) or repr(error.to_dict())
    raise JobFailed(f"{job.id} failed: {reason}{where}", job=job, code=error.code, param=error.param)
