"""Error messages from servers, in any of their forms, as a sentence for people. Pure functions.

The service sends `{"error": {"message": ...}}`. Others send a string, `detail` as a string or as FastAPI's
list of fields, `message` next to a `code`, JSON within the text of a message, or an HTML page. A sentence
never contains JSON, and has a bounded length.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .errors import printable
from .json_bodies import decode_json
from .record import Record

LONGEST_MESSAGE = 2_000
"""Characters of a server's message that are kept."""

_SHOWN = 200
_SCANNED = 20_000
_PAGE_SCANNED = 4_000
_LONGEST_LITERAL = 2_000
_MAX_DEPTH = 8
_MAX_ITEMS = 5
_MAX_NAMES = 8

# Keys of messages, the best first: a text under `error` is often only a code, as in OAuth.
_KEYS = (
    *("message", "msg", "detail", "error_description", "error_message", "errormessage", "description"),
    *("reason", "error", "errors", "details", "title", "status_message", "statusmessage", "text"),
)
_REQUEST_PARTS = ("body", "query", "path", "header", "cookie")
_JSON = re.compile(r"""(?:\[\s*)?\{\s*(["'])[^"']{0,80}\1\s*:""")
_JSON_LIST = re.compile(r"""\[\s*["\[]""")
_HTML = re.compile(r"\s*<(?:!doctype|html|head|body|center|h1|error|\?xml)\b", re.IGNORECASE)
_HTML_TITLE = re.compile(r"<(title|message|h1)\b[^>]*>(.*?)</\1>", re.IGNORECASE | re.DOTALL)
_HTML_NOISE = re.compile(r"<(style|script)\b.*?</\1>|<[^>]*>?", re.IGNORECASE | re.DOTALL)


class ErrorFacts(Record):
    """Facts from the body of an error: a `message`, which may be empty, and any others that it contains.

    Attributes:
        is_envelope: whether the error has the shape that the contract documents.
    """

    message: str
    code: str | None = None
    param: str | None = None
    type: str | None = None
    is_envelope: bool = False


def read_error(body: bytes) -> ErrorFacts:
    """Read the body of an error response."""
    try:
        value = decode_json(body)
    except (ValueError, RecursionError):
        return ErrorFacts(_excerpt(body))
    objects = list(_objects(value))
    found = {name: _first(objects, name) for name in ("code", "param", "type")}
    error = value.get("error") if isinstance(value, dict) else None
    is_envelope = isinstance(error, dict) and isinstance(error.get("message"), str)
    fields = [place for item in objects if (place := _place(item))]
    found["param"] = found["param"] or (fields[0] if fields else None)
    return ErrorFacts(sentence(value), **found, is_envelope=is_envelope)


def sentence(value: Any) -> str:
    """Return the message of a decoded error as a sentence; empty if it has none."""
    found = printable(_sentence(value, 0))
    return found if len(found) <= LONGEST_MESSAGE else found[: LONGEST_MESSAGE - 1] + "…"


def described(body: bytes) -> str:
    """Describe a body that is not the expected object, without JSON."""
    try:
        value = decode_json(body)
    except (ValueError, RecursionError):
        return _excerpt(body) or "an empty body"
    found = sentence(value)[:_SHOWN]
    if found:
        return repr(found)
    if isinstance(value, dict):
        names = ", ".join(repr(name[:40]) for name in list(value)[:_MAX_NAMES])
        more = ", …" if len(value) > _MAX_NAMES else ""
        return f"a JSON object with the fields {names}{more}" if names else "an empty JSON object"
    if isinstance(value, list):
        return f"a JSON array of {len(value)} items"
    # A text that remains here contains JSON.
    return "JSON without a message" if isinstance(value, str) and value.strip() else repr(json.dumps(value))


def _sentence(value: Any, depth: int) -> str:
    if depth > _MAX_DEPTH:
        return ""
    if isinstance(value, str):
        return _without_json(" ".join(value[:_SCANNED].split()), depth)
    if isinstance(value, list):
        found = dict.fromkeys(filter(None, (_sentence(item, depth + 1) for item in value[:_MAX_ITEMS])))
        return "; ".join(found)
    return _object_message(value, depth) if isinstance(value, dict) else ""


def _object_message(value: dict[str, Any], depth: int) -> str:
    error = value.get("error")
    if isinstance(error, dict | list) and (found := _sentence(error, depth + 1)):
        return found
    fields = {name.lower(): item for name, item in value.items() if isinstance(name, str)}
    for name in _KEYS:
        found = _sentence(fields.get(name), depth + 1)
        if found:
            place = _place(value)
            return f"{place}: {found}" if place and not found.startswith(f"{place}:") else found
    # The form of Django's frameworks: a list of texts for each field.
    lists = {name: item for name, item in value.items() if isinstance(item, list) and item}
    is_by_field = len(lists) == len(value) and all(isinstance(t, str) for i in lists.values() for t in i)
    return (
        "; ".join(f"{name[:80]}: {_sentence(item, depth + 1)}" for name, item in lists.items()) * is_by_field
    )


def _place(value: Mapping[str, Any]) -> str:
    """Return the path of the field that an item of FastAPI's `detail` list is about."""
    steps = value.get("loc")
    if not isinstance(steps, list):
        return ""
    if len(steps) > 1 and steps[0] in _REQUEST_PARTS:
        steps = steps[1:]
    path = ""
    for step in steps[:20]:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if isinstance(step, str) else ""
    return path.lstrip(".")[:_SHOWN]


def _without_json(text: str, depth: int) -> str:
    """Return a text with any JSON in it replaced by the message that the JSON contains."""
    if text[:1] in ("{", "[", '"'):
        try:
            return _sentence(json.loads(text), depth + 1)
        except (ValueError, RecursionError):
            pass
    if _HTML.match(text):
        return _page(text)
    found = _JSON.search(text)
    if found is None:
        return text
    try:
        value, end = json.JSONDecoder().raw_decode(text, found.start())
    except (ValueError, RecursionError):
        value, end = _python_literal(text, found.start())
    inner = _sentence(value, depth + 1) or "…"
    before = text[: found.start()].rstrip()
    rest = _without_json(text[end:], depth + 1) if depth < _MAX_DEPTH else ""
    return f"{before} {inner}{rest}".strip()


def _python_literal(text: str, start: int) -> tuple[Any, int]:
    """Read JSON that is written as a Python literal; on failure return `None` and the end of the text."""
    import warnings
    from ast import literal_eval

    end = text.rfind("]" if text[start] == "[" else "}") + 1
    try:
        with warnings.catch_warnings():
            # Python warns about some literals as if they were in the code of the program.
            warnings.simplefilter("ignore")
            return literal_eval(text[start:end][:_LONGEST_LITERAL]), end
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None, len(text)


def _excerpt(body: bytes) -> str:
    """Return the beginning of a body that is not JSON, in one line; a description if it is not text."""
    text = " ".join(body[: 4 * _SHOWN].decode("utf-8", "replace").split())
    if not text:
        return ""
    if _HTML.match(text):
        return _page(body[:_PAGE_SCANNED].decode("utf-8", "replace"))
    if _JSON.match(text) or _JSON_LIST.match(text):
        return f"incomplete or malformed JSON of {len(body):,} bytes"
    text = _without_json(text, 0)
    return repr(text[:_SHOWN] + ("…" if len(text) > _SHOWN else ""))


def _page(text: str) -> str:
    """Return a description of a page of HTML or XML: its title, or else its text."""
    from html import unescape

    text = text[:_PAGE_SCANNED]
    found = _HTML_TITLE.search(text)
    words = " ".join(unescape(_HTML_NOISE.sub(" ", found[2] if found else text)).split())
    return f"an HTML page: {words[:_SHOWN]!r}" if words else "an HTML page"


def _objects(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Yield the objects of an error that may have its code, the innermost first."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value[:_MAX_ITEMS]:
            yield from _objects(item, depth + 1)
    if isinstance(value, dict):
        yield from _objects(value.get("error") or value.get("detail") or value.get("errors"), depth + 1)
        yield value


def _first(objects: list[dict[str, Any]], name: str) -> str | None:
    for item in objects:
        # The type of an item of FastAPI's lists is about the field, not about the error.
        value = None if name == "type" and "loc" in item else item.get(name)
        if isinstance(value, str) and value:
            return printable(value)
        if isinstance(value, int) and not isinstance(value, bool):
            # Some servers send the code as a number.
            return str(value)
    return None
