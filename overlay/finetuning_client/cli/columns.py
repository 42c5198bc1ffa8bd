"""Columns of the tables and of `csv`, for each kind of object."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from .output import Column
from .terminal import style_of_outcome


def _column(name: str, path: str | None = None, *, wide: bool = False) -> Column:
    return Column(name, attrgetter(path or name), wide=wide)


def _status_style(item: Any) -> str | None:
    return None if item.status is None else style_of_outcome(item.status.outcome)


def _method_name(job: Any) -> str | None:
    return job.method.type if job.method else None


def hyperparameters(job: Any) -> dict[str, Any]:
    """Return the hyperparameters of a job, those of its method or the older ones."""
    data = job.to_dict()
    method = data.get("method")
    inner = method.get(method.get("type")) if isinstance(method, dict) else None
    found = inner.get("hyperparameters") if isinstance(inner, dict) else None
    found = found or data.get("hyperparameters") or {}
    return {name: value for name, value in found.items() if value is not None}


def _error(job: Any) -> str | None:
    if job.error is None:
        return None
    return ": ".join(part for part in (job.error.code, job.error.message) if part)


_STATUS = Column("status", lambda item: None if item.status is None else str(item.status), _status_style)

JOBS = (
    _column("id"),
    _STATUS,
    _column("model"),
    Column("method", _method_name),
    _column("created_at"),
    _column("finished_at", wide=True),
    _column("estimated_finish", wide=True),
    _column("fine_tuned_model"),
    _column("trained_tokens", wide=True),
    _column("training_file", wide=True),
    _column("validation_file", wide=True),
    Column("hyperparameters", hyperparameters, wide=True),
    _column("seed", wide=True),
    _column("result_files", wide=True),
    _column("metadata", wide=True),
    Column("error", _error, lambda _: "red", wide=True),
)

EVENTS = (
    _column("created_at"),
    Column(
        "level",
        lambda event: str(event.level),
        lambda event: {"error": "red", "warn": "yellow"}.get(str(event.level)),
    ),
    _column("message"),
    _column("step", "data.step", wide=True),
    _column("train_loss", "data.train_loss", wide=True),
    _column("valid_loss", "data.valid_loss", wide=True),
    _column("id", wide=True),
)

CHECKPOINTS = (
    _column("id"),
    _column("step_number"),
    _column("train_loss", "metrics.train_loss"),
    _column("valid_loss", "metrics.valid_loss"),
    _column("full_valid_loss", "metrics.full_valid_loss"),
    _column("fine_tuned_model_checkpoint"),
    _column("created_at", wide=True),
    _column("fine_tuning_job_id", wide=True),
)

FILES = (
    _column("id"),
    _column("filename"),
    _column("purpose"),
    _column("bytes"),
    _STATUS,
    _column("created_at"),
    _column("expires_at", wide=True),
    _column("status_details", wide=True),
)

MODELS = (
    _column("id"),
    _column("owned_by"),
    _column("created"),
    _column("shutdown_date"),
)

PERMISSIONS = (_column("id"), _column("project_id"), _column("created_at"))

METRICS = tuple(
    _column(name)
    for name in (
        "step",
        "train_loss",
        "train_accuracy",
        "valid_loss",
        "valid_mean_token_accuracy",
        "full_valid_loss",
        "full_valid_mean_token_accuracy",
    )
)


def metrics_columns(rows: Sequence[Any], *, is_table: bool) -> Sequence[Column]:
    """Return the columns of metrics: in a table those with a value, in `csv` the usual ones in any case."""
    import attrs

    usual = [column.name for column in METRICS]
    names = [field.name for field in attrs.fields(type(rows[0])) if field.name != "other"] if rows else usual
    measured = {name for name in names if any(getattr(row, name) is not None for row in rows)}
    kept = [name for name in usual if name in measured or not is_table]
    return [_column(name) for name in (*kept, *(n for n in names if n in measured and n not in usual))]


DELETED = (_column("id"), _column("deleted"))
