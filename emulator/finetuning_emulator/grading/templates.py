"""Texts with placeholders: `{{item.answer}}`, `{{ item.tags[0] }}`, `{{sample.output_text}}`.

`item` is the row of data in the request, and `sample` is the output of the model.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

__all__ = [
    "MAX_CHARACTERS",
    "Values",
    "check_placeholders",
    "fill_placeholders",
    "is_placeholder",
    "item_paths",
    "item_value",
    "sample_values",
]

MAX_CHARACTERS = 50_000
"""The number of characters of a text that a grader reads; the rest is cut."""

_PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_STEPS = r"(?:\.[\w-]+|\[\d{1,9}\])*"
_SAMPLE_NAMES = ("output_text", "output_json", "output_tools", "output_audio", "choices")
_PATH = re.compile(rf"\s*(?:item{_STEPS}|sample(?:\.(?:{'|'.join(_SAMPLE_NAMES)}){_STEPS})?)\s*")
_STEP = re.compile(r"[\w-]+")

Values = Mapping[str, Any]


def sample_values(text: str) -> dict[str, Any]:
    """Return the values of `sample`: the model's text, its tool calls, and its JSON value if it is JSON."""
    sample: dict[str, Any] = {"output_text": text, "output_tools": []}
    with contextlib.suppress(msgspec.DecodeError, ValueError, RecursionError):
        sample["output_json"] = msgspec.json.decode(text)
    return sample


def check_placeholders(text: str) -> str | None:
    """Return what is wrong with the first bad placeholder of a text, or None."""
    for found in _PLACEHOLDER.finditer(text):
        if _PATH.fullmatch(found[1]) is None:
            return f"unknown placeholder {found[0][:64]}. Known: item.<field>, " + ", ".join(
                f"sample.{name}" for name in _SAMPLE_NAMES
            )
    rest = _PLACEHOLDER.sub("", text)
    if (start := rest.find("{{")) >= 0:
        return f"the placeholder {rest[start : start + 64]} is not closed with }}}}"
    return None


def item_paths(text: str) -> Iterator[str]:
    """Yield the fields of `item` that the placeholders of a text read, such as `tags[0]`."""
    for found in _PLACEHOLDER.finditer(text):
        path = found[1].strip()
        if path.startswith("item") and len(path) > len("item"):
            yield path.removeprefix("item").removeprefix(".")


def is_placeholder(text: str) -> bool:
    """Return whether a text consists of one placeholder."""
    return _PLACEHOLDER.fullmatch(text.strip()) is not None and text.count("{{") == 1


def item_value(item: Any, path: str) -> Any:
    """Return a field of a row of data, such as `tags[0]`.

    Raises:
        LookupError: the row does not have it.
    """
    return _look_up(path, item)


def fill_placeholders(text: str, values: Values) -> tuple[str, set[str]]:
    """Return the text with its placeholders filled, and the flags of the errors."""
    flags: set[str] = set()
    pieces: list[str] = []
    size = 0
    for piece in _pieces(text, values, flags):
        pieces.append(piece[: MAX_CHARACTERS - size])
        size += len(piece)
        if size > MAX_CHARACTERS:
            flags.add("truncated_observation_error")
            break
    return "".join(pieces), flags


def _pieces(text: str, values: Values, flags: set[str]) -> Iterator[str]:
    end = 0
    for found in _PLACEHOLDER.finditer(text):
        yield text[end : found.start()]
        end = found.end()
        try:
            yield _to_text(_look_up(found[1], values))
        except LookupError:
            not_json = found[1].split(".")[0].strip() == "sample" and "output_json" in found[1]
            flags.add("sample_parse_error" if not_json else "invalid_variable_error")
    yield text[end:]


def _look_up(path: str, values: Any) -> Any:
    value = values
    for step in _STEP.findall(path):
        if isinstance(value, list) and step.isascii() and step.isdecimal():
            value = value[int(step)]
        elif isinstance(value, Mapping):
            value = value[step]
        else:
            raise LookupError(path)
    return value


def _to_text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
