"""Replay of an archived job on another server: the same files are uploaded, and the same job is created."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import (
    ApiError,
    BadRequest,
    FineTuningError,
    InvalidRequestError,
    NotFound,
    PermissionDenied,
    UnprocessableEntity,
)
from ..identifiers import new_token
from ..misspellings import near_names
from ..operation_settings import Settings
from ..plans import operations
from ..plans.effects import Plan, Work
from ..plans.file_processing import wait_ready_for_job
from ..plans.file_upload import upload
from ..plans.job_creation import create_job, job_body
from ..plans.job_template import arguments_like
from ..plans.list_pages import as_listed, every_item
from .disk import entry_of, on_disk
from .files import Files, damaged
from .handles import ArchivedJob

if TYPE_CHECKING:
    from finetuning_api.models.fine_tuning_job import FineTuningJob

_FILES = ("training_file", "validation_file")
_UPLOADED = "file-of-the-archive"


def replay(
    files: Files, job: ArchivedJob, settings: Settings, changes: Mapping[str, Any]
) -> Plan[FineTuningJob]:
    """Upload the files of a job, and create it again; `changes` are arguments of `create` that differ."""
    request = _request(job, changes)
    contents = {name: _content(files, job, name) for name in _FILES if request.get(name) == _UPLOADED}
    body = job_body(request, settings)
    yield from _require_model(str(body["model"]), settings)
    for path, _ in contents.values():
        yield Work(partial(_require_intact, path))
    uploaded: list[str] = []
    try:
        for name, (path, filename) in contents.items():
            file = yield from upload(path, "fine-tune", None, filename, settings)
            uploaded.append(file.id)
            yield from wait_ready_for_job(file.id, settings)
            body[name] = file.id
        created = yield from create_job(body, new_token(), settings)
    except FineTuningError as error:
        if not error.may_exist:
            yield from _delete(uploaded, settings)
        raise _explained(error, job, body) from error.__cause__
    return created


def _request(job: ArchivedJob, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of `create` for the job, with placeholders for the files to upload."""
    files = {"training_file": _UPLOADED, "validation_file": _UPLOADED if job.validation_file else None}
    return arguments_like(job, {**files, **changes})


def _content(files: Files, job: ArchivedJob, name: str) -> tuple[Path, str]:
    """Return the path of a file of the job, and its name on the server."""
    file_id = str(getattr(job, name) or "")
    path = files.content(file_id)
    found = files.files.get(file_id, {})
    if path is None:
        reason = found.get("missing")
        cause = f"status {reason}" if str(reason).isdigit() else reason
        why = f" (not saved: {cause})" if reason else ""
        text = f"{name}: the archive does not have the content of {file_id or 'the file'}{why}"
        raise InvalidRequestError(f"{text}: pass {name}= to replay the job", field=name, value=file_id)
    given = found["file"].get("filename") if isinstance(found.get("file"), dict) else None
    return path, given if isinstance(given, str) and given else f"{file_id}.jsonl"


def _require_intact(path: Path) -> None:
    """Raise `ArchiveError` if a file's content does not match its name, which is its checksum."""
    with on_disk(path):
        if entry_of(path, "").sha256 != path.name:
            raise damaged(path)


def _require_model(model: str, settings: Settings) -> Plan[None]:
    """Raise `InvalidRequestError` if the server has a list of models without this one."""
    try:
        models = yield from every_item(operations.list_models(as_listed), settings)
    except (NotFound, PermissionDenied, BadRequest):
        # The server does not list its models; it refuses the job if it does not have this one.
        return
    names = [found.id for found in models]
    if names and model not in names:
        near = ", ".join(near_names(model, names, most=3, likeness=0.4) or sorted(names)[:3])
        text = f"model: the server does not have {model!r}; nothing was uploaded"
        text = f"{text}: pass model= with one that it has, such as {near}"
        raise InvalidRequestError(text, field="model", limit="a model of the server", value=model)


def _delete(uploaded: list[str], settings: Settings) -> Plan[None]:
    """Delete the files that were uploaded for a job that was refused."""
    for file_id in uploaded:
        with suppress(FineTuningError):
            yield from operations.delete_file(file_id, settings)


def _explained(error: FineTuningError, job: ArchivedJob, body: Mapping[str, Any]) -> FineTuningError:
    """Return the error with the part of the job that the server does not support, if that is known."""
    if isinstance(error, ApiError) and isinstance(
        error, BadRequest | PermissionDenied | NotFound | UnprocessableEntity
    ):
        method = body.get("method") or {}
        what = {"integrations": "the integrations", "method": f"the method {method.get('type')!r}"}
        part = (error.param or "").split(".")[0]
        lacks = what.get(part, f"the setting {part!r}" if part else "some part")
        change = f"{part}=" if part else "changed settings"
        advice = f"replay it with {change}, or on another server"
        note = f"The server does not support {lacks} of {job.id}: {advice}"
        error.args = (f"{error.args[0]}. {note}", *error.args[1:])
    return error
