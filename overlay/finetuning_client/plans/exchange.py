"""One request until it has an answer: `exchange` sends, waits and sends again as the retry policy says."""

from __future__ import annotations

import json
import logging
from typing import Any, TypeVar

import msgspec

from finetuning_api.types import ApiObject

from ..contract import kind_mistaken, violations
from ..errors import (
    ApiError,
    ConnectionFailed,
    FineTuningError,
    InvalidResponse,
    RequestTimedOut,
    _api_error_class,
)
from ..policies import Conduct, is_retried, retry_after
from .effects import Answer, Broken, Draw, Now, Outcome, Pause, Plan, Request, Send, Sink

__all__ = [
    "Attempts",
    "error_of",
    "exchange",
    "fetch",
    "fetch_same",
    "invalid",
    "may_have_acted",
    "noted",
    "read_object",
    "read_same",
    "remove",
]

_BODY_KEPT = 65_536
_BODY_SHOWN = 200
_MESSAGE_SHOWN = 2_000

_log = logging.getLogger("finetuning_client")

M = TypeVar("M", bound=ApiObject)


class Attempts:
    """The count of attempts at one request, and the pauses between them."""

    def __init__(self, request: Request, conduct: Conduct) -> None:
        self.request = request
        self.conduct = conduct
        self.made = 0
        self._started: float | None = None

    def send(self, sink: Sink | None = None) -> Plan[Outcome]:
        """Make one attempt."""
        if self._started is None:
            self._started = yield Now()
        self.made += 1
        outcome: Outcome = yield Send(self.request, sink)
        return outcome

    def pause_or_raise(self, outcome: Outcome) -> Plan[None]:
        """Let the time before the next attempt pass; raise the error of `outcome` if there is to be none."""
        now: float = yield Now()
        error = error_of(outcome, self.request, attempts=self.made, now=now)
        if self.made >= self.conduct.retry.max_attempts or not _is_worth_another(outcome, error):
            raise error
        delay = retry_after(outcome.headers, now) if isinstance(outcome, Answer) else None
        if delay is None:
            draw: float = yield Draw()
            delay = self.conduct.retry.backoff(self.made, draw)
        if self._started is not None and now + delay - self._started > self.conduct.retry.deadline:
            raise error
        _log.info("%s: trying again in %.1f s (attempt %d failed: %s)", self.request, delay, self.made, error)
        yield Pause(delay)

    def judge(self, outcome: Outcome, model: type[M], *required: str) -> Plan[M | FineTuningError | None]:
        """What an attempt to create an object came to.

        The object; or the error, where one may have been made that was not reported; or `None`, where none
        can have been made.
        """
        if isinstance(outcome, Answer) and outcome.ok:
            try:
                return read_object(outcome, self.request, model, *required, strict=self.conduct.strict)
            except InvalidResponse as error:
                return error
        if not may_have_acted(outcome):
            return None
        now: float = yield Now()
        return error_of(outcome, self.request, attempts=self.made, now=now)


def exchange(request: Request, conduct: Conduct, sink: Sink | None = None) -> Plan[Answer]:
    """Send `request` until a 2xx answer comes, and return it.

    Only for requests that do no harm when they are carried out twice.
    Raises `ApiError` or `ConnectionFailed` once the policy gives up.
    """
    attempts = Attempts(request, conduct)
    while True:
        outcome = yield from attempts.send(sink)
        if isinstance(outcome, Answer) and outcome.ok:
            return outcome
        yield from attempts.pause_or_raise(outcome)


def fetch(request: Request, conduct: Conduct, model: type[M], *required: str) -> Plan[M]:
    """`exchange`, with the answer read as a `model`; see `read_object`."""
    answer = yield from exchange(request, conduct)
    return read_object(answer, request, model, *required, strict=conduct.strict)


def fetch_same(request: Request, conduct: Conduct, model: type[M], object_id: str) -> Plan[M]:
    """`fetch`, where the answer must be of the object `object_id`."""
    answer = yield from exchange(request, conduct)
    return read_same(answer, request, model, object_id, strict=conduct.strict)


def remove(request: Request, gone: M, conduct: Conduct) -> Plan[M]:
    """Delete an object; that it is gone already, after a lost answer, is told as `gone`."""
    attempts = Attempts(request, conduct)
    lost = False
    while True:
        outcome = yield from attempts.send()
        if isinstance(outcome, Answer) and outcome.ok:
            told = read_object(outcome, request, type(gone), "id", strict=conduct.strict)
            if getattr(told, "deleted", None) is False:
                raise invalid(outcome, request, "the answer says that nothing was deleted")
            return told
        if lost and isinstance(outcome, Answer) and outcome.status == 404:
            return gone
        lost = lost or may_have_acted(outcome)
        yield from attempts.pause_or_raise(outcome)


def read_object(answer: Answer, request: Request, model: type[M], *required: str, strict: bool = False) -> M:
    """The JSON object of a 2xx answer as a `model` of the generated library.

    `required` names the fields without which it cannot be that object: strings, but for `data` (a list of
    objects), `reward` (a number) and `grader` (an object). Raises `InvalidResponse` for anything
    else, so that an error page or a model is never taken for a job; with `strict`, for any deviation from the
    contract too.
    """
    if answer.is_cut:
        raise invalid(answer, request, f"the body is larger than any answer: over {len(answer.body):,} bytes")
    if not answer.body.strip():
        raise invalid(answer, request, "the body is empty")
    try:
        value = _decoded(answer.body)
    except (ValueError, RecursionError):
        raise invalid(answer, request, "the body is not JSON") from None
    if not isinstance(value, dict):
        raise invalid(answer, request, f"the body is {_kind(value)}, not an object")
    mistake = _mistake(value, model, required)
    if mistake:
        raise invalid(answer, request, mistake)
    if strict:
        _require_contract(answer, request, model.__name__, value)
    return model.from_dict(value)


def read_same(answer: Answer, request: Request, model: type[M], object_id: str, *, strict: bool = False) -> M:
    """`read_object`, of the object `object_id` and no other."""
    found = read_object(answer, request, model, "id", strict=strict)
    said = getattr(found, "id", None)
    if said != object_id:
        raise invalid(answer, request, f"the body is another object: {said!r}")
    return found


def _mistake(value: dict[str, Any], model: type[ApiObject], required: tuple[str, ...]) -> str:
    """Why the body cannot be a `model`, or nothing."""
    is_error = bool(value.get("error")) and "object" not in value and "status" not in value
    for name in required:
        if is_error or not _is_good(name, value.get(name)):
            what = "an error" if is_error else "an object"
            return f"the body is {what} without a usable {name!r}"
    other = kind_mistaken(model.__name__, value)
    return f"the body is, or holds, a {other!r}" if other else ""


def _require_contract(answer: Answer, request: Request, schema: str, value: dict[str, Any]) -> None:
    for broken in violations(schema, value):
        raise invalid(answer, request, f"it breaks the contract: {broken}", field=broken.field)


def invalid(answer: Answer, request: Request, reason: str, *, field: str | None = None) -> InvalidResponse:
    """The error for a success that is not the documented object."""
    kind = answer.headers.get("content-type", "no content type")
    return InvalidResponse(
        f"{request}: the server answered {answer.status}, but {reason} ({kind}). "
        f"Is the base URL right, and nothing in between answering for the service? "
        f"The body: {_shown(answer.body)}",
        status=answer.status,
        request_id=answer.request_id,
        body=answer.body[:_BODY_KEPT],
        field=field,
    )


def error_of(outcome: Outcome, request: Request, *, attempts: int, now: float) -> FineTuningError:
    """The error that stands for an outcome which is not a success."""
    if isinstance(outcome, Broken):
        kind = RequestTimedOut if outcome.timed_out else ConnectionFailed
        failed = kind(
            f"{request}: {outcome.reason} ({_times(attempts)})",
            request=str(request),
            attempts=attempts,
            delivered=outcome.delivered,
        )
        failed.__cause__ = outcome.cause
        return failed
    envelope = _envelope(outcome.body)
    code = _text(envelope.get("code"))
    message = (_text(envelope.get("message")) or _shown(outcome.body))[:_MESSAGE_SHOWN]
    if 300 <= outcome.status < 400:
        message = "a redirect, which is not followed: the key would go along. Use its target as base_url"
    trace = f", request id {outcome.request_id}" if outcome.request_id else ""
    return _api_error_class(outcome.status, code)(
        f"{request}: {outcome.status}: {message} ({_times(attempts)}{trace})",
        status=outcome.status,
        code=code,
        param=_text(envelope.get("param")),
        type=_text(envelope.get("type")),
        request_id=outcome.request_id,
        retry_after=retry_after(outcome.headers, now),
        attempts=attempts,
        body=outcome.body[:_BODY_KEPT],
    )


def noted(error: FineTuningError, note: str) -> FineTuningError:
    """The error, with a sentence more in its message."""
    error.args = (f"{error.args[0]}. {note}", *error.args[1:])
    return error


def may_have_acted(outcome: Outcome) -> bool:
    """Whether the server may have carried the request out although no success was reported."""
    if isinstance(outcome, Broken):
        return outcome.delivered
    return outcome.status == 408 or outcome.status >= 500


def _is_worth_another(outcome: Outcome, error: FineTuningError) -> bool:
    if isinstance(outcome, Broken):
        return True
    code = error.code if isinstance(error, ApiError) else None
    return is_retried(outcome.status, outcome.headers, code)


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (ValueError, msgspec.MsgspecError):
        # Slower and more lenient: NaN, as some servers write for a loss, and encodings other than UTF-8.
        return json.loads(body)


def _is_good(name: str, value: object) -> bool:
    if name == "data":
        return isinstance(value, list) and all(isinstance(item, dict) for item in value)
    if name == "reward":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if name == "grader":
        return isinstance(value, dict)
    return isinstance(value, str) and bool(value)


def _envelope(body: bytes) -> dict[str, Any]:
    """The error object of a body, in any of the shapes that servers use, or an empty one."""
    try:
        value = _decoded(body)
    except (ValueError, RecursionError):
        return {}
    if isinstance(value, dict):
        value = value.get("error") or value
    if isinstance(value, str):
        return {"message": value}
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    if isinstance(value, str):
        return value or None
    # Some servers give the code as a number.
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _kind(value: object) -> str:
    return {list: "an array", str: "a string", type(None): "null"}.get(type(value), "a bare value")


def _shown(body: bytes) -> str:
    text = " ".join(body[: 4 * _BODY_SHOWN].decode("utf-8", "replace").split())
    return repr(text[:_BODY_SHOWN] + ("…" if len(text) > _BODY_SHOWN else "")) if text else "an empty body"


def _times(attempts: int) -> str:
    return "1 attempt" if attempts == 1 else f"{attempts} attempts"
