"""Server behaviours that several groups of faults share: complete, cut, edited and error responses."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from .server import Behaviour, Exchange, body_of, encode

__all__ = [
    "ALWAYS",
    "ENVELOPE",
    "TIMEOUT",
    "after_headers",
    "at_once",
    "complete_response",
    "cut",
    "edit_bytes",
    "edit_json",
    "elsewhere",
    "error",
    "html",
    "in_body",
    "json_reply",
    "redirect",
    "reply",
    "without",
]

TIMEOUT = 2.0
"""Timeout of the tested clients, in seconds: long enough for a server on a busy machine."""

ALWAYS = math.inf
"""`Fault.times` of a fault that applies to every request."""

ENVELOPE = {"error": {"message": "overloaded", "type": "server_error", "param": None, "code": None}}

_HTML = b"<!doctype html><html><body>Sign in to this network</body></html>"

Edit = Callable[[Any], Any]


async def complete_response(exchange: Exchange) -> bytes:
    """Process the request, and return the bytes of the correct response."""
    status, value = await exchange.process()
    return encode(status, body_of(value))


# --- cut responses --------------------------------------------------------------------------


def cut(
    length: Callable[[bytes], int], end: Callable[[Exchange], object], *, processed: bool = True
) -> Behaviour:
    """Send the first `length` bytes of the correct response, and `end` the connection."""

    async def behave(exchange: Exchange) -> None:
        await exchange.body()
        response = await complete_response(exchange) if processed else b""
        await exchange.write(response[: length(response)])
        end(exchange)

    return behave


def at_once(_: bytes) -> int:
    """Cut before the first byte."""
    return 0


def after_headers(response: bytes) -> int:
    """Cut between the headers and the body."""
    return response.index(b"\r\n\r\n") + 4


def in_body(response: bytes) -> int:
    """Cut within the body."""
    return after_headers(response) + 40


# --- complete responses ---------------------------------------------------------------------


def edit_bytes(edit: Callable[[bytes, bytes], bytes], *, close: bool = True) -> Behaviour:
    """Process the request, and send the result of `edit` for the head and body of the correct response."""

    async def behave(exchange: Exchange) -> None:
        response = await complete_response(exchange)
        await exchange.write(edit(response[: after_headers(response)], response[after_headers(response) :]))
        if close:
            exchange.close()

    return behave


def reply(
    status: int = 200,
    body: Callable[[bytes], bytes] = bytes,
    *,
    processed: bool | None = None,
    **headers: str,
) -> Behaviour:
    """Respond with a status, and the result of `body` for the correct body (empty, unless processed).

    The request is processed if the status is a success; `processed` overrides this.
    """
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    is_processed = status < 300 if processed is None else processed

    async def behave(exchange: Exchange) -> None:
        correct = b""
        if is_processed:
            correct = body_of((await exchange.process())[1])
        else:
            await exchange.body()
        await exchange.write(encode(status, body(correct), named))

    return behave


def html(status: int = 200, content_type: str = "text/html") -> Behaviour:
    """Respond with an HTML page, as a proxy does; the request is processed if the status is a success."""
    return reply(status, lambda _: _HTML, Content_Type=content_type)


def error(status: int, code: str | None = None, *, processed: bool = False, **headers: str) -> Behaviour:
    """Respond with an error status and the documented error envelope."""
    envelope = {"error": {"message": "not now", "type": "server_error", "param": None, "code": code}}
    return reply(status, lambda _: json.dumps(envelope).encode(), processed=processed, **headers)


def json_reply(value: Any) -> Behaviour:
    """Respond with a success whose body is this JSON value."""
    return reply(body=lambda _: json.dumps(value).encode())


def edit_json(edit: Edit) -> Behaviour:
    """Respond with a success whose body is the result of `edit` for the correct JSON."""
    return reply(body=lambda correct: json.dumps(edit(json.loads(correct))).encode())


def without(name: str) -> Edit:
    """Return an edit that removes a field."""
    return lambda item: {key: value for key, value in item.items() if key != name}


# --- redirects ------------------------------------------------------------------------------


def redirect(status: int, location: Callable[[Exchange], str]) -> Behaviour:
    """Respond with a redirect; the request is not processed."""

    async def behave(exchange: Exchange) -> None:
        await exchange.body()
        await exchange.write(encode(status, b"", {"Location": location(exchange)}))

    return behave


def elsewhere(exchange: Exchange) -> str:
    """Return the URL of the request at the server's other port."""
    there = urlsplit(exchange.run.elsewhere)
    return f"{there.scheme}://{there.netloc}{exchange.target}"
