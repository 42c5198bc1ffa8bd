"""Faults of lists: repeated pages, wrong cursors, invalid pages, and a second page that fails."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .behaviours import (
    ALWAYS,
    ENVELOPE,
    at_once,
    complete_response,
    cut,
    elsewhere,
    error,
    html,
    in_body,
    json_reply,
    redirect,
    without,
)
from .server import Behaviour, Exchange, Fault, encode
from .service import JOBS

__all__ = ["LIST_FAULTS"]

_LISTS = ("list",)


def _same_page(exchange: Exchange) -> dict[str, Any]:
    return {"data": exchange.run.jobs[:2], "has_more": True}


def _two_pages_in_turn(exchange: Exchange) -> dict[str, Any]:
    start = 2 if exchange.query.get("after") == JOBS[1] else 0
    return {"data": exchange.run.jobs[start : start + 2], "has_more": True}


def _overlapping(exchange: Exchange) -> dict[str, Any]:
    start = JOBS.index(exchange.query["after"]) if "after" in exchange.query else 0
    return {"data": exchange.run.jobs[start : start + 2], "has_more": start + 2 < len(JOBS)}


def _oldest_first(exchange: Exchange) -> dict[str, Any]:
    ids = JOBS[::-1]
    start = ids.index(exchange.query["after"]) + 1 if "after" in exchange.query else 0
    return {"data": exchange.run.jobs[::-1][start : start + 2], "has_more": start + 2 < len(ids)}


def _page(exchange: Exchange, **changes: Any) -> dict[str, Any]:
    """Return the correct page with changed fields."""
    page: dict[str, Any] = exchange.run.process("GET", exchange.path, exchange.query, b"")[1]
    return {**page, **changes}


def _paged(name: str, page: Callable[[Exchange], dict[str, Any]], items: int = len(JOBS)) -> Fault:
    """Return a fault that responds to every request for a page with the result of `page`."""

    async def behave(exchange: Exchange) -> None:
        await exchange.write(encode(200, json.dumps({"object": "list", **page(exchange)}).encode()))

    return Fault(name, behave, times=ALWAYS, operations=_LISTS, items=items)


def _second_page(name: str, behaviour: Behaviour) -> Fault:
    """Return a fault of the first request for the second page."""

    async def behave(exchange: Exchange) -> None:
        run = exchange.run
        if exchange.query.get("after") == JOBS[1] and not run.second_page_failed:
            run.second_page_failed = True
            await behaviour(exchange)
        else:
            await exchange.write(await complete_response(exchange))

    return Fault(f"second page: {name}", behave, times=ALWAYS, operations=_LISTS)


LIST_FAULTS = (
    _paged("always the same page", _same_page, 2),
    _paged("two pages that alternate", _two_pages_in_turn, 4),
    _paged("each page begins with the last item of the page before", _overlapping),
    _paged("`has_more` is true after the end", lambda x: _page(x, has_more=True)),
    _paged("`has_more` is a string", lambda x: _page(x, has_more=str(_page(x)["has_more"]).lower())),
    _paged("no `has_more`", lambda x: without("has_more")(_page(x))),
    _paged("`has_more` is `null`", lambda x: _page(x, has_more=None)),
    _paged("oldest first", _oldest_first),
    _paged("`data` is `null`", lambda x: _page(x, data=None)),
    _paged("`data` is an object", lambda x: _page(x, data={})),
    _paged("no `data`", lambda x: without("data")(_page(x))),
    _paged("`data` has strings", lambda x: _page(x, data=["ftjob-7"])),
    _paged("`data` also has `null`", lambda x: _page(x, data=[*_page(x)["data"], None])),
    _second_page("reset", cut(at_once, Exchange.reset)),
    _second_page("closed within the body", cut(in_body, Exchange.close)),
    _second_page("500", error(500)),
    _second_page("HTML", html()),
    _second_page("`{}`", json_reply({})),
    _second_page("an error envelope", json_reply(ENVELOPE)),
    _second_page("a redirect to another port", redirect(307, elsewhere)),
)
