"""Faults of successes: 2xx responses whose body is invalid, of another kind, or unusual."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .behaviours import ALWAYS, ENVELOPE, edit_bytes, edit_json, html, json_reply, reply, without
from .server import Behaviour, Fault

__all__ = ["SUCCESS_FAULTS"]


def _edit_objects(edit: Callable[[dict[str, Any]], Any]) -> Behaviour:
    """Edit the object of the response, or each object of a list."""

    def edited(value: Any) -> Any:
        if isinstance(value.get("data"), list):
            return {**value, "data": [edit(item) for item in value["data"]]}
        return edit(value)

    return edit_json(edited)


def _with_fields(**changes: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda item: {**item, **changes}


SUCCESS_FAULTS = (
    Fault("200, empty", reply(body=lambda _: b"")),
    Fault("200, only white space", reply(body=lambda _: b" \r\n\r\n ")),
    Fault("204", edit_bytes(lambda *_: b"HTTP/1.1 204 No Content\r\n\r\n", close=False)),
    Fault("202, empty", reply(202, lambda _: b"")),
    Fault("201, with the correct body", reply(201)),
    Fault("200, `null`", json_reply(None)),
    Fault("200, `[]`", json_reply([])),
    Fault("200, `{}`", json_reply({})),
    Fault("200, `true`", json_reply(True)),
    Fault("200, `42`", json_reply(42)),
    Fault('200, `"ok"`', json_reply("ok")),
    Fault("200, HTML", html()),
    Fault("200, HTML declared as JSON", html(content_type="application/json")),
    Fault("200, HTML at every attempt", html(), times=ALWAYS),
    Fault("200, JSON declared as HTML", reply(Content_Type="text/html")),
    Fault("200, JSON declared as text", reply(Content_Type="text/plain")),
    Fault("200, JSON without a content type", reply(Content_Type="")),
    Fault("200, JSON in an unknown charset", reply(Content_Type="application/json; charset=none")),
    Fault("200, truncated JSON of the declared length", reply(body=lambda good: good[:-20])),
    Fault("200, JSON followed by more text", reply(body=lambda good: good + b" }")),
    Fault("200, JSON twice", reply(body=lambda good: good + b"\n" + good)),
    Fault("200, JSON after a byte order mark", reply(body=lambda good: b"\xef\xbb\xbf" + good)),
    Fault("200, JSON in UTF-16", reply(body=lambda good: good.decode().encode("utf-16"))),
    Fault("200, JSON that is not UTF-8", reply(body=lambda good: good[:-1] + b', "x": "\xff\xfe"}')),
    Fault("200, JSON nested 100,000 deep", reply(body=lambda _: b"[" * 100_000)),
    Fault("200, `NaN` in a field", reply(body=lambda good: good[:-1] + b', "loss": NaN}')),
    Fault("200, an error envelope", json_reply(ENVELOPE)),
    Fault("200, an error envelope with an id", json_reply({"id": "req_1", **ENVELOPE})),
    Fault("200, an error as a string", json_reply({"error": "overloaded"})),
    Fault(
        "200, an error without an envelope",
        json_reply({"object": "error", "message": "overloaded", "code": 503}),
    ),
    Fault("200, the object inside another", edit_json(lambda value: {"result": value})),
    Fault("200, the object inside an array", edit_json(lambda value: [value])),
    Fault(
        "200, an object of another kind",
        _edit_objects(_with_fields(id="model-1", object="model", status=None)),
    ),
    Fault(
        "200, another job", _edit_objects(_with_fields(id="ftjob-other")), operations=("retrieve", "cancel")
    ),
    Fault("200, no id", _edit_objects(without("id"))),
    Fault("200, id `null`", _edit_objects(_with_fields(id=None))),
    Fault('200, id `""`', _edit_objects(_with_fields(id=""))),
    Fault("200, id `7`", _edit_objects(_with_fields(id=7))),
    Fault("200, the id is an array", _edit_objects(_with_fields(id=["ftjob-1"]))),
    Fault(
        "200, fields of wrong types",
        _edit_objects(_with_fields(status=7, created_at="yesterday", metadata=[], seed={})),
    ),
    Fault(
        "200, fields `null`", _edit_objects(_with_fields(status=None, created_at=None, model=None, seed=None))
    ),
    Fault(
        "200, an unknown status and field", _edit_objects(_with_fields(status="dreaming", novelty={"a": [1]}))
    ),
)
