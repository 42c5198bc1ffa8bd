"""From what a user gives to a job: files are uploaded and processed first, then the job is created."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path, PurePath
from typing import Any

from finetuning_api.models.fine_tuning_job import FineTuningJob
from finetuning_api.models.open_ai_file import OpenAIFile

from ..contract import require
from ..errors import DatasetError, FineTuningError, InvalidRequestError
from ..methods import as_json
from ..policies import Conduct, PollPolicy, callback
from ..sources import LARGEST_FILE, Source, opened
from . import files, uploads
from .creation import create_job
from .effects import Plan

__all__ = ["job_body", "submit", "upload"]

_TO_BE_UPLOADED = "file-to-be-uploaded"
_PROCESSING_TIMEOUT = 600.0


def job_body(
    *,
    model: str,
    training_file: str | Path,
    validation_file: str | Path | None,
    method: Any,
    hyperparameters: Mapping[str, Any] | None,
    suffix: str | None,
    seed: int | None,
    integrations: Sequence[Any] | None,
    metadata: Mapping[str, str] | None,
) -> dict[str, Any]:
    """The body of a create request, checked against the contract; paths stay in it to be uploaded.

    Raises `InvalidRequestError`.
    """
    body: dict[str, Any] = {"model": model, "training_file": training_file}
    optional: dict[str, Any] = {
        "validation_file": validation_file,
        "method": None if method is None else as_json("method", method),
        "hyperparameters": None if hyperparameters is None else as_json("hyperparameters", hyperparameters),
        "suffix": suffix,
        "seed": seed,
        "integrations": None if integrations is None else _integrations(integrations),
        "metadata": None if metadata is None else as_json("metadata", metadata),
    }
    body.update((name, value) for name, value in optional.items() if value is not None)
    for name in ("training_file", "validation_file"):
        _require_file_reference(name, body.get(name))
    sent = {k: _TO_BE_UPLOADED if isinstance(v, PurePath) else v for k, v in body.items()}
    require("CreateFineTuningJobRequest", sent)
    _require_json(sent)
    return body


def submit(body: Mapping[str, Any], token: str, conduct: Conduct) -> Plan[FineTuningJob]:
    """Upload what is still a path in `body`, wait until the service has processed it, create the job."""
    ready = dict(body)
    for name in ("training_file", "validation_file"):
        value = ready.get(name)
        if isinstance(value, PurePath):
            ready[name] = yield from _uploaded(Path(value), conduct)
    job = yield from create_job(ready, token, conduct)
    return job


def _uploaded(path: Path, conduct: Conduct) -> Plan[str]:
    file = yield from upload(path, "fine-tune", None, None, conduct)
    yield from files.wait_processed(file.id, conduct, PollPolicy(), timeout=_PROCESSING_TIMEOUT)
    return file.id


def upload(
    source: Source,
    purpose: str,
    expires_after: int | None,
    filename: str | None,
    conduct: Conduct,
    *,
    on_progress: uploads.Progress | None = None,
    state: str | os.PathLike[str] | None = None,
) -> Plan[OpenAIFile]:
    """Check a source, and upload it: in one request if it is small enough for one, else in parts.

    `expires_after` is in seconds after its creation. A file that changes on the way raises `DatasetError`,
    and what was made of it is deleted.
    """
    fields: dict[str, Any] = {"purpose": purpose}
    if expires_after is not None:
        fields["expires_after"] = {"anchor": "created_at", "seconds": expires_after}
    require("CreateFileRequest", {**fields, "file": ""})
    callback("on_progress", on_progress)
    if state is not None and not isinstance(state, str | os.PathLike):
        raise InvalidRequestError(
            f"state: must be a path, or None, not {state!r}", field="state", value=state
        )
    with opened(source, filename) as payload:
        if payload.size > LARGEST_FILE:
            sent = yield from uploads.send_in_parts(
                payload,
                fields,
                conduct,
                state=None if state is None else Path(state),
                on_progress=on_progress,
            )
        else:
            sent = yield from files.upload(payload, fields, conduct, on_progress)
        try:
            payload.require_unchanged()
        except DatasetError:
            with suppress(FineTuningError):
                yield from files.delete(sent.id, conduct)
            raise
    return sent


def _integrations(given: Sequence[Any]) -> list[Any]:
    if isinstance(given, str | Mapping) or not isinstance(given, Sequence):
        rule = "a list of integrations"
        raise InvalidRequestError(
            f"integrations: must be {rule}, not {given!r}", field="integrations", limit=rule, value=given
        )
    return [as_json("integrations", item) for item in given]


def _require_json(body: Mapping[str, Any]) -> None:
    """Refuse what has no JSON form, wherever the contract leaves the type open."""
    try:
        json.dumps(body, allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidRequestError(f"the job cannot be written as JSON: {error}") from error


def _require_file_reference(name: str, value: object) -> None:
    if value is None:
        return
    if isinstance(value, PurePath):
        # Looked at before anything is sent, so that one missing file does not leave another uploaded.
        with opened(Path(value)):
            return
    rule = "a file id such as 'file-…', or a Path to upload"
    looks_like_path = isinstance(value, str) and (value.endswith(".jsonl") or "/" in value)
    if not isinstance(value, str) or not value or looks_like_path:
        hint = f": write Path({value!r})" if looks_like_path else ""
        raise InvalidRequestError(
            f"{name}: must be {rule}, not {value!r}{hint}", field=name, limit=rule, value=value
        )
