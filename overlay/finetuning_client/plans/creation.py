"""Creating a job exactly once: `create_job` never sends again before it has looked for what it may have made.

`POST /fine_tuning/jobs` costs money and has no idempotency key. So the request carries a fresh token in the
job's metadata, and when an attempt ends without a readable answer, the newest jobs are searched for it. The
job that has it is the result. Only when none has it, and no listed job could be it without saying so, is the
request sent again.

Limits: a job that the service makes known later than the search lasts (as long as the lost attempt took, at
least 2 and at most 30 seconds) is not seen; and where the user's own metadata leaves no room for the token,
the search can only tell that no new job has the same model and file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from finetuning_api.api.fine_tuning import create_fine_tuning_job, list_paginated_fine_tuning_jobs
from finetuning_api.models.create_fine_tuning_job_request import CreateFineTuningJobRequest
from finetuning_api.models.fine_tuning_job import FineTuningJob
from finetuning_api.models.list_paginated_fine_tuning_jobs_response import (
    ListPaginatedFineTuningJobsResponse,
)
from finetuning_api.types import UNSET

from ..errors import FineTuningError, InvalidResponse
from ..identifiers import TOKEN_KEY
from ..policies import Conduct
from .effects import Answer, Now, Outcome, Pause, Plan, Request
from .exchange import Attempts, noted
from .pages import Listing, as_listed, one_page
from .search import search

__all__ = ["MAX_PAIRS", "create_job"]

MAX_PAIRS = 16
"""How many metadata pairs a job can have (`Metadata` in the contract)."""

_PAGE_SIZE = 100
# What the server says is older than this was not made by this request, however the clocks differ.
_CLOCK_SKEW = 900.0
_PROCESSING_PAUSE = 2.0


@dataclass(frozen=True, slots=True)
class _Found:
    """What a search says: the job, or a job that may be it, or neither."""

    job: FineTuningJob | None = None
    suspect: str | None = None


def create_job(body: Mapping[str, Any], token: str | None, conduct: Conduct) -> Plan[FineTuningJob]:
    """Create the job that `body` describes, at most once, and return it.

    `token` is put in its metadata if there is room. Where the conduct is not to be exactly once, nothing is
    added, and a lost answer raises at once instead of being looked up. Raises `ApiError`, `ConnectionFailed`
    or `InvalidResponse`; the message says whether a job may exist all the same.
    """
    token = token if conduct.exactly_once and len(body.get("metadata") or {}) < MAX_PAIRS else None
    if token is not None:
        body = {**body, "metadata": {**(body.get("metadata") or {}), TOKEN_KEY: token}}
    request = Request.of(
        create_fine_tuning_job.build_request, body=CreateFineTuningJobRequest.from_dict(body)
    )
    attempts = Attempts(request, conduct)
    began: float = yield Now()
    while True:
        sent: float = yield Now()
        outcome = yield from attempts.send()
        now: float = yield Now()
        result = yield from attempts.judge(outcome, FineTuningJob, "id")
        if isinstance(result, FineTuningJob):
            return result
        if result is None:
            if _is_processing(outcome) and now - began < conduct.retry.deadline:
                attempts.made -= 1
                yield Pause(_PROCESSING_PAUSE)
            else:
                yield from attempts.pause_or_raise(outcome)
            continue
        lost = result
        if not conduct.exactly_once:
            raise noted(lost, "Whether the job was created is not known: look before trying again.")
        found = yield from search(partial(_found, body, token, began, conduct, lost), sent)
        if found is not None:
            return found
        if isinstance(lost, InvalidResponse):
            raise noted(lost, "No job was created.")
        try:
            yield from attempts.pause_or_raise(outcome)
        except FineTuningError as error:
            raise noted(error, "No job was created.") from error.__cause__


def _found(
    body: Mapping[str, Any],
    token: str | None,
    began: float,
    conduct: Conduct,
    lost: FineTuningError,
) -> Plan[FineTuningJob | None]:
    """Look for the job once; `None` means that it is not there. Raises `lost` where that cannot be told."""
    try:
        found = yield from _look(body, token, began, conduct)
    except FineTuningError as error:
        mark = f"with {TOKEN_KEY}={token} in its metadata " if token else ""
        raise noted(
            lost,
            f"Whether the job was created could not be found out ({error}). "
            f"Look for a job {mark}before trying again.",
        ) from error
    if found.suspect is not None and found.job is None:
        raise noted(
            lost,
            f"{found.suspect} is new and has the same model and training file, but does not say which "
            "request made it. Look at it before trying again.",
        )
    return found.job


def _look(body: Mapping[str, Any], token: str | None, began: float, conduct: Conduct) -> Plan[_Found]:
    """Go through the newest jobs once."""
    listing = Listing(_list_request, ListPaginatedFineTuningJobsResponse, as_listed, page_size=_PAGE_SIZE)
    after: str | None = None
    used: set[str | None] = {after}
    suspect: str | None = None
    while True:
        page, last = yield from one_page(listing, after, _PAGE_SIZE, conduct)
        for job in page:
            if token is not None and _token_of(job) == token:
                return _Found(job=job)
            if suspect is None and _could_be(job, body, token, began):
                suspect = job.id
        if not page.has_more or last in used or _is_old(page.data, began):
            return _Found(suspect=suspect)
        used.add(last)
        after = last


def _list_request(after: str | None, limit: int | None) -> Request:
    return Request.of(
        list_paginated_fine_tuning_jobs.build_request,
        after=UNSET if after is None else after,
        limit=UNSET if limit is None else limit,
    )


def _token_of(job: FineTuningJob) -> object:
    return job.metadata.get(TOKEN_KEY) if isinstance(job.metadata, dict) else None


def _could_be(job: FineTuningJob, body: Mapping[str, Any], token: str | None, began: float) -> bool:
    """Whether the job may be the one of this request although nothing proves it."""
    if isinstance(job.metadata, dict) and job.metadata and (token or job.metadata != body.get("metadata")):
        return False
    created = job.created_at if isinstance(job.created_at, int | float) else began
    is_new = created >= began - _CLOCK_SKEW
    return is_new and job.model == body["model"] and job.training_file == body["training_file"]


def _is_old(jobs: list[FineTuningJob], began: float) -> bool:
    """Whether what follows in a list that is newest first can only be older than this request."""
    times = [job.created_at for job in jobs if isinstance(job.created_at, int | float)]
    return len(times) > 1 and times[0] >= times[-1] and times[-1] < began - _CLOCK_SKEW


def _is_processing(outcome: Outcome) -> bool:
    return (
        isinstance(outcome, Answer) and outcome.status == 400 and b"is still being processed" in outcome.body
    )
