"""The endpoints, a package for each tag; and here what they share: writing requests, reading and sending.

Nothing here imports httpx: a request is described by a dict of arguments for `httpx.Client.request`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import quote

import msgspec

from ..errors import InvalidBody, UnexpectedStatus
from ..types import UNSET, ApiObject, File, FileTypes, RequestFiles, Response, plain

if TYPE_CHECKING:
    import httpx

    from ..client import Client

T = TypeVar("T")

_STATUSES = {int(status): status for status in HTTPStatus}


def encode_path(template: str, **segments: object) -> str:
    """Fill in a path. Raises `ValueError` for a value that would lead to another endpoint."""
    for name, value in segments.items():
        text = "" if value is None else str(plain(value))
        if text in ("", ".", "..") or value is UNSET:
            raise ValueError(f"{name} must be a non-empty path segment, not {value!r}")
        template = template.replace(f"{{{name}}}", quote(text, safe=""))
    return template


def encode_query(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Query parameters without the unset ones; a map becomes `name[key]=value` (style deepObject)."""
    query: dict[str, Any] = {}
    for name, value in parameters.items():
        if isinstance(value, Mapping):
            query.update({f"{name}[{key}]": plain(item) for key, item in value.items()})
        elif value is not UNSET and value is not None:
            query[name] = plain(value)
    return query


def encode_form(body: ApiObject) -> RequestFiles:
    """The body as parts of multipart/form-data; nested values get bracketed names, files stay files."""
    parts: RequestFiles = []
    for name, value in body.to_dict().items():
        _add_parts(parts, name, value)
    return parts


def _add_parts(parts: list[tuple[str, FileTypes]], name: str, value: Any) -> None:
    if isinstance(value, File):
        parts.append((name, value.to_tuple()))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            _add_parts(parts, f"{name}[{key}]", item)
    elif isinstance(value, list):
        for item in value:
            _add_parts(parts, f"{name}[]", item)
    elif value is not None:
        text = value if isinstance(value, str) else json.dumps(value)
        parts.append((name, (None, text.encode(), None)))


def parse(response: httpx.Response, readers: Mapping[str, type[T]]) -> T:
    """Read the body as the type that the contract documents for the status, given as `"200"` or `"4XX"`.

    Raises `UnexpectedStatus` when there is none and `InvalidBody` when the body is no JSON object.
    """
    status = response.status_code
    reader: Any = readers.get(str(status)) or readers.get(f"{status // 100}XX")
    if reader is None:
        raise UnexpectedStatus(status, response.content)
    if issubclass(reader, File):
        return cast(T, reader(BytesIO(response.content), mime_type=response.headers.get("content-type")))
    try:
        data = _decode(response.content)
    except (ValueError, RecursionError) as error:
        raise InvalidBody(status, response.content) from error
    if not isinstance(data, dict):
        raise InvalidBody(status, response.content)
    return cast(T, reader.from_dict(data))


def _decode(content: bytes) -> Any:
    try:
        return msgspec.json.decode(content)
    except (ValueError, msgspec.MsgspecError):
        # Slower and more lenient: NaN, as some servers write for a loss, and encodings other than UTF-8.
        return json.loads(content)


def send(client: Client, request: dict[str, Any], parse_response: Callable[[httpx.Response], T]) -> Response[T]:
    """Send a request and read its answer."""
    return _describe(client.get_httpx_client().request(**request), parse_response)


async def send_async(
    client: Client, request: dict[str, Any], parse_response: Callable[[httpx.Response], T]
) -> Response[T]:
    """Send a request and read its answer, without blocking."""
    return _describe(await client.get_async_httpx_client().request(**request), parse_response)


def _describe(response: httpx.Response, parse_response: Callable[[httpx.Response], T]) -> Response[T]:
    status = response.status_code
    return Response(
        status_code=_STATUSES.get(status, status),
        content=response.content,
        headers=response.headers,
        parsed=parse_response(response),
    )
