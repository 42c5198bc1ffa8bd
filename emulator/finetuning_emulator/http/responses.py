"""Responses: JSON bodies, pages of lists, and the headers that every response has."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec
from starlette.responses import Response

__all__ = ["json_response", "page_response", "standard_headers"]

_T = TypeVar("_T")


def standard_headers() -> list[tuple[bytes, bytes]]:
    """Return the headers of every response: that it is simulated, and a new request id."""
    return [
        (b"x-finetuning-emulator", b"simulated"),
        (b"x-request-id", b"req_" + secrets.token_hex(16).encode()),
    ]


def json_response(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a response with a JSON body."""
    return Response(msgspec.json.encode(body), status, headers, media_type="application/json")


def page_response(
    found: list[_T],
    size: int,
    view: Callable[[_T], dict[str, Any] | msgspec.Raw],
    *,
    ids: Callable[[_T], str] | None = None,
) -> Response:
    """Return a page of a list.

    Args:
        found: the items, one more than fits on the page if there are more.
        size: the size of the page.
        view: the body of an item.
        ids: the id of an item, if the list has `first_id` and `last_id`.
    """
    page = found[:size]
    body: dict[str, Any] = {
        "object": "list",
        "data": [view(item) for item in page],
        "has_more": len(found) > size,
    }
    if ids is not None:
        body["first_id"] = ids(page[0]) if page else None
        body["last_id"] = ids(page[-1]) if page else None
    return json_response(body)
