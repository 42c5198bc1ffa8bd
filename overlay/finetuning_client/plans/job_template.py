"""An earlier job as the template of a new one: the arguments of `create` that repeat it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InvalidRequestError
from ..identifiers import FileId
from ..request_fields import CreateFineTuningJobRequestFields
from ..schemas import field_names

if TYPE_CHECKING:
    from finetuning_api.models.fine_tuning_integration import FineTuningIntegration

    from ..methods import Method
    from ..prices import PriceTable


class JobOptions(CreateFineTuningJobRequestFields, total=False):
    """The optional arguments of `create`."""

    validation_file: FileId | str | Path | None
    method: Method | Mapping[str, Any] | None
    suffix: str | None
    seed: int | None
    integrations: Sequence[FineTuningIntegration | Mapping[str, Any]] | None
    metadata: Mapping[str, str] | None
    hyperparameters: Mapping[str, Any] | None
    check: bool
    max_cost: float | None
    prices: PriceTable | str | Path | None


class JobChanges(JobOptions, total=False):
    """Arguments of `create` that a repeated job can change. `None` leaves a value out."""

    model: str
    training_file: FileId | str | Path
    extra: Mapping[str, Any] | None


def arguments_like(job: Any, named: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments that create a job like another, with those in `named` instead of its own.

    Hyperparameters that the service chose for the other job are left out, so that it chooses again, if the
    job's handle saw them before they were chosen. The token of the other request is left out. Raises
    `InvalidRequestError` for anything that is not a job.
    """
    is_job = all(hasattr(job, name) for name in ("to_dict", "suffix", "training_file"))
    if not is_job or isinstance(job, type):
        raise InvalidRequestError.of("like", "a job, such as client.jobs.retrieve(id)", job)
    data = job.to_dict()
    chosen: frozenset[str] = getattr(job, "chosen_by_service", frozenset())
    method = hyperparameters = None
    if not {"method", "hyperparameters"} & named.keys():
        method = _method(data.get("method"), chosen)
        # Beside a method they only repeat it; servers without `method` need them.
        hyperparameters = None if method else _settings(data.get("hyperparameters"), chosen) or None
    own: dict[str, Any] = {
        "model": job.model,
        "training_file": job.training_file,
        "validation_file": job.validation_file,
        "method": method,
        "hyperparameters": hyperparameters,
        "suffix": job.suffix,
        "seed": job.seed,
        "integrations": [_integration(item) for item in data.get("integrations") or () if item] or None,
        "metadata": dict(job.metadata) or None,
    }
    return {**own, **named}


def auto_settings(data: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of the hyperparameters of a job that the service has yet to choose."""
    method = data.get("method")
    inner = method.get(str(method.get("type"))) if isinstance(method, Mapping) else None
    found = [
        inner.get("hyperparameters") if isinstance(inner, Mapping) else None,
        data.get("hyperparameters"),
    ]
    return frozenset(k for one in found if isinstance(one, Mapping) for k, v in one.items() if v == "auto")


def _method(data: Any, chosen: frozenset[str]) -> dict[str, Any] | None:
    """Return the `method` object of a request that corresponds to that of a response."""
    if not isinstance(data, Mapping) or not isinstance(data.get("type"), str):
        return None
    kind = data["type"]
    inner = data.get(kind)
    if not isinstance(inner, Mapping):
        return {"type": kind}
    kept = {name: value for name, value in inner.items() if value is not None and name != "hyperparameters"}
    settings = _settings(inner.get("hyperparameters"), chosen)
    return {"type": kind, kind: {**kept, **({"hyperparameters": settings} if settings else {})}}


def _settings(data: Any, chosen: frozenset[str]) -> dict[str, Any]:
    if not isinstance(data, Mapping):
        return {}
    given = {name: value for name, value in data.items() if value is not None and value != "auto"}
    return {name: value for name, value in given.items() if name not in chosen}


def _integration(data: Any) -> Any:
    """Return the integration of a request for that of a response, which has more fields."""
    if not isinstance(data, Mapping):
        return data
    kept = {name: value for name, value in data.items() if value is not None}
    run = kept.get("wandb")
    if isinstance(run, Mapping):
        known = field_names("FineTuningIntegrationWandb")
        kept["wandb"] = {name: value for name, value in run.items() if name in known and value is not None}
    return kept
