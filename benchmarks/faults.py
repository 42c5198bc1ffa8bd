"""The faults that clients are tried on, each with what the server does on the wire."""

from __future__ import annotations

import asyncio
import gzip
import json
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from email.utils import formatdate
from typing import Any
from urllib.parse import urlsplit

from benchmarks.faulty_server import Exchange, Fault, Play, http

__all__ = ["FAULTS", "TIMEOUT"]

TIMEOUT = 1.0
"""Seconds of silence after which the clients of these runs give an attempt up."""

_ALWAYS = math.inf
_CREATES = ("create", "upload", "share")
_LISTS = ("list",)

Change = Callable[[Any], Any]


# --- what a server does ---------------------------------------------------------------------


async def _made(x: Exchange) -> bytes:
    """Do what was asked, and give the whole good answer."""
    status, value = await x.act()
    return http(status, json.dumps(value).encode())


def _cut(*, made: bool, end: Callable[[Exchange], object], keep: Callable[[bytes], int]) -> Play:
    """Send the answer up to a place, and end the connection."""

    async def play(x: Exchange) -> None:
        await x.body()
        answer = await _made(x) if made else b""
        await x.write(answer[: keep(answer)])
        end(x)

    return play


def _nothing(_: bytes) -> int:
    return 0


def _in_first_line(_: bytes) -> int:
    return 7


def _in_headers(_: bytes) -> int:
    return 30


def _after_headers(answer: bytes) -> int:
    return answer.index(b"\r\n\r\n") + 4


def _in_body(answer: bytes) -> int:
    return _after_headers(answer) + 40


def _whole(answer: bytes) -> int:
    return len(answer)


def _mute(keep: Callable[[bytes], int], *, made: bool = True) -> Play:
    """Send the answer up to a place, and then say nothing more."""

    async def play(x: Exchange) -> None:
        await x.body()
        answer = await _made(x) if made else b""
        await x.write(answer[: keep(answer)])
        await x.silence()

    return play


def _late(seconds: float, end: Callable[[Exchange], Awaitable[None]]) -> Play:
    """Act some time after the client has been left without an answer."""

    async def play(x: Exchange) -> None:
        await x.body()
        x.run.to_come += 1
        later = asyncio.create_task(_acts_after(x, seconds))
        await end(x)
        await later

    return play


async def _acts_after(x: Exchange, seconds: float) -> None:
    await asyncio.sleep(seconds)
    await x.act()
    x.run.to_come -= 1


async def _resets(x: Exchange) -> None:
    x.reset()


async def _falls_silent(x: Exchange) -> None:
    await x.silence()


async def _refuses_the_size(x: Exchange) -> None:
    await x.write(http(413, b"{}"))
    # Taken in all the same, or the reset of the connection could overtake the answer.
    await x.body()


async def _resets_before_the_body(x: Exchange) -> None:
    x.reset()


async def _closes_before_the_body(x: Exchange) -> None:
    x.close()


async def _resets_in_the_body(x: Exchange) -> None:
    await x.part_of_body()
    x.reset()


async def _drips(x: Exchange) -> None:
    for byte in await _made(x):
        await x.write(bytes([byte]))
        await asyncio.sleep(0.0005)


async def _hesitates(x: Exchange) -> None:
    answer = await _made(x)
    await asyncio.sleep(0.4 * TIMEOUT)
    await x.write(answer)


def _raw(change: Callable[[bytes, bytes], bytes], *, close: bool = True) -> Play:
    """Act, and send what `change` makes of the head and the body of the good answer."""

    async def play(x: Exchange) -> None:
        answer = await _made(x)
        await x.write(change(answer[: _after_headers(answer)], answer[_after_headers(answer) :]))
        if close:
            x.close()

    return play


def _reply(
    status: int = 200,
    body: Callable[[bytes], bytes] = bytes,
    *,
    made: bool | None = None,
    **headers: str,
) -> Play:
    """Answer with a status, and what `body` makes of the good body (of nothing, unless made).

    What was asked is done if the status is a success, or as `made` says.
    """
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def play(x: Exchange) -> None:
        acts = status < 300 if made is None else made
        good = json.dumps((await x.act())[1]).encode() if acts else await _ignored(x)
        await x.write(http(status, body(good), named))

    return play


async def _ignored(x: Exchange) -> bytes:
    await x.body()
    return b""


def _error(status: int, code: str | None = None, *, made: bool = False, **headers: str) -> Play:
    envelope = {"error": {"message": "not now", "type": "server_error", "param": None, "code": code}}
    return _reply(status, lambda _: json.dumps(envelope).encode(), made=made, **headers)


def _is(value: Any) -> Play:
    """A success whose body is this JSON."""
    return _reply(body=lambda _: json.dumps(value).encode())


def _json(change: Change) -> Play:
    """A success whose body is what `change` makes of the good JSON."""
    return _reply(body=lambda good: json.dumps(change(json.loads(good))).encode())


def _objects(change: Callable[[dict[str, Any]], Any]) -> Play:
    """`_json` on the object, or on each of a list."""

    def of(value: Any) -> Any:
        if isinstance(value.get("data"), list):
            return {**value, "data": [change(item) for item in value["data"]]}
        return change(value)

    return _json(of)


def _without(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda item: {key: value for key, value in item.items() if key != name}


def _with(**changes: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda item: {**item, **changes}


def _redirect(status: int, where: Callable[[Exchange], str]) -> Play:
    async def play(x: Exchange) -> None:
        await x.body()
        await x.write(http(status, b"", {"Location": where(x)}))

    return play


def _absolute(x: Exchange) -> str:
    here = urlsplit(x.run.base_url)
    return f"{here.scheme}://{here.netloc}{x.target}"


def _relative(x: Exchange) -> str:
    return x.target


def _elsewhere(x: Exchange) -> str:
    there = urlsplit(x.run.elsewhere)
    return f"{there.scheme}://{there.netloc}{x.target}"


def _other_name(x: Exchange) -> str:
    return _absolute(x).replace("127.0.0.1", "localhost")


def _without_scheme(x: Exchange) -> str:
    return _elsewhere(x).removeprefix("http:")


def _encrypted(x: Exchange) -> str:
    return _elsewhere(x).replace("http:", "https:")


def _pages(page: Callable[[Exchange], dict[str, Any]]) -> Play:
    """Answer a request for a page by what `page` makes of it."""

    async def play(x: Exchange) -> None:
        await x.write(http(200, json.dumps({"object": "list", **page(x)}).encode()))

    return play


def _same_page(x: Exchange) -> dict[str, Any]:
    return {"data": x.run.jobs[:2], "has_more": True}


def _cycle(x: Exchange) -> dict[str, Any]:
    at = 2 if x.query.get("after") == x.run.jobs[1]["id"] else 0
    return {"data": x.run.jobs[at : at + 2], "has_more": True}


def _overlap(x: Exchange) -> dict[str, Any]:
    ids = [job["id"] for job in x.run.jobs]
    at = ids.index(x.query["after"]) if "after" in x.query else 0
    return {"data": x.run.jobs[at : at + 2], "has_more": at + 2 < len(ids)}


def _page(x: Exchange, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = x.run.act("GET", x.path, x.query, b"")[1]
    return {**found, **changes}


def _more_after_the_end(x: Exchange) -> dict[str, Any]:
    return _page(x, has_more=True)


def _more_as_text(x: Exchange) -> dict[str, Any]:
    return _page(x, has_more=str(_page(x)["has_more"]).lower())


def _more_unsaid(x: Exchange) -> dict[str, Any]:
    return _without("has_more")(_page(x))  # type: ignore[no-any-return]


def _more_null(x: Exchange) -> dict[str, Any]:
    return _page(x, has_more=None)


def _oldest_first(x: Exchange) -> dict[str, Any]:
    ids = [job["id"] for job in reversed(x.run.jobs)]
    at = ids.index(x.query["after"]) + 1 if "after" in x.query else 0
    return {"data": x.run.jobs[::-1][at : at + 2], "has_more": at + 2 < len(ids)}


def _on_second_page(play: Play) -> Play:
    """Fail at the first request for the second page."""

    async def playing(x: Exchange) -> None:
        if x.query.get("after") == x.run.jobs[1]["id"] and not x.run.tripped:
            x.run.tripped = True
            await play(x)
        else:
            await x.write(await _made(x))

    return playing


# --- the faults -----------------------------------------------------------------------------


def _from_now(seconds: float) -> str:
    return formatdate(time.time() + seconds, usegmt=True)


def _dated(seconds: float) -> Play:
    async def play(x: Exchange) -> None:
        await _error(429, Retry_After=_from_now(seconds))(x)

    return play


_CONNECTIONS = (
    Fault("nothing listens", _resets, refused=True),
    Fault("closed before the body of the request was read", _closes_before_the_body),
    Fault("reset before the body of the request was read", _resets_before_the_body),
    Fault("reset within the body of the request", _resets_in_the_body),
    Fault("closed after the request, nothing done", _cut(made=False, end=Exchange.close, keep=_nothing)),
    Fault("reset after the request, nothing done", _cut(made=False, end=Exchange.reset, keep=_nothing)),
    Fault("closed after the request was carried out", _cut(made=True, end=Exchange.close, keep=_nothing)),
    Fault("reset after the request was carried out", _cut(made=True, end=Exchange.reset, keep=_nothing)),
    Fault(
        "reset after the request was carried out, at every attempt",
        _cut(made=True, end=Exchange.reset, keep=_nothing),
        times=_ALWAYS,
    ),
    Fault(
        "the same, and everything else is reset from then on",
        _cut(made=True, end=Exchange.reset, keep=_nothing),
        times=_ALWAYS,
        also_others=True,
    ),
    Fault(
        "closed within the first line of the answer", _cut(made=True, end=Exchange.close, keep=_in_first_line)
    ),
    Fault("closed within the headers", _cut(made=True, end=Exchange.close, keep=_in_headers)),
    Fault("closed after the headers", _cut(made=True, end=Exchange.close, keep=_after_headers)),
    Fault("closed within the body", _cut(made=True, end=Exchange.close, keep=_in_body)),
    Fault("reset within the body", _cut(made=True, end=Exchange.reset, keep=_in_body)),
    Fault("closed after the whole answer", _cut(made=True, end=Exchange.close, keep=_whole)),
    Fault("reset, and carried out half a second later", _late(0.5, _resets), operations=_CREATES),
    Fault(
        "silent, and carried out after the client gave up",
        _late(1.4 * TIMEOUT, _falls_silent),
        operations=_CREATES,
    ),
    Fault("silent, nothing done", _mute(_nothing, made=False)),
    Fault("silent after the request was carried out", _mute(_nothing)),
    Fault("silent after the request was carried out, at every attempt", _mute(_nothing), times=_ALWAYS),
    Fault("silent after the headers", _mute(_after_headers)),
    Fault("silent within the body", _mute(_in_body)),
    Fault("one byte at a time", _drips),
    Fault("a slow answer, in time", _hesitates),
)

_PROTOCOL = (
    Fault("no HTTP at all", _raw(lambda *_: b"hello, who is there?\r\n\r\n")),
    Fault("two different lengths", _raw(lambda h, b: h.replace(b"Date", b"Content-Length: 7\r\nDate") + b)),
    Fault("a length that is no number", _raw(lambda h, b: _length(h, b"many") + b)),
    Fault("a negative length", _raw(lambda h, b: _length(h, b"-1") + b)),
    Fault("a length shorter than the body", _raw(lambda h, b: _length(h, b"40") + b)),
    Fault("a length longer than the body", _raw(lambda h, b: _length(h, b"99999") + b)),
    Fault("no length, closed within the body", _raw(lambda h, b: _unsized(h) + b[:40])),
    Fault("no length, closed after the body", _raw(lambda h, b: _unsized(h) + b)),
    Fault("chunks without an end", _raw(lambda h, b: _chunked(h) + b"10\r\n" + b[:16] + b"\r\n")),
    Fault("a chunk of no readable size", _raw(lambda h, b: _chunked(h) + b"zz\r\n" + b)),
    Fault(
        "an endless header", _raw(lambda h, b: h.replace(b"Date", b"X: " + b"x" * 300_000 + b"\r\nDate") + b)
    ),
    Fault("a status that is no number", _raw(lambda h, b: h.replace(b" 200 ", b" two ") + b)),
    Fault("status 999", _reply(999, made=True), times=_ALWAYS),
    Fault(
        "hints before the answer", _raw(lambda h, b: b"HTTP/1.1 103 Early Hints\r\n\r\n" + h + b, close=False)
    ),
    Fault("another protocol (101)", _raw(lambda *_: b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n")),
    Fault("gzip that is none", _reply(Content_Encoding="gzip")),
    Fault("gzip, cut short", _reply(body=lambda good: gzip.compress(good)[:-12], Content_Encoding="gzip")),
    Fault("gzip, as it should be", _reply(body=gzip.compress, Content_Encoding="gzip")),
    Fault("deflate that is none", _reply(Content_Encoding="deflate")),
)


def _length(head: bytes, length: bytes) -> bytes:
    return b"\r\n".join(
        b"Content-Length: " + length if line.startswith(b"Content-Length") else line
        for line in head.split(b"\r\n")
    )


def _unsized(head: bytes) -> bytes:
    return _length(head, b"").replace(b"Content-Length: ", b"Connection: close")


def _chunked(head: bytes) -> bytes:
    return _length(head, b"").replace(b"Content-Length: ", b"Transfer-Encoding: chunked")


_HTML = b"<!doctype html><html><body>Sign in to this network</body></html>"
_ENVELOPE = {"error": {"message": "overloaded", "type": "server_error", "param": None, "code": None}}

_BODIES = (
    Fault("200, empty", _reply(body=lambda _: b"")),
    Fault("200, blank", _reply(body=lambda _: b" \r\n\r\n ")),
    Fault("204", _raw(lambda *_: b"HTTP/1.1 204 No Content\r\n\r\n", close=False)),
    Fault("202, empty", _reply(202, lambda _: b"")),
    Fault("201, as it should be", _reply(201)),
    Fault("200, `null`", _is(None)),
    Fault("200, `[]`", _is([])),
    Fault("200, `{}`", _is({})),
    Fault("200, `true`", _is(True)),
    Fault("200, `42`", _is(42)),
    Fault('200, `"ok"`', _is("ok")),
    Fault("200, HTML", _reply(body=lambda _: _HTML, Content_Type="text/html")),
    Fault("200, HTML that is said to be JSON", _reply(body=lambda _: _HTML)),
    Fault(
        "200, HTML at every attempt", _reply(body=lambda _: _HTML, Content_Type="text/html"), times=_ALWAYS
    ),
    Fault("200, JSON that is said to be HTML", _reply(Content_Type="text/html")),
    Fault("200, JSON that is said to be text", _reply(Content_Type="text/plain")),
    Fault("200, JSON of no content type", _reply(Content_Type="")),
    Fault("200, JSON of a charset that there is not", _reply(Content_Type="application/json; charset=none")),
    Fault("200, JSON cut short, the length right", _reply(body=lambda good: good[:-20])),
    Fault("200, JSON and something more", _reply(body=lambda good: good + b" }")),
    Fault("200, JSON twice", _reply(body=lambda good: good + b"\n" + good)),
    Fault("200, JSON after a byte order mark", _reply(body=lambda good: b"\xef\xbb\xbf" + good)),
    Fault("200, JSON in UTF-16", _reply(body=lambda good: good.decode().encode("utf-16"))),
    Fault("200, JSON that is not UTF-8", _reply(body=lambda good: good[:-1] + b', "x": "\xff\xfe"}')),
    Fault("200, JSON nested 100,000 deep", _reply(body=lambda _: b"[" * 100_000)),
    Fault("200, `NaN` in a field", _reply(body=lambda good: good[:-1] + b', "loss": NaN}')),
    Fault("200, an error envelope", _is(_ENVELOPE)),
    Fault("200, an error envelope with an id", _is({"id": "req_1", **_ENVELOPE})),
    Fault("200, an error as text", _is({"error": "overloaded"})),
    Fault("200, an error without envelope", _is({"object": "error", "message": "overloaded", "code": 503})),
    Fault("200, the object inside another", _json(lambda value: {"result": value})),
    Fault("200, the object inside an array", _json(lambda value: [value])),
    Fault("200, an object of another kind", _objects(_with(id="model-1", object="model", status=None))),
    Fault(
        "200, another job",
        _objects(_with(id="ftjob-other")),
        operations=("retrieve", "cancel"),
    ),
    Fault("200, no id", _objects(_without("id"))),
    Fault("200, id `null`", _objects(_with(id=None))),
    Fault('200, id `""`', _objects(_with(id=""))),
    Fault("200, id `7`", _objects(_with(id=7))),
    Fault("200, id an array", _objects(_with(id=["ftjob-1"]))),
    Fault(
        "200, fields of wrong types", _objects(_with(status=7, created_at="yesterday", metadata=[], seed={}))
    ),
    Fault("200, fields `null`", _objects(_with(status=None, created_at=None, model=None, seed=None))),
    Fault("200, a status and fields never seen", _objects(_with(status="dreaming", novelty={"a": [1]}))),
)

_STATUSES = (
    Fault("400", _error(400), times=_ALWAYS),
    Fault("400, `x-should-retry: true`, once", _error(400, x_should_retry="true")),
    Fault("401", _error(401, "invalid_api_key"), times=_ALWAYS),
    Fault("403 `training_not_available`", _error(403, "training_not_available"), times=_ALWAYS),
    Fault("404", _error(404), times=_ALWAYS),
    Fault("404, an HTML page", _reply(404, lambda _: _HTML, Content_Type="text/html"), times=_ALWAYS),
    Fault("408, nothing done", _error(408)),
    Fault("408 after the request was carried out", _error(408, made=True)),
    Fault("409", _error(409)),
    Fault("413 before the body was read", _refuses_the_size, times=_ALWAYS),
    Fault("425", _error(425)),
    Fault("429", _error(429)),
    Fault("429 `insufficient_quota`", _error(429, "insufficient_quota"), times=_ALWAYS),
    Fault("429, `Retry-After: 1`", _error(429, Retry_After="1")),
    Fault("429, `Retry-After` a date a second from now", _dated(1)),
    Fault("429, `Retry-After` a date just past", _dated(-5)),
    Fault("429, `Retry-After` a date in 30 years", _dated(1e9)),
    Fault("429, `retry-after-ms: 200`", _error(429, retry_after_ms="200")),
    Fault("429, `Retry-After: 3600`", _error(429, Retry_After="3600")),
    Fault("429, `Retry-After: 1e300`", _error(429, Retry_After="1e300")),
    Fault("429, `Retry-After: -10`", _error(429, Retry_After="-10")),
    Fault("429, `Retry-After: nan`", _error(429, Retry_After="nan")),
    Fault("429, `Retry-After: inf`", _error(429, Retry_After="inf")),
    Fault("429, `Retry-After: soon`", _error(429, Retry_After="soon")),
    Fault("429, `retry-after-ms: nan`", _error(429, retry_after_ms="nan")),
    *(
        Fault(f"{s}, nothing done", _error(s))
        for s in (500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 527, 529)
    ),
    *(
        Fault(f"{s} after the request was carried out", _error(s, made=True))
        for s in (500, 502, 503, 504, 524)
    ),
    Fault("500 after the request was carried out, at every attempt", _error(500, made=True), times=_ALWAYS),
    Fault("500, `x-should-retry: false`", _error(500, x_should_retry="false")),
    Fault("502, an HTML page", _reply(502, lambda _: _HTML, Content_Type="text/html")),
    Fault("503, empty", _reply(503, made=False)),
    Fault("503, `null`", _reply(503, lambda _: b"null", made=False)),
    Fault("503, the error an array", _reply(503, lambda _: b'{"error": [1]}', made=False), times=_ALWAYS),
    Fault("503, for ever and for everything", _error(503), times=_ALWAYS, also_others=True),
    Fault("529 and gzip that is none", _reply(529, lambda _: b"busy", made=False, Content_Encoding="gzip")),
)

_REDIRECTS = (
    Fault("307 within the origin", _redirect(307, _absolute)),
    Fault("308 within the origin, relative", _redirect(308, _relative)),
    Fault("301 within the origin", _redirect(301, _absolute)),
    Fault("302 within the origin", _redirect(302, _relative)),
    Fault("303 within the origin", _redirect(303, _relative), operations=("retrieve", "list")),
    Fault("a redirect to itself, for ever", _redirect(307, _absolute), times=_ALWAYS),
    Fault("a redirect without an address", _redirect(307, lambda _: ""), times=_ALWAYS),
    Fault("a redirect to no address", _redirect(307, lambda _: "http://[/"), times=_ALWAYS),
    Fault("a redirect to a file", _redirect(307, lambda _: "file:///etc/hostname"), times=_ALWAYS),
    *(Fault(f"{s} to another port", _redirect(s, _elsewhere)) for s in (301, 302, 303, 307, 308)),
    Fault("307 to another name of the host", _redirect(307, _other_name)),
    Fault("307 to another origin, without a scheme", _redirect(307, _without_scheme)),
    Fault("307 to another origin, encrypted", _redirect(307, _encrypted), times=_ALWAYS),
    Fault("304", _reply(304, lambda _: b"", made=False), times=_ALWAYS),
)


def _listing(name: str, page: Callable[[Exchange], dict[str, Any]], items: int = 7) -> Fault:
    return Fault(name, _pages(page), times=_ALWAYS, operations=_LISTS, items=items)


_PAGES = (
    _listing("the same page for ever", _same_page, 2),
    _listing("two pages in turn, for ever", _cycle, 4),
    _listing("each page begins with the end of the last", _overlap),
    _listing("more to come, after the end too", _more_after_the_end),
    _listing("`has_more` as text", _more_as_text),
    _listing("no `has_more`", _more_unsaid),
    _listing("`has_more` is `null`", _more_null),
    _listing("oldest first", _oldest_first),
    _listing("`data` is `null`", lambda x: _page(x, data=None)),
    _listing("`data` is an object", lambda x: _page(x, data={})),
    _listing("no `data`", lambda x: _without("data")(_page(x))),
    _listing("`data` of texts", lambda x: _page(x, data=["ftjob-7"])),
    _listing("`null` among the items", lambda x: _page(x, data=[*_page(x)["data"], None])),
    *(
        Fault(f"second page: {name}", _on_second_page(play), times=_ALWAYS, operations=_LISTS)
        for name, play in (
            ("reset", _cut(made=True, end=Exchange.reset, keep=_nothing)),
            ("cut within the body", _cut(made=True, end=Exchange.close, keep=_in_body)),
            ("500", _error(500)),
            ("HTML", _reply(body=lambda _: _HTML, Content_Type="text/html")),
            ("`{}`", _is({})),
            ("an error envelope", _is(_ENVELOPE)),
            ("a redirect to another port", _redirect(307, _elsewhere)),
        )
    ),
)

FAULTS: Mapping[str, tuple[Fault, ...]] = {
    "The connection": _CONNECTIONS,
    "The protocol": _PROTOCOL,
    "Successes that are none, or odd": _BODIES,
    "Error statuses": _STATUSES,
    "Redirects": _REDIRECTS,
    "Pages of a list": _PAGES,
}
"""Every fault, by group. They happen once, and to all operations, unless they say otherwise."""
