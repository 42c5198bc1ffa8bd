"""Creation of a job: its files are uploaded and processed first, then the job is created exactly once.

`POST /fine_tuning/jobs` costs money and has no idempotency key. So the request carries a fresh token in the
job's metadata, and a lost attempt is looked up by it among the newest jobs (see `once`).

Limits: a job that the service makes known later than the search lasts is not seen; and where the user's own
metadata leaves no room for the token, or the server drops it, any new job with the same training file is a
doubt.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import unquote

from finetuning_api.api.fine_tuning import create_fine_tuning_job
from finetuning_api.models.create_fine_tuning_job_request import CreateFineTuningJobRequest
from finetuning_api.models.fine_tuning_job import FineTuningJob

from ..errors import InvalidRequestError
from ..identifiers import TOKEN_KEY
from ..method_objects import checked_method, require_known
from ..not_given import NOT_GIVEN
from ..polling import PollPolicy
from ..settings import Settings
from ..upload_source import require_readable
from ..validation import as_json, field_names, require
from . import operations
from .cursor import Cursor, as_listed
from .effects import Now, Outcome, Plan, Request, Response, Work
from .file_processing import wait_processed
from .file_upload import upload
from .job_repetition import arguments_like
from .once import Creation, NotOurs, Unclear, create_once
from .responses import invalid_response, read_object

MAX_PAIRS = 16
"""How many metadata pairs a job can have (`Metadata` in the contract)."""

_JOBS_PER_PAGE = 100
_FILE_TO_BE_UPLOADED = "file-to-be-uploaded"
_PROCESSING_TIMEOUT = 600.0


def completed(arguments: Mapping[str, Any], like: object = None) -> dict[str, Any]:
    """Return the arguments of `create`, with `None` for those not given, or with those of the job `like`.

    Raises `TypeError` for a model or a training file that is missing, as Python does for other arguments.
    """
    named = {name: value for name, value in arguments.items() if value is not NOT_GIVEN}
    if like is not None:
        return {**dict.fromkeys(arguments), **arguments_like(like, named)}
    missing = [repr(name) for name in ("model", "training_file") if name not in named]
    if missing:
        raise TypeError(f"create() is missing {' and '.join(missing)}; or pass like=, a job to repeat")
    return {**dict.fromkeys(arguments), **named}


def job_body(arguments: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of a create request, checked against the contract; paths stay in it to be uploaded.

    `arguments` are those of `create`, `fields` are further fields of the contract. Raises
    `InvalidRequestError`; `TypeError` for a field that the contract does not have, as Python does for an
    unknown argument.
    """
    for name in fields.keys() - set(field_names("CreateFineTuningJobRequest")):
        raise TypeError(f"create() has no argument {name!r}, nor is it a field of the contract")
    required = ("model", "training_file")
    body: dict[str, Any] = {name: arguments[name] for name in required}
    for name, value in (*arguments.items(), *fields.items()):
        if value is not None and name not in required:
            body[name] = _READERS[name](value) if name in _READERS else value
    if "hyperparameters" in body:
        _require_no_method(body)
    for name in ("training_file", "validation_file"):
        _require_file_reference(name, body.get(name))
    sent = {k: _FILE_TO_BE_UPLOADED if isinstance(v, PurePath) else v for k, v in body.items()}
    require("CreateFineTuningJobRequest", sent)
    _require_json(sent)
    return body


def submit(body: Mapping[str, Any], token: str, settings: Settings) -> Plan[FineTuningJob]:
    """Upload what is still a path in `body`, wait until the service has processed it, create the job."""
    paths = {n: Path(v) for n, v in body.items() if n.endswith("_file") and isinstance(v, PurePath)}
    for path in paths.values():
        # Checked before anything is sent, so that one missing file does not leave another uploaded.
        yield Work(partial(require_readable, path))
    ready = dict(body)
    for name, path in paths.items():
        file = yield from upload(path, "fine-tune", None, None, settings)
        yield from wait_processed(file.id, settings, PollPolicy(), timeout=_PROCESSING_TIMEOUT)
        ready[name] = file.id
    job = yield from create_job(ready, token, settings)
    return job


def create_job(body: Mapping[str, Any], token: str | None, settings: Settings) -> Plan[FineTuningJob]:
    """Create the job that `body` describes, at most once, and return it.

    `token` is put in its metadata if there is room and the settings ask for exactly once. Raises `ApiError`,
    `ConnectionFailed` or `InvalidResponse`.
    """
    if not settings.exactly_once or len({*(body.get("metadata") or {}), TOKEN_KEY}) > MAX_PAIRS:
        token = None
    return create_once(_JobCreation(body, token, settings), settings)


class _JobCreation(Creation[FineTuningJob]):
    """The creation of a job: recognised by its token, else doubted if its training file is the same."""

    noun = "job"
    clock_skew = 900.0

    def __init__(self, body: Mapping[str, Any], token: str | None, settings: Settings) -> None:
        if token is not None:
            body = {**body, "metadata": {**(body.get("metadata") or {}), TOKEN_KEY: token}}
        mark = f" with {TOKEN_KEY}={token} in its metadata" if token else ""
        self.advice = f"Look for a job{mark}"
        self._body = body
        self._token = token
        # Metadata copied from another job may bring the token of that job.
        self._sent_token = (body.get("metadata") or {}).get(TOKEN_KEY)
        self._settings = settings

    def request(self) -> Request:
        """The request, the same for each attempt."""
        body = CreateFineTuningJobRequest.from_dict(self._body)
        return Request.of(create_fine_tuning_job.build_request, body=body)

    def read(self, response: Response) -> FineTuningJob:
        """Read the job. Raises `NotOurs` for the job of another request, as a leftover response has."""
        job = read_object(response, self.request(), FineTuningJob, strict=self._settings.strict)
        if self._is_elses(job):
            error = invalid_response(response, self.request(), f"{job.id} is the job of another request")
            raise NotOurs(*error.args, **vars(error))
        return job

    def is_not_ready(self, outcome: Outcome) -> bool:
        """Tell whether the training file is still being processed."""
        return (
            isinstance(outcome, Response)
            and outcome.status == 400
            and b"is still being processed" in outcome.body
        )

    def look(self) -> Plan[FineTuningJob | None]:
        """Go through the newest jobs once."""
        listing = operations.list_paginated_fine_tuning_jobs(as_listed, page_size=_JOBS_PER_PAGE)
        cursor = Cursor(listing, self._settings)
        suspect: FineTuningJob | None = None
        while (page := (yield from cursor.next())) is not None:
            now: float = yield Now()
            since = self.since(cursor.date, now)
            for job in page:
                if self._token is not None and _token_of(job) == self._token:
                    return job
                is_old = isinstance(job.created_at, int | float) and job.created_at < since
                if suspect is None and not is_old and not self._is_elses(job):
                    suspect = job
            if _is_older(page.data, since):
                break
        if suspect is not None:
            raise Unclear(
                f"{suspect.id} is new and has the same training file, but does not say which request made it"
            )
        return None

    def _is_elses(self, job: FineTuningJob) -> bool:
        """Tell whether the job is surely that of another request.

        A token that the server echoes decides alone. Without one, only another training file is proof:
        servers resolve the names of models, and may drop metadata.
        """
        token = _token_of(job)
        if isinstance(token, str):
            return token != self._sent_token
        file = job.training_file
        return isinstance(file, str) and bool(file) and unquote(file) != unquote(self._body["training_file"])


def _is_older(jobs: list[FineTuningJob], since: float) -> bool:
    """Tell whether what follows in a list that is newest first is older than a time."""
    times = [job.created_at for job in jobs if isinstance(job.created_at, int | float)]
    return len(times) > 1 and times == sorted(times, reverse=True) and times[-1] < since


def _token_of(job: FineTuningJob) -> object:
    return job.metadata.get(TOKEN_KEY) if isinstance(job.metadata, dict) else None


def _require_no_method(body: Mapping[str, Any]) -> None:
    """Refuse hyperparameters that the service would ignore."""
    if "method" in body:
        rule = "left out beside method, which has hyperparameters of its own"
        raise InvalidRequestError.of("hyperparameters", rule, body["hyperparameters"], "")
    require_known("hyperparameters", "FineTuneSupervisedHyperparameters", body["hyperparameters"])


def _integrations(given: Sequence[Any]) -> list[Any]:
    if isinstance(given, str | Mapping) or not isinstance(given, Sequence):
        raise InvalidRequestError.of("integrations", "a list of integrations", given)
    return [as_json(f"integrations[{index}]", item) for index, item in enumerate(given)]


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "method": checked_method,
    "hyperparameters": partial(as_json, "hyperparameters"),
    "integrations": _integrations,
    "metadata": partial(as_json, "metadata"),
}


def _require_json(body: Mapping[str, Any]) -> None:
    """Refuse what has no JSON form, wherever the contract leaves the type open."""
    try:
        json.dumps(body, allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidRequestError(f"the job cannot be written as JSON: {error}") from error


def _require_file_reference(name: str, value: object) -> None:
    """Refuse what is neither a file id nor a `Path`; a path in a string is recognised."""
    if isinstance(value, PurePath) or (value is None and name != "training_file"):
        return
    rule = "a file id such as 'file-…', or a Path to upload"
    looks_like_path = isinstance(value, str) and (value.endswith(".jsonl") or "/" in value)
    if not isinstance(value, str) or not value or looks_like_path:
        hint = f": write Path({value!r})" if looks_like_path else ""
        raise InvalidRequestError.of(name, rule, value, f", not {value!r}{hint}")
