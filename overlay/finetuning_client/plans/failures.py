"""Errors for outcomes of a request other than a success. Pure functions, loaded when first needed."""

from __future__ import annotations

import re

from ..error_bodies import ErrorFacts, described, read_error
from ..errors import ConnectionFailed, FineTuningError, RequestTimedOut, _api_error_class
from ..retry_after_header import retry_after
from .effects import BODY_KEPT, NoResponse, Outcome, Request, Response

# What servers and frameworks say of a path that they do not serve.
_NO_SUCH_PATH = re.compile(
    r"(404[: ]*)?(page |resource |endpoint |route |url |path )?not found\W*|method not allowed\W*"
    r"|cannot (get|post|delete) .*|invalid url.*|no api found.*|.*requested (url|path|resource).* not found.*"
    r"|no (such )?(route|endpoint|path).*|unknown (route|endpoint|path|request url).*|not implemented\W*",
    re.IGNORECASE,
)
_NO_FINE_TUNING = re.compile(
    r"fine-?\s?tuning .{0,40}not (available|supported|enabled|implemented)", re.IGNORECASE
)
_COLLECTION = re.compile(r"/(fine_tuning/jobs|files|models|uploads)")


def error_of(outcome: Outcome, request: Request, *, attempts: int, now: float) -> FineTuningError:
    """Return the error for an outcome that is not a success."""
    if isinstance(outcome, NoResponse):
        kind = RequestTimedOut if outcome.timed_out else ConnectionFailed
        failed = kind(
            f"{request}: {outcome.reason} ({_times(attempts)})",
            request=str(request),
            attempts=attempts,
            delivered=outcome.delivered,
        )
        failed.__cause__ = outcome.cause
        return failed
    said = read_error(outcome.body)
    message = said.message or (f"error {said.code}" if said.code else described(outcome.body))
    hint = _hint(outcome, request, said)
    if outcome.note:
        # It has the base URL, so its advice is more precise.
        message, hint = outcome.note if outcome.status < 400 else f"{message}. {outcome.note}", ""
    trace = f", request id {outcome.request_id}" if outcome.request_id else ""
    return _api_error_class(outcome.status, said.code)(
        f"{request}: {outcome.status}: {message} ({_times(attempts)}{trace}){hint}",
        status=outcome.status,
        code=said.code,
        param=said.param,
        type=said.type,
        request_id=outcome.request_id,
        retry_after=retry_after(outcome.headers, now),
        attempts=attempts,
        body=outcome.body[:BODY_KEPT],
    )


def _hint(response: Response, request: Request, said: ErrorFacts) -> str:
    """Return a sentence for a server that does not serve the path; empty for any other error."""
    is_off = _NO_FINE_TUNING.match(said.message) is not None
    if response.status not in (404, 405, 501) and not is_off:
        return ""
    path, method = str(request.options["url"]), str(request.options["method"]).upper()
    is_list = method == "GET" and _COLLECTION.fullmatch(path) is not None
    has_reason = bool(said.message) and not said.message.startswith(("'", "an HTML page"))
    is_elsewhere = is_off or (is_list and not said.is_envelope) or _NO_SUCH_PATH.fullmatch(said.message)
    if has_reason and not is_elsewhere:
        return ""
    either = "" if is_off or _COLLECTION.fullmatch(path) else "has no such object, or "
    return (
        f". This server {either}does not seem to offer this part of the fine-tuning API: check base_url, "
        "which usually ends with a version such as /v1"
    )


def _times(attempts: int) -> str:
    return "1 attempt" if attempts == 1 else f"{attempts} attempts"
