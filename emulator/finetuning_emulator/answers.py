"""How requests are read and answers are written, the same for every route."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from finetuning_emulator.errors import Refusal
from finetuning_emulator.service import Service

__all__ = [
    "bad_cursor",
    "choice",
    "ignored_body",
    "json_answer",
    "json_body",
    "limit",
    "page",
    "service_of",
    "stamp",
]

_LARGEST_BODY = 8 * 1024 * 1024
_LARGEST_LIMIT = (1 << 63) - 1
_T = TypeVar("_T")


def service_of(request: Request) -> Service:
    """The emulator behind this request."""
    service: Service = request.app.state.service
    return service


def stamp() -> list[tuple[bytes, bytes]]:
    """The headers that every answer has: that it is simulated, and a number of its own."""
    return [
        (b"x-finetuning-emulator", b"simulated"),
        (b"x-request-id", b"req_" + secrets.token_hex(16).encode()),
    ]


def json_answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer with a JSON body."""
    return Response(msgspec.json.encode(body), status, headers, "application/json")


async def ignored_body(request: Request) -> None:
    """Read a body that says nothing, so that the connection can be used again."""
    async for _ in request.stream():
        pass


async def json_body(request: Request) -> bytes:
    """The body of a request that must be JSON, of bounded size, not parsed yet."""
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip()
    if kind.lower() != "application/json":
        raise Refusal(
            400,
            f"Unsupported content type: '{kind[:100]}'. This method only accepts 'application/json'.",
            code="unsupported_content_type",
        )
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_BODY:
            raise Refusal(413, f"The request's body is larger than {_LARGEST_BODY} bytes.")
    return bytes(body)


def limit(request: Request, default: int, most: int, *, refuse_more: bool = False) -> int:
    """The query's `limit`; more than `most` is refused or answered with `most`."""
    text = request.query_params.get("limit")
    if text is None:
        return default
    number = _LARGEST_LIMIT if len(text) > 18 and text.isdecimal() else _integer(text)
    if number is None:
        raise _bad_limit("expected an integer", "invalid_type")
    if number < 1:
        raise _bad_limit("expected an integer of at least 1", "integer_below_min_value")
    if number > most and refuse_more:
        raise _bad_limit(f"expected an integer of at most {most}", "integer_above_max_value")
    return min(number, most)


def choice(request: Request, name: str, values: tuple[str, ...]) -> str:
    """A parameter of the query that is one of these; the first when it is left out."""
    value = request.query_params.get(name, values[0])
    if value not in values:
        expected = " or ".join(f"'{value}'" for value in values)
        raise Refusal(
            400, f"Invalid value for '{name}': expected {expected}.", param=name, code="invalid_value"
        )
    return value


def bad_cursor(after: str) -> Refusal:
    """The refusal of a page that would begin behind something that its list does not hold."""
    return Refusal(
        400,
        f"Invalid value for 'after': nothing in this list has the id '{after[:64]}'.",
        param="after",
        code="invalid_value",
    )


def page(found: list[_T], size: int, view: Callable[[_T], dict[str, Any]], *, ids: bool = False) -> Response:
    """One page of a list, from one row more than fits, so that it knows whether there is more."""
    data = [view(item) for item in found[:size]]
    body: dict[str, Any] = {"object": "list", "data": data, "has_more": len(found) > size}
    if ids:
        body["first_id"] = data[0]["id"] if data else None
        body["last_id"] = data[-1]["id"] if data else None
    return json_answer(body)


def _integer(text: str) -> int | None:
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdecimal() and len(text) < 20 else None


def _bad_limit(expected: str, code: str) -> Refusal:
    return Refusal(400, f"Invalid value for 'limit': {expected}.", param="limit", code=code)
