"""View of a job: the generated fields, and those that are converted by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self, TypeVar

from ..errors import InvalidRequestError, JobCancelled, JobFailed, printable
from ..identifiers import TOKEN_KEY
from .field_readers import Field, anything, mapping, text
from .objects import JobError, JobFields

if TYPE_CHECKING:
    from ..methods import Method, UnknownMethod

J = TypeVar("J", bound="JobView")

_REASON_SHOWN = 300


# Fields in which compatible servers say why a job failed.
_REASONS = ("message", "error_message", "status_message", "failure_reason", "status_details", "detail")


def _error(value: object) -> JobError | None:
    if not value:
        return None
    from ..error_bodies import sentence

    # For healthy jobs, servers have sent `{}`, and an object of nulls or of empty texts.
    found = mapping(value)
    message = found.get("message")
    if isinstance(message, str) and message and sentence(message) == message:
        return JobError(value)
    said = sentence(found or anything(value))
    # A message that says nothing, such as JSON without one, is not shown.
    return JobError({**found, "message": said}) if said or any(found.values()) else None


def _method(value: Any) -> Method | UnknownMethod | None:
    # Loaded here: a job is read more often than its method.
    from ..methods.json_conversion import read_method

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
    """The user's metadata, without the pair by which this client recognises its own requests."""

    @property
    def suffix(self) -> str | None:
        """Requested part of the new model's name; `None` if none was requested, or if it is unknown."""
        data = self.to_dict()
        recorded = text(data.get("user_provided_suffix")) or text(data.get("suffix"))
        # ft:<base model>:<organization>:<suffix>:<id>
        parts = (self.fine_tuned_model or "").split(":")
        in_name = ":".join(parts[3:-1]) if parts[0] == "ft" else ""
        return recorded or in_name or None

    @property
    def duration(self) -> timedelta | None:
        """Time from the creation of the job to its end; `None` until it has ended."""
        start, end = self.created_at, self.finished_at
        return end - start if start and end and end >= start else None

    @property
    def cost(self) -> float | None:
        """Cost of the training in US dollars: the billed tokens at the vendor's list price for the model.

        `None` until the tokens are known, and for models whose price is unknown or is not per token.
        """
        if self.trained_tokens is None or self.trained_tokens < 0 or not self.model:
            return None
        from ..prices import price_of

        try:
            price = price_of(self.model)
        except InvalidRequestError:
            return None
        is_known = price.currency == "USD" and not price.is_per_hour
        return round(price.amount * self.trained_tokens / 1_000_000, 6) if is_known else None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, JobView) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        result = f" -> {self.fine_tuned_model}" if self.fine_tuned_model else ""
        if self.status.outcome == "failed" and self.error is not None:
            result = f": {' '.join(_reason_of(self.error).split())[:_REASON_SHOWN]}"
        return printable(f"<{type(self).__name__} {self.id}: {self.status}, {self.model}{result}>")

    def _repr_html_(self) -> str:
        from .html_tables import facts_html
        from .readable_values import cost_text, duration_text, time_text

        error = self.error
        facts = {
            "status": self.status,
            "reason": None if error is None else f"{error.code or ''} {error.message or ''}".strip(),
            "model": self.model,
            "method": self.method.type if self.method else None,
            "fine-tuned model": self.fine_tuned_model,
            "created": time_text(self.created_at),
            "duration": duration_text(self.duration),
            "trained tokens": self.trained_tokens,
            "cost": cost_text(self.cost),
        }
        return facts_html(["job", str(self.id)], facts)

    def _adopt(self, data: Any) -> Self:
        """Replace the data with that of a later response."""
        self._data = data
        return self


def require_success(job: J) -> J:
    """Return the job if it succeeded or has not ended. Raises `JobFailed` or `JobCancelled` otherwise."""
    if job.status.outcome == "cancelled":
        raise JobCancelled(f"{job.id} was cancelled", job=job)
    if job.status.outcome != "failed":
        return job
    error = job.error or JobError({"message": _reason(job.to_dict())})
    has_reason = error.code or error.message
    reason = f": {_reason_of(error)}" if has_reason else f"; the service gave no reason{_reason_of(error)}"
    raise JobFailed(f"{job.id} failed{reason}", job=job, code=error.code, param=error.param)


def _reason_of(error: JobError) -> str:
    """Return a job's error as a sentence: its code, message and setting, where present."""
    where = f" ({error.param})" if error.param else ""
    return ": ".join(part for part in (error.code, error.message) if part) + where


def _reason(job: dict[str, Any]) -> str:
    from ..error_bodies import sentence

    return next(filter(None, (sentence(job.get(name)) for name in _REASONS)), "")
