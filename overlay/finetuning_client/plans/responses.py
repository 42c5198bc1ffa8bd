"""Reading of successful responses: as plain data, or as objects of the generated library. Pure functions.

Single objects are read by views, which take plain data, so a program that only reads jobs loads no model.
Lists consist of models, which take less memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar
from urllib.parse import unquote

from ..errors import InvalidResponse
from ..json_bodies import decode_json
from ..schemas import identifying_fields, kind_of_items, other_kind
from ..validation import DEEPEST, is_too_deep, violations
from ..views.field_readers import whole
from .effects import BODY_KEPT, Request, Response

if TYPE_CHECKING:
    from finetuning_api.types import ApiObject

JsonObject: TypeAlias = dict[str, Any]
"""An object of the API as the server sent it, checked to be that object."""

M = TypeVar("M", bound="ApiObject")


def read_object(
    response: Response,
    request: Request,
    model: type[M],
    *,
    object_id: str | None = None,
    strict: bool = False,
) -> M:
    """Read the object of a 2xx response as a `model` of the generated library, by `read_json_object`."""
    schema = model.__name__
    return model.from_dict(read_json_object(response, request, schema, object_id=object_id, strict=strict))


def read_json_object(
    response: Response,
    request: Request,
    schema: str,
    *,
    object_id: str | None = None,
    strict: bool = False,
) -> JsonObject:
    """Read the JSON object of a 2xx response, which must be an object `schema` of the contract.

    `object_id` is the id that the object must have, if it is known. Raises `InvalidResponse` for anything
    that is not the documented object, so that an error page or a model is never taken for a job; with
    `strict`, for any deviation from the contract too.
    """
    if response.is_cut:
        size = len(response.body)
        raise invalid_response(response, request, f"the body is too large: over {size:,} bytes")
    if not response.body.strip():
        raise invalid_response(response, request, "the body is empty")
    try:
        value = decode_json(response.body)
    except (ValueError, RecursionError):
        raise invalid_response(response, request, "the body is not JSON") from None
    if not isinstance(value, dict):
        raise invalid_response(response, request, f"the body is {_kind(value)}, not an object")
    # Counted first, since that is faster: few brackets cannot be deep.
    if response.body.count(b"{") + response.body.count(b"[") > DEEPEST and is_too_deep(value):
        raise invalid_response(response, request, f"the body is nested more than {DEEPEST} levels deep")
    sent, value = value, _as_list_object(schema, value)
    mistake = _mistake(value, schema, object_id)
    if mistake:
        raise invalid_response(response, request, mistake)
    if strict:
        for broken in violations(schema, sent):
            is_scalar = not isinstance(broken.value, dict | list)
            rule = str(broken) if is_scalar or broken.text else f"{broken.field}: must be {broken.limit}"
            reason = f"the body breaks the contract: {rule}"
            raise invalid_response(response, request, reason, field=broken.field)
    return value if object_id is None else value | {"id": object_id}


def _as_list_object(schema: str, value: dict[str, Any]) -> dict[str, Any]:
    """Return the body of a list with its items under `data`; any other body as it is.

    Some servers put them under a name such as `jobs`, and some leave out an empty list, or write null.
    """
    kind = kind_of_items(schema)
    if kind is None or isinstance(value.get("data"), list):
        return value
    name = kind.rpartition(".")[2] + "s"
    if isinstance(value.get(name), list) and "id" not in value:
        return {**{key: item for key, item in value.items() if key != name}, "data": value[name]}
    is_list = value.get("object") == "list" or value.get("has_more") is False
    is_null = (is_list and "data" in value) or (name in value and value[name] is None and "id" not in value)
    is_null = is_null and value.get("has_more") is not True and not value.get("error")
    if value.get("data") is None and (whole(value.get("total")) == 0 or is_null):
        return {**value, "data": []}
    return value


def _mistake(value: dict[str, Any], schema: str, object_id: str | None) -> str:
    """Return why the body cannot be the object `schema` with an id; empty if it can."""
    is_error = bool(value.get("error")) and "object" not in value and "status" not in value
    for name, is_usable in identifying_fields(schema).items():
        if is_error or not is_usable(value.get(name)):
            what = "an error" if is_error else "an object"
            return f"the body is {what} without a usable {name!r}"
    # Gateways whose ids are URLs encode them, and not always in the same way.
    if object_id is not None and unquote(str(value.get("id"))) != unquote(object_id):
        return f"the body is a different object: {value.get('id')!r:.80}"
    other = other_kind(schema, value)
    return f"the body is, or contains, an object of kind {other!r}" if other else ""


def invalid_response(
    response: Response, request: Request, reason: str, *, field: str | None = None
) -> InvalidResponse:
    """Return the error for a success that is not the documented object."""
    from ..error_bodies import described

    kind = response.headers.get("content-type", "no content type")
    return InvalidResponse(
        f"{request}: the server responded with {response.status}, but {reason} ({kind}). "
        f"Check base_url and any proxy in between. The body: {described(response.body)}",
        status=response.status,
        request_id=response.request_id,
        body=response.body[:BODY_KEPT],
        field=field,
    )


def _kind(value: object) -> str:
    return {list: "an array", str: "a string", type(None): "null"}.get(type(value), "a bare value")
