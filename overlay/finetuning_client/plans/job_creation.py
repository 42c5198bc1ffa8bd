"""Creation of a job: its files are uploaded and processed first, then the job is created exactly once.

`POST /fine_tuning/jobs` costs money and has no idempotency key. So the request carries a fresh token in the
job's metadata, and a lost attempt is looked up by it among the newest jobs (see `exactly_once`).

Limits: a job that becomes visible only after the search has ended is not found; and if the user's own
metadata leaves no room for the token, or the server drops it, any new job with the same training file may be
the one that was created.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import unquote

from finetuning_api.api.fine_tuning import create_fine_tuning_job
from finetuning_api.models.create_fine_tuning_job_request import CreateFineTuningJobRequest
from finetuning_api.models.fine_tuning_job import FineTuningJob

from ..errors import ApiError, InvalidRequestError
from ..identifiers import TOKEN_KEY, new_token
from ..methods.json_conversion import checked_method, require_known
from ..misspellings import near_name
from ..not_given import NOT_GIVEN
from ..operation_settings import Settings
from ..schemas import field_names
from ..upload_source import require_readable
from ..validation import as_json, require
from ..views.field_readers import seconds
from . import operations
from .budget import cost_check
from .data_check import require_good_data
from .effects import Now, Outcome, Plan, Request, Response, Work
from .exactly_once import Creation, Unclear, create_once
from .extra_fields import checked_extra
from .file_processing import wait_ready_for_job
from .file_upload import upload
from .job_template import arguments_like
from .list_pages import Cursor, as_listed

MAX_PAIRS = 16
"""Maximum number of metadata pairs of a job (`Metadata` in the contract)."""

_JOBS_PER_PAGE = 100
_FILE_TO_BE_UPLOADED = "file-to-be-uploaded"
_SAYS_UNSUPPORTED = re.compile(r"does not support fine-?\s?tuning", re.IGNORECASE)


def create(settings: Settings, /, *, like: object = None, **given: Any) -> Plan[FineTuningJob]:
    """Return the plan of `client.jobs.create`: it uploads files that are given as paths, and creates the job.

    Args:
        settings: those of the client.
        like: a job to repeat, or `None`.
        given: the other arguments of `client.jobs.create`. One that is `NOT_GIVEN` counts as left out.

    Raises `InvalidRequestError`; `TypeError`, as Python does for other functions, for an argument that is
    missing or unknown.
    """
    arguments = _completed(given, like)
    options = {name: arguments.pop(name) for name in ("check", "max_cost", "prices") if name in arguments}
    return _submit(job_body(arguments, settings), new_token(), settings, **options)


def _completed(given: Mapping[str, Any], like: object) -> dict[str, Any]:
    """Return the arguments that are given, and those of the job `like` for the others."""
    named = {name: value for name, value in given.items() if value is not NOT_GIVEN}
    if like is not None:
        return arguments_like(like, named)
    missing = [repr(name) for name in _required(named) if name not in named]
    if missing:
        raise TypeError(f"create() is missing {' and '.join(missing)}; pass like= to repeat a job instead")
    return named


def _required(arguments: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the arguments that a job cannot be created without."""
    return ("model",) if arguments.get("extra") else ("model", "training_file")


def job_body(arguments: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """Return the body of a create request, checked against the contract; paths stay in it to be uploaded.

    `arguments` are the fields of the contract, and `extra`. Raises `InvalidRequestError`; `TypeError` for an
    argument that is not a field of the contract, as Python does.
    """
    known = {*field_names("CreateFineTuningJobRequest"), "extra"}
    for name in arguments.keys() - known:
        near = near_name(name, known)
        hint = f" (did you mean {near!r}?)" if near else ""
        raise TypeError(
            f"create() has no argument {name!r}, nor does the contract have such a field{hint}: pass a field "
            f"that only this server has as extra={{{name!r}: ...}}"
        )
    others = {**settings.job_fields, **checked_extra(arguments.get("extra"))}
    has_limits = settings.limits == "contract"
    required = _required(arguments)
    body: dict[str, Any] = {
        name: _READERS[name](value) if name in _READERS and value is not None else value
        for name, value in arguments.items()
        if name in required or (value is not None and name != "extra")
    }
    if "method" in body:
        body["method"] = checked_method(body["method"], check_names=has_limits)
    if "hyperparameters" in body:
        _require_no_method(body, check_names=has_limits)
    for name in {"training_file", "validation_file"} & body.keys():
        _require_file_reference(name, body[name], may_be_path=has_limits)
    sent = {k: _FILE_TO_BE_UPLOADED if isinstance(v, PurePath) else v for k, v in body.items()}
    # Inline data replaces the file, which only this request may leave out.
    require("CreateFineTuningJobRequest", {"training_file": "", **sent}, limits=settings.limits)
    _require_json(sent | others)
    return body | others


def _submit(
    body: Mapping[str, Any],
    token: str,
    settings: Settings,
    *,
    check: bool = True,
    max_cost: float | None = None,
    prices: Any = None,
) -> Plan[FineTuningJob]:
    """Upload the files in `body` that are still paths, wait until they have been processed, create the job.

    Before anything is sent, it raises `DatasetError` for data that is checked and that the service would
    refuse, and `InvalidRequestError` if the job may cost more than `max_cost`.
    """
    require_cost = cost_check(body, max_cost, prices)
    paths = {n: Path(v) for n, v in body.items() if n.endswith("_file") and isinstance(v, PurePath)}
    for path in paths.values():
        # Checked before anything is sent, so that one missing file does not leave another uploaded.
        yield Work(partial(require_readable, path))
    if paths and check:
        yield Work(partial(require_good_data, body, paths, settings))
    if require_cost is not None:
        yield Work(require_cost)
    ready = dict(body)
    for name, path in paths.items():
        file = yield from upload(path, "fine-tune", None, None, settings)
        yield from wait_ready_for_job(file.id, settings)
        ready[name] = file.id
    job = yield from create_job(ready, token, settings)
    return job


def create_job(body: Mapping[str, Any], token: str | None, settings: Settings) -> Plan[FineTuningJob]:
    """Create the job that `body` describes, at most once, and return it.

    `token` is put in its metadata if there is room and the settings ask for exactly-once creation. Raises
    `ApiError`, `ConnectionFailed` or `InvalidResponse`.
    """
    if not settings.exactly_once or len({*(body.get("metadata") or {}), TOKEN_KEY}) > MAX_PAIRS:
        token = None
    try:
        return (yield from create_once(_JobCreation(body, token, settings)))
    except ApiError as error:
        if _SAYS_UNSUPPORTED.search(str(error)):
            error.args = (f"{error}. {_azure_hint(body)}",)
        raise


def _azure_hint(body: Mapping[str, Any]) -> str:
    """Return further causes of the error that a model does not support fine-tuning."""
    hint = "Azure also says this when the model cannot be trained in the region of the resource"
    if "trainingType" in body:
        return hint
    return f"{hint}, or when trainingType is missing: pass training_type= to FineTuning.azure()"


class _JobCreation(Creation[FineTuningJob]):
    """The creation of a job: recognised by its token; without one, the same training file is ambiguous."""

    noun = "job"
    clock_skew = 900.0

    def __init__(self, body: Mapping[str, Any], token: str | None, settings: Settings) -> None:
        super().__init__(settings)
        if token is not None:
            body = {**body, "metadata": {**(body.get("metadata") or {}), TOKEN_KEY: token}}
        mark = f" with {TOKEN_KEY}={token} in its metadata" if token else ""
        self.advice = f"Look for a job{mark}"
        self._body = body
        self._token = token
        # Metadata copied from another job may include the token of that job.
        self._sent_token = (body.get("metadata") or {}).get(TOKEN_KEY)

    def request(self) -> Request:
        """Return the request, the same for each attempt."""
        body = CreateFineTuningJobRequest.from_dict(self._body)
        return Request.of(create_fine_tuning_job.build_request, body=body)

    def read(self, response: Response) -> FineTuningJob:
        """Read the job. Raise for a job of another request, as in a leftover response."""
        job = self.read_as(FineTuningJob, response)
        if self._is_of_other_request(job):
            reason = f"{job.id} belongs to another request, with another token or training file"
            raise self.invalid(response, reason, field="id")
        return job

    def is_not_ready(self, outcome: Outcome) -> bool:
        """Return whether the training file is still being processed."""
        return (
            isinstance(outcome, Response)
            and outcome.status == 400
            and b"is still being processed" in outcome.body
        )

    def look(self) -> Plan[FineTuningJob | None]:
        """Search the newest jobs once."""
        listing = operations.list_paginated_fine_tuning_jobs(as_listed, page_size=_JOBS_PER_PAGE)
        cursor = Cursor(listing, self.settings)
        suspect: FineTuningJob | None = None
        while (page := (yield from cursor.next())) is not None:
            now: float = yield Now()
            since = self.since(cursor.date, now)
            for job in page:
                if self._token is not None and _token_of(job) == self._token:
                    return job
                created = seconds(job.created_at)
                is_old = created is not None and created < since
                if suspect is None and not is_old and not self._is_of_other_request(job):
                    suspect = job
            if _all_later_are_older(page.data, since):
                break
        if suspect is not None:
            same = "is new and has the same training file" if "training_file" in self._body else "is new"
            raise Unclear(f"{suspect.id} {same}, but does not say which request created it")
        return None

    def _is_of_other_request(self, job: FineTuningJob) -> bool:
        """Return whether the job certainly belongs to another request.

        If the server echoes a token, it alone decides. Without one, only a different training file is proof,
        since servers resolve model names and may drop metadata.
        """
        token = _token_of(job)
        if isinstance(token, str):
            return token != self._sent_token
        ours, theirs = self._body.get("training_file"), job.training_file
        if not isinstance(ours, str) or not isinstance(theirs, str) or not theirs:
            return False
        return unquote(theirs) != unquote(ours)


def _all_later_are_older(jobs: list[FineTuningJob], since: float) -> bool:
    """Return whether everything that follows, in a list that is newest first, is older than a time."""
    times = [at for job in jobs if (at := seconds(job.created_at)) is not None]
    # Equal times say nothing about the order.
    return times == sorted(times, reverse=True) and times[:1] > times[-1:] and times[-1] < since


def _token_of(job: FineTuningJob) -> object:
    return job.metadata.get(TOKEN_KEY) if isinstance(job.metadata, dict) else None


def _require_no_method(body: Mapping[str, Any], *, check_names: bool) -> None:
    """Refuse hyperparameters that the service would ignore."""
    if "method" in body:
        rule = "left out when method is given, which has its own hyperparameters"
        raise InvalidRequestError.of("hyperparameters", rule, body["hyperparameters"], "")
    if check_names:
        require_known("hyperparameters", "FineTuneSupervisedHyperparameters", body["hyperparameters"])


def _integrations(given: Sequence[Any]) -> list[Any]:
    if isinstance(given, str | Mapping) or not isinstance(given, Sequence):
        raise InvalidRequestError.of("integrations", "a list of integrations", given)
    return [as_json(f"integrations[{index}]", item) for index, item in enumerate(given)]


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "hyperparameters": partial(as_json, "hyperparameters"),
    "integrations": _integrations,
    "metadata": partial(as_json, "metadata"),
}


def _require_json(body: Mapping[str, Any]) -> None:
    """Refuse values that have no JSON form, wherever the contract leaves the type open."""
    try:
        json.dumps(body, allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidRequestError(f"the job cannot be written as JSON: {error}") from error


def _require_file_reference(name: str, value: object, *, may_be_path: bool) -> None:
    """Refuse anything but a file id or a `Path`; with `may_be_path`, a path in a string is recognised."""
    if isinstance(value, PurePath):
        return
    rule = "a file id such as 'file-…' or a Path to upload"
    looks_like_path = may_be_path and isinstance(value, str) and _looks_like_path(value)
    if not isinstance(value, str) or not value or looks_like_path:
        hint = f": write Path({value!r})" if looks_like_path else ""
        hint = "; only extra= with inline training data can replace it" if value is None else hint
        raise InvalidRequestError.of(name, rule, value, f", not {value!r}{hint}")


def _looks_like_path(text: str) -> bool:
    # The ids of some gateways are URLs, encoded or not.
    is_url = "://" in text or "%2f" in text.lower()
    return not is_url and (text.endswith(".jsonl") or "/" in text)
