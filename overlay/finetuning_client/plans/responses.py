"""Reading of responses: the object of a success, the error of anything else. Pure functions."""

from __future__ import annotations

import re
from typing import Any, TypeVar
from urllib.parse import unquote

from finetuning_api.types import ApiObject

from ..error_bodies import ErrorFacts, decoded, described, read_error
from ..errors import (
    ConnectionFailed,
    FineTuningError,
    InvalidResponse,
    RequestTimedOut,
    _api_error_class,
)
from ..retry_after_header import retry_after
from ..validation import (
    DEEPEST,
    identifying_fields,
    is_too_deep,
    kind_of_items,
    other_kind,
    violations,
)
from .effects import NoResponse, Outcome, Request, Response

BODY_KEPT = 65_536
"""How many bytes of a body an error keeps."""

# What servers and frameworks say of a path that they do not serve.
_NO_SUCH_PATH = re.compile(
    r"(404[: ]*)?(page |resource |endpoint |route |url |path )?not found\W*|method not allowed\W*"
    r"|cannot (get|post|delete) .*|invalid url.*|no api found.*|.*requested (url|path|resource).* not found.*"
    r"|no (such )?(route|endpoint|path).*|unknown (route|endpoint|path|request url).*|not implemented\W*",
    re.IGNORECASE,
)
_NO_FINE_TUNING = re.compile(r"fine-?\s?tuning .{0,40}not (available|supported|enabled|implemented)", re.IGNORECASE)
_COLLECTION = re.compile(r"/(fine_tuning/jobs|files|models|uploads)")

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
        value = decoded(response.body)
    except (ValueError, RecursionError):
        raise invalid_response(response, request, "the body is not JSON") from None
    if not isinstance(value, dict):
        raise invalid_response(response, request, f"the body is {_kind(value)}, not an object")
    if is_too_deep(value):
        raise invalid_response(response, request, f"its values are nested more than {DEEPEST} deep")
    sent, value = value, _as_list_object(model.__name__, value)
    mistake = _mistake(value, model.__name__)
    if mistake:
        raise invalid_response(response, request, mistake)
    # Gateways that make ids of URLs encode them, and not always alike.
    if object_id is not None and unquote(str(value.get("id"))) != unquote(object_id):
        raise invalid_response(response, request, f"the body is another object: {value.get('id')!r:.80}")
    if strict:
        for broken in violations(model.__name__, sent):
            is_scalar = not isinstance(broken.value, dict | list)
            rule = str(broken) if is_scalar else f"{broken.field}: must be {broken.limit}"
            reason = f"it breaks the contract: {rule}"
            raise invalid_response(response, request, reason, field=broken.field)
    return model.from_dict(value)


def _as_list_object(schema: str, value: dict[str, Any]) -> dict[str, Any]:
    """Return the body of a list with its items under `data`; any other body as it is.

    Some servers have them under a name such as `jobs`, and some leave an empty list out, or write null.
    """
    kind = kind_of_items(schema)
    if kind is None or isinstance(value.get("data"), list):
        return value
    name = kind.rpartition(".")[2] + "s"
    if isinstance(value.get(name), list) and "id" not in value:
        return {**{key: item for key, item in value.items() if key != name}, "data": value[name]}
    is_null = value.get("object") == "list" and "data" in value and value.get("has_more") is not True
    if value.get("data") is None and (value.get("total") in (0, "0") or is_null):
        return {**value, "data": []}
    return value


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
        f"Check base_url and any proxy in between. The body: {described(response.body)}",
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
    said = read_error(outcome.body)
    message = said.message or (f"error {said.code}" if said.code else described(outcome.body))
    if outcome.note:
        message = outcome.note if outcome.status < 400 else f"{message}. {outcome.note}"
    hint = _hint(outcome, request, said)
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
    return (
        ". This server does not seem to offer this part of the fine-tuning API: check base_url, "
        "which usually ends with a version such as /v1"
    )


def _kind(value: object) -> str:
    return {list: "an array", str: "a string", type(None): "null"}.get(type(value), "a bare value")


def _times(attempts: int) -> str:
    return "1 attempt" if attempts == 1 else f"{attempts} attempts"
