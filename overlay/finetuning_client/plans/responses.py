"""Reading of responses: the object of a success, the error of anything else. Pure functions."""

from __future__ import annotations

import json
from typing import Any, TypeVar

import msgspec

from finetuning_api.types import ApiObject

from ..errors import (
    ConnectionFailed,
    FineTuningError,
    InvalidResponse,
    RequestTimedOut,
    _api_error_class,
)
from ..retry_after_header import retry_after
from ..validation import DEEPEST, identifying_fields, is_too_deep, other_kind, violations
from .effects import NoResponse, Outcome, Request, Response

BODY_KEPT = 65_536
"""How many bytes of a body an error keeps."""

_BODY_SHOWN = 200
_MESSAGE_SHOWN = 2_000

M = TypeVar("M", bound=ApiObject)


def read_object(
    response: Response,
    request: Request,
    model: type[M],
    *,
    object_id: str | None = None,
    strict: bool = False,
) -> M:
    """Read the JSON object of a 2xx response as a `model` of the generated library.

    `object_id` is the id that the object must have, where it is known. Raises `InvalidResponse` for anything
    that is not the documented object, so that an error page or a model is never taken for a job; with
    `strict`, for any deviation from the contract too.
    """
    if response.is_cut:
        size = len(response.body)
        raise invalid_response(response, request, f"the body is too large: over {size:,} bytes")
    if not response.body.strip():
        raise invalid_response(response, request, "the body is empty")
    try:
        value = _decoded(response.body)
    except (ValueError, RecursionError):
        raise invalid_response(response, request, "the body is not JSON") from None
    if not isinstance(value, dict):
        raise invalid_response(response, request, f"the body is {_kind(value)}, not an object")
    if is_too_deep(value):
        raise invalid_response(response, request, f"its values are nested more than {DEEPEST} deep")
    mistake = _mistake(value, model.__name__)
    if mistake:
        raise invalid_response(response, request, mistake)
    if object_id is not None and value.get("id") != object_id:
        raise invalid_response(response, request, f"the body is another object: {value.get('id')!r}")
    if strict:
        for broken in violations(model.__name__, value):
            reason = f"it breaks the contract: {broken}"
            raise invalid_response(response, request, reason, field=broken.field)
    return model.from_dict(value)


def _mistake(value: dict[str, Any], schema: str) -> str:
    """Say why the body cannot be the object `schema`; empty if it can."""
    is_error = bool(value.get("error")) and "object" not in value and "status" not in value
    for name, is_usable in identifying_fields(schema).items():
        if is_error or not is_usable(value.get(name)):
            what = "an error" if is_error else "an object"
            return f"the body is {what} without a usable {name!r}"
    other = other_kind(schema, value)
    return f"the body is, or contains, an object of kind {other!r}" if other else ""


def invalid_response(
    response: Response, request: Request, reason: str, *, field: str | None = None
) -> InvalidResponse:
    """Return the error for a success that is not the documented object."""
    kind = response.headers.get("content-type", "no content type")
    return InvalidResponse(
        f"{request}: the server responded with {response.status}, but {reason} ({kind}). "
        f"Check base_url and any proxy in between. The body: {_shown(response.body)}",
        status=response.status,
        request_id=response.request_id,
        body=response.body[:BODY_KEPT],
        field=field,
    )


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
    envelope = _envelope(outcome.body)
    code = _text(envelope.get("code"))
    message = (_text(envelope.get("message")) or _shown(outcome.body))[:_MESSAGE_SHOWN]
    if outcome.note:
        message = outcome.note if outcome.status < 400 else f"{message}. {outcome.note}"
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
        body=outcome.body[:BODY_KEPT],
    )


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (ValueError, msgspec.MsgspecError):
        # Slower and more lenient: NaN, as some servers write for a loss, and encodings other than UTF-8.
        return json.loads(body)


def _envelope(body: bytes) -> dict[str, Any]:
    """Return the error object of a body, in any of the shapes that servers use, or an empty one."""
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
        # Half a character cannot be printed, and an error message is there to be.
        return value.encode("utf-8", "replace").decode() or None
    # Some servers give the code as a number.
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _kind(value: object) -> str:
    return {list: "an array", str: "a string", type(None): "null"}.get(type(value), "a bare value")


def _shown(body: bytes) -> str:
    text = " ".join(body[: 4 * _BODY_SHOWN].decode("utf-8", "replace").split())
    return repr(text[:_BODY_SHOWN] + ("…" if len(text) > _BODY_SHOWN else "")) if text else "an empty body"


def _times(attempts: int) -> str:
    return "1 attempt" if attempts == 1 else f"{attempts} attempts"
