"""Size of one example in tokens, images and tools; it reads anything, since bad examples are measured too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from .rules import OUTPUTS, Format, Message, messages_of
from .tokens import EXAMPLE_TOKENS, IMAGE, LOW_DETAIL_IMAGE, MESSAGE_TOKENS

_COUNTED = frozenset({"role", "content", "weight"})


class Size(Struct):
    """Size of an example.

    Attributes:
        tokens: as they are billed for one epoch.
        roles: the roles of its messages.
        characters: number of characters in its texts.
        images: number of images.
        image_tokens: tokens of the images among `tokens`.
        tools: number of tools that it declares.
        empty: index of each message with nothing but white space, by the path of its list.
    """

    tokens: float = 0
    roles: list[str] = []
    characters: int = 0
    images: int = 0
    image_tokens: int = 0
    tools: int = 0
    empty: list[tuple[str, int]] = []


def size_of(example: Mapping[str, Any], form: Format, count: Callable[[str], float]) -> Size:
    """Return the size of an example of a format; `count` counts the tokens of a text."""
    size = Size(roles=[], empty=[])
    if form == "completions":
        for name in ("prompt", "completion"):
            _add_text(size, example.get(name), count)
        return size
    size.tokens = EXAMPLE_TOKENS
    holder = example.get("input") if form == "preference" else example
    holder = holder if isinstance(holder, dict) else {}
    _add_tools(size, holder, count)
    _add_messages(size, "messages", messages_of(holder), count)
    if form == "preference":
        # Either answer is trained with the whole prompt before it.
        size.tokens *= 2
        size.image_tokens *= 2
        for name in OUTPUTS:
            _add_messages(size, name, messages_of(example, name), count)
    return size


def _add_messages(
    size: Size, name: str, messages: list[tuple[int, Message]], count: Callable[[str], float]
) -> None:
    for index, message in messages:
        role = message.get("role")
        if isinstance(role, str):
            size.roles.append(role)
        size.tokens += MESSAGE_TOKENS
        before = size.characters
        content = message.get("content")
        if isinstance(content, str):
            _add_text(size, content, count)
        else:
            content = _parts(content)
            for part in content:
                if part.get("type") == "image_url":
                    _add_image(size, part)
                else:
                    _add_text(size, part.get("text"), count)
        if size.characters == before and _is_text(content):
            size.empty.append((name, index))
        if not _COUNTED.issuperset(message):
            for text in _other_texts(message):
                size.tokens += count(text)


def _parts(content: object) -> list[dict[str, Any]]:
    return [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []


def _is_text(content: str | list[dict[str, Any]]) -> bool:
    if isinstance(content, str):
        return True
    return bool(content) and all(part.get("type") == "text" for part in content)


def _add_text(size: Size, text: object, count: Callable[[str], float]) -> None:
    if isinstance(text, str):
        size.tokens += count(text)
        size.characters += 0 if text.isspace() else len(text)


def _add_image(size: Size, part: Mapping[str, Any]) -> None:
    image = part.get("image_url")
    low = isinstance(image, dict) and image.get("detail") == "low"
    size.images += 1
    size.image_tokens += LOW_DETAIL_IMAGE if low else IMAGE
    size.tokens += LOW_DETAIL_IMAGE if low else IMAGE


def _add_tools(size: Size, holder: Mapping[str, Any], count: Callable[[str], float]) -> None:
    for name in ("tools", "functions"):
        tools = holder.get(name)
        if isinstance(tools, list):
            size.tools += len(tools)
            size.tokens += sum(count(_as_text(tool)) for tool in tools)


def _other_texts(message: Message) -> Iterator[str]:
    for name in ("name", "refusal"):
        if isinstance(text := message.get(name), str):
            yield text
    for name in ("tool_calls", "function_call"):
        if calls := message.get(name):
            yield _as_text(calls)


def _as_text(value: object) -> str:
    return msgspec.json.encode(value).decode("utf-8", "replace")
