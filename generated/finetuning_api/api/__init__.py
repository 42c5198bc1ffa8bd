"""The endpoints, one package per tag, and their shared functions for writing requests and reading responses.

Nothing here imports httpx: a request is described by a dict of arguments for `httpx.Client.build_request`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote

from ..errors import InvalidBody, UnexpectedStatus
from ..types import UNSET, ApiObject, File, FileTypes, RequestFiles, Response, plain

if TYPE_CHECKING:
    import httpx

    from ..client import Client

T = TypeVar("T")
Model = TypeVar("Model", bound=ApiObject)

_STATUSES = {int(status): status for status in HTTPStatus}
_USUAL: Final[Mapping[str, str]] = {}
_DELIMITERS = {"form": ",", "spaces": " ", "pipes": "|"}
_INFINITIES = (float("inf"), float("-inf"))


def _text(name: str, value: Any) -> str:
    """Return a value within a parameter as text. Raises `ValueError` for a list or an object."""
    if isinstance(value, str):
        return value
    if isinstance(value, list | dict):
        raise ValueError(f"{name}: {value!r} cannot be written inside another list or object")
    if value != value or value in _INFINITIES:
        raise ValueError(f"{name}: {value!r} cannot be represented in JSON")
    return json.dumps(value)


def json_text(value: Any) -> Any:
    """Return a value as JSON text, and an unset value unchanged."""
    return UNSET if value is UNSET else json.dumps(plain(value), separators=(",", ":"))


def encode_path(template: str, segments: Mapping[str, Any], styles: Mapping[str, str] = _USUAL) -> str:
    """Fill in a path. Raises `ValueError` for a value that would lead to another endpoint."""
    for name, value in segments.items():
        data = plain(value)
        text = "" if data is None or data is UNSET else _expand(name, data, styles.get(name, "simple"), _quote)
        if text in ("", ".", ".."):
            raise ValueError(f"{name} must be a non-empty path segment, not {value!r}")
        template = template.replace(f"{{{name}}}", text)
    return template


def _quote(text: str) -> str:
    return quote(text, safe="")


def _expand(name: str, data: Any, style: str, write: Callable[[str], str]) -> str:
    """Return a value in the style simple, label or matrix; with `*`, each item separately."""
    prefix, between = {"simple": ("", ","), "label": (".", "."), "matrix": (";", ";")}[style.rstrip("*")]
    label = f"{name}=" if prefix == ";" else ""
    if isinstance(data, dict):
        pairs = [(write(key), write(_text(name, item))) for key, item in data.items()]
        if style.endswith("*"):
            return prefix + between.join(f"{key}={item}" for key, item in pairs)
        return prefix + label + ",".join(part for pair in pairs for part in pair)
    if isinstance(data, list):
        items = [write(_text(name, item)) for item in data]
        if style.endswith("*"):
            return prefix + between.join(f"{label}{item}" for item in items)
        return prefix + label + ",".join(items)
    return prefix + label + write(_text(name, data))


def encode_query(parameters: Mapping[str, Any], styles: Mapping[str, str] = _USUAL) -> dict[str, Any]:
    """Return the query parameters that are set, with lists and objects in the styles of OpenAPI.

    Raises `ValueError` for a value that the style cannot represent.
    """
    query: dict[str, Any] = {}
    for name, value in parameters.items():
        data, style = plain(value), styles.get(name, "form*")
        written: dict[str, Any] = {}
        if isinstance(data, dict):
            written = _object(name, data, style)
        elif isinstance(data, list):
            written[name] = [_text(name, item) for item in data] if style == "form*" else _joined(name, data, style)
        elif data is not UNSET and data is not None:
            written[name] = _text(name, data) if type(data) is float else data
        for key in written.keys() & query.keys():
            raise ValueError(f"{name}: another parameter is already sent as {key!r}")
        query.update(written)
    return query


def _object(name: str, data: dict[str, Any], style: str) -> dict[str, Any]:
    if style == "deep":
        pairs = _bracketed(name, data)
        return {key: item if isinstance(item, list) else _text(key, item) for key, item in pairs}
    if style == "form*":
        return {key: _text(name, item) for key, item in data.items()}
    return {name: _joined(name, [part for pair in data.items() for part in pair], style)}


def _bracketed(name: str, data: Any) -> Iterator[tuple[str, Any]]:
    """Yield the values in an object as `name[key]`, and a list under one name (style deepObject)."""
    if isinstance(data, dict):
        for key, item in data.items():
            yield from _bracketed(f"{name}[{key}]", item)
    elif isinstance(data, list):
        yield name, [_text(name, item) for item in data]
    else:
        yield name, data


def _joined(name: str, items: list[Any], style: str) -> str:
    delimiter = _DELIMITERS[style]
    texts = [_text(name, item) for item in items]
    for text in texts:
        if delimiter in text:
            raise ValueError(f"{name}: {text!r} contains {delimiter!r}, which separates the items")
    return delimiter.join(texts)


def encode_headers(parameters: Mapping[str, Any], styles: Mapping[str, str] = _USUAL) -> dict[str, str]:
    """Return the header parameters that are set. Raises `ValueError` for text that a header cannot contain."""
    headers: dict[str, str] = {}
    for name, value in parameters.items():
        data = plain(value)
        if data is not UNSET and data is not None:
            if isinstance(data, list | dict):
                # Checks that no item contains the comma that separates them.
                _joined(name, [*data, *data.values()] if isinstance(data, dict) else data, "form")
            text = _expand(name, data, styles.get(name, "simple"), str)
            if not (text.isascii() and text.isprintable() and text == text.strip()):
                raise ValueError(f"{name}: a header cannot contain {text!r}")
            headers[name] = text
    return headers


def encode_cookies(parameters: Mapping[str, Any], styles: Mapping[str, str] = _USUAL) -> dict[str, str]:
    """Return the cookie parameters that are set."""
    cookies: dict[str, str] = {}
    for name, value in parameters.items():
        data = plain(value)
        if data is not UNSET and data is not None:
            cookies[name] = _expand(name, data, "simple", _quote)
    return cookies


def choose_content(body: Any, content_type: Any, types: Mapping[str, type[Any]]) -> str:
    """Return the media type to send: the requested one, else the first that fits the class of the body, else the first.

    Raises `ValueError` for a requested one that the contract does not have.
    """
    if content_type is not UNSET:
        if content_type not in types:
            raise ValueError(f"content_type must be one of {', '.join(types)}, not {content_type!r}")
        return str(content_type)
    fitting = [name for name, kind in types.items() if kind is not object and isinstance(body, kind)]
    return (fitting or list(types))[0]


def read_bytes(body: File | bytes) -> bytes:
    """Return the content of a file."""
    return body if isinstance(body, bytes) else body.payload.read()


def encode_form(body: ApiObject | Mapping[str, Any], encodings: Mapping[str, str] = _USUAL) -> RequestFiles:
    """Return the body as parts of multipart/form-data: a list as several parts, an object as JSON, a file as it is.

    `encodings` has the form of the other fields: `deep` for bracketed names, or a media type.
    """
    parts: RequestFiles = []
    for name, value in _form_fields(body).items():
        how = encodings.get(name, "")
        is_file = any(isinstance(item, File) for item in _each(value))
        if how.partition(";")[0].endswith(("/json", "+json")) and not is_file:
            parts.append((name, (None, _json(value), how)))
        elif how == "deep":
            pairs = _bracketed(name, value)
            parts.extend(_part(key, one, "") for key, item in pairs for one in _each(item) if one is not None)
        else:
            parts.extend(_part(name, item, how) for item in _each(value) if item is not None)
    return parts


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _form_fields(body: Any) -> dict[str, Any]:
    fields: dict[str, Any] = plain(body)
    return fields


def _part(name: str, value: Any, media_type: str) -> tuple[str, FileTypes]:
    if isinstance(value, File):
        file_name, content, own = value.to_tuple()[:3]
        return name, (file_name, content, own or media_type or None)
    if isinstance(value, dict | list):
        return name, (None, _json(value), "application/json")
    return name, (None, _text(name, value).encode(), media_type or None)


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def encode_fields(body: ApiObject | Mapping[str, Any], encodings: Mapping[str, str] = _USUAL) -> dict[str, Any]:
    """Return the body as fields of a urlencoded form; a list becomes several fields with the same name."""
    fields: dict[str, Any] = {}
    for name, value in _form_fields(body).items():
        how = encodings.get(name, "")
        if how == "json":
            fields[name] = json_text(value)
        elif how == "deep":
            pairs = _bracketed(name, value)
            fields.update({key: item if isinstance(item, list) else _text(key, item) for key, item in pairs})
        elif isinstance(value, list):
            fields[name] = [_text(name, item) for item in value]
        elif value is not None:
            fields[name] = _text(name, value)
    return fields


def documented(response: httpx.Response, *statuses: str) -> str:
    """Return the documented status of a response: `200`, `4XX` or `default`. Raises `UnexpectedStatus` for others."""
    status = response.status_code
    for name in (str(status), f"{status // 100}XX", "default"):
        if name in statuses:
            return name
    raise UnexpectedStatus(status, response.content)


def choose_media(response: httpx.Response, *media_types: str) -> str:
    """Return the documented media type of a response. Raises `InvalidBody` if it has another."""
    given = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    for name in media_types:
        kind = name.partition(";")[0].strip().lower()
        if given == kind or kind == "*/*" or (kind.endswith("/*") and given.startswith(kind[:-1])):
            return name
    raise InvalidBody(response.status_code, response.content)


def read_object(response: httpx.Response, model: type[Model]) -> Model:
    """Read the body as an object. Raises `InvalidBody` if it is not a JSON object."""
    return model.from_dict(read_json(response, dict))


def read_json(response: httpx.Response, *types: type[Any] | None) -> Any:
    """Return the decoded body. Raises `InvalidBody` if it is not JSON, or not of these types."""
    try:
        data = _decode(response.content)
    except (ValueError, RecursionError) as error:
        raise InvalidBody(response.status_code, response.content) from error
    if types and (type(data) if data is not None else None) not in types:
        raise InvalidBody(response.status_code, response.content)
    return data


def _decode(content: bytes) -> Any:
    # Loaded here, since clients that only build requests with this library do not need it.
    import msgspec

    try:
        return msgspec.json.decode(content)
    except (ValueError, msgspec.MsgspecError):
        # Slower and more lenient: it accepts NaN, which some servers send for a loss, and encodings other than UTF-8.
        return json.loads(content)


def read_string(response: httpx.Response) -> str:
    """Return the body as text, decoded by the charset of the response."""
    return response.text


def read_file(response: httpx.Response) -> File:
    """Return the body as a file."""
    return File(BytesIO(response.content), mime_type=response.headers.get("content-type"))


def send(client: Client, request: dict[str, Any], parse_response: Callable[[httpx.Response], T]) -> Response[T]:
    """Send a request and read its response."""
    http = client.get_httpx_client()
    return _describe(http.send(http.build_request(**request)), parse_response)


async def send_async(
    client: Client, request: dict[str, Any], parse_response: Callable[[httpx.Response], T]
) -> Response[T]:
    """Send a request and read its response, without blocking."""
    http = client.get_async_httpx_client()
    return _describe(await http.send(http.build_request(**request)), parse_response)


def _describe(response: httpx.Response, parse_response: Callable[[httpx.Response], T]) -> Response[T]:
    status = response.status_code
    return Response(
        status_code=_STATUSES.get(status, status),
        content=response.content,
        headers=response.headers,
        parsed=parse_response(response),
    )
