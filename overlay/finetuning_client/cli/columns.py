"""Columns of the output for each kind of object. The last column of an API object is `other`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from .terminal import style_of_outcome


class Column(NamedTuple):
    """A column of the output: its name, how it is read from an object, and how its text is styled.

    A `wide` column is left out of tables of several objects, and an `unlisted` one of every table. `data`
    reads the value for `json`, `jsonl` and `yaml` where that has more than the text of a cell. The `title` is
    its header in a table, if it is not the name in capitals.
    """

    name: str
    read: Callable[[Any], object]
    style: Callable[[Any], str | None] = lambda _: None
    wide: bool = False
    unlisted: bool = False
    data: Callable[[Any], object] | None = None
    title: str = ""


Columns = Sequence[Column]


def _column(name: str, path: str | None = None, *, wide: bool = False) -> Column:
    return Column(name, attrgetter(path or name), wide=wide)


def attributes(*names: str) -> list[Column]:
    """Return columns that are attributes."""
    return [_column(name) for name in names]


def item_column(name: str, *path: str, wide: bool = False) -> Column:
    """Return a column that is an item of a mapping, or of those that are in it."""

    def read(item: Any) -> Any:
        for step in path or (name,):
            item = item.get(step) if isinstance(item, Mapping) else None
        return item

    return Column(name, read, wide=wide)


def _unlisted(name: str) -> Column:
    return Column(name, attrgetter(name), unlisted=True)


def _with_other(*known: Column, named: Sequence[str] = ()) -> tuple[Column, ...]:
    """Return the columns with `other`: all further fields of the object, except those in `named`."""
    names = {"object", *named, *(column.name for column in known)}

    def rest(item: Any) -> dict[str, Any]:
        return {name: value for name, value in item.to_dict().items() if name not in names}

    return (*known, Column("other", rest, unlisted=True))


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

JOBS = _with_other(
    _column("id"),
    _STATUS,
    _column("model"),
    # These four fit in a terminal of 80 columns.
    _column("created_at"),
    Column("method", _method_name, data=attrgetter("method")),
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
    Column("error", _error, lambda _: "red", wide=True, data=attrgetter("error")),
    _unlisted("suffix"),
    _unlisted("integrations"),
    _unlisted("organization_id"),
    named=("user_provided_suffix",),
)

EVENTS = _with_other(
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
    _unlisted("type"),
    _unlisted("data"),
)


def _of_event(column: Column) -> Column:
    return column._replace(read=lambda pair: column.read(pair[1]), style=lambda pair: column.style(pair[1]))


# Columns of pairs of a job and one of its events.
EVENTS_OF_JOBS = (Column("fine_tuning_job_id", lambda pair: pair[0].id), *map(_of_event, EVENTS))

CHECKPOINTS = _with_other(
    _column("id"),
    _column("step_number"),
    _column("train_loss", "metrics.train_loss"),
    _column("valid_loss", "metrics.valid_loss"),
    _column("full_valid_loss", "metrics.full_valid_loss"),
    _column("fine_tuned_model_checkpoint"),
    _column("created_at", wide=True),
    _column("fine_tuning_job_id", wide=True),
    _unlisted("metrics"),
)

FILES = _with_other(
    _column("id"),
    _column("filename"),
    _column("purpose"),
    _column("bytes"),
    _STATUS,
    _column("created_at"),
    _column("expires_at", wide=True),
    _column("status_details", wide=True),
)

MODELS = _with_other(
    _column("id"),
    _column("owned_by"),
    _column("created"),
    _column("shutdown_date"),
)

PERMISSIONS = _with_other(*attributes("id", "project_id", "created_at"))

METRICS = tuple(
    attributes(
        "step",
        "train_loss",
        "train_accuracy",
        "valid_loss",
        "valid_mean_token_accuracy",
        "full_valid_loss",
        "full_valid_mean_token_accuracy",
        "train_mean_reward",
        "valid_mean_reward",
        "full_valid_mean_reward",
        "train_reward_accuracy",
        "train_reward_margin",
        "valid_reward_accuracy",
        "valid_reward_margin",
        "full_valid_reward_accuracy",
        "full_valid_reward_margin",
        "other",
    )
)

DELETED_OBJECTS = tuple(attributes("id", "deleted"))
