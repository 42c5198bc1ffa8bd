"""Texts with placeholders: `{{item.answer}}`, `{{ item.tags[0] }}`, `{{sample.output_text}}`.

`item` is the row of data that came with the request, `sample` what the model wrote.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

__all__ = ["LONGEST", "Namespace", "misnamed", "rendered", "sample_of"]

LONGEST = 50_000
"""The most characters of a text that a grader looks at."""

_PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_PATH = re.compile(r"\s*(?:item|sample)(?:\.[\w-]+|\[\d{1,9}\])*\s*")
_STEP = re.compile(r"[\w-]+")

Namespace = Mapping[str, Any]


def sample_of(text: str) -> dict[str, Any]:
    """What `sample` stands for: the model's text and, when that is JSON, its value."""
    sample: dict[str, Any] = {"output_text": text}
    with contextlib.suppress(msgspec.DecodeError, ValueError, RecursionError):
        sample["output_json"] = msgspec.json.decode(text)
    return sample


def misnamed(text: str) -> str | None:
    """The first placeholder that can never stand for anything."""
    for found in _PLACEHOLDER.finditer(text):
        if _PATH.fullmatch(found[1]) is None:
            return found[0]
    return None


def rendered(text: str, values: Namespace) -> tuple[str, set[str]]:
    """The text with its placeholders filled, and the flags of what went wrong on the way."""
    flags: set[str] = set()
    pieces: list[str] = []
    size = 0
    for piece in _pieces(text, values, flags):
        pieces.append(piece[: LONGEST - size])
        size += len(piece)
        if size > LONGEST:
            flags.add("truncated_observation_error")
            break
    return "".join(pieces), flags


def _pieces(text: str, values: Namespace, flags: set[str]) -> Iterator[str]:
    place = 0
    for found in _PLACEHOLDER.finditer(text):
        yield text[place : found.start()]
        place = found.end()
        try:
            yield _written(_looked_up(found[1], values))
        except LookupError:
            unread = found[1].split(".")[0].strip() == "sample" and "output_json" in found[1]
            flags.add("sample_parse_error" if unread else "invalid_variable_error")
    yield text[place:]


def _looked_up(path: str, values: Namespace) -> Any:
    if _PATH.fullmatch(path) is None:
        raise LookupError(path)
    value: Any = values
    for step in _STEP.findall(path):
        if isinstance(value, list) and step.isascii() and step.isdecimal():
            value = value[int(step)]
        elif isinstance(value, Mapping):
            value = value[step]
        else:
            raise LookupError(path)
    return value


def _written(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
