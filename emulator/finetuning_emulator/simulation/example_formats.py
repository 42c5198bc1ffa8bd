"""The four formats of an example, one JSON object per line.

`find_mistake` returns the hosted service's error message for an example, and `count_tokens` the size of a
valid one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

import msgspec

from finetuning_emulator.simulation.example_schemas import kind_of, schema_mistake
from finetuning_emulator.simulation.example_tools import answer_mistake, conversation_mistake
from finetuning_emulator.simulation.token_estimate import tokens_of

__all__ = ["Format", "TokenCount", "count_tokens", "find_mistake"]

_EXAMPLE_OVERHEAD = 3
_MESSAGE_OVERHEAD = 4
_LOW_DETAIL_IMAGE = 85
_IMAGE = 765


class Format(Enum):
    """A format of training data; the value is its name in messages."""

    CHAT = "chat"
    COMPLETIONS = "completions"
    PREFERENCE = "preference"
    REINFORCEMENT = "reinforcement"


class TokenCount(msgspec.Struct, frozen=True):
    """The tokens of an example: all of them, and those that the model learns to write."""

    tokens: int
    targets: int


def find_mistake(example: object, expected: Format) -> str | None:
    """Return what is wrong with an example, worded to follow "Example N", or None if it is valid."""
    if not isinstance(example, dict):
        return f", expected a JSON object, but got {kind_of(example)}"
    actual = _recognize(example)
    if actual is not None and actual not in _ACCEPTED[expected]:
        needed = f"this method and model need the {expected.value} format"
        return f" is in the {actual.value} format, but {needed}"
    return schema_mistake(expected.value, example) or _MISTAKES[expected](example)


def count_tokens(example: Mapping[str, Any], expected: Format) -> TokenCount:
    """Return the tokens of a valid example, estimated from its texts, images and tools."""
    if expected is Format.COMPLETIONS:
        prompt, target = tokens_of(example["prompt"]), tokens_of(example["completion"])
        return TokenCount(prompt + target, target)
    if expected is Format.PREFERENCE:
        given = example["input"]
        prompt = _EXAMPLE_OVERHEAD + _tools_tokens(given) + sum(map(_message_tokens, given["messages"]))
        preferred = sum(map(_message_tokens, example["preferred_output"]))
        rejected = sum(map(_message_tokens, example["non_preferred_output"]))
        return TokenCount(2 * prompt + preferred + rejected, preferred + rejected)
    messages = example["messages"]
    tokens = _EXAMPLE_OVERHEAD + _tools_tokens(example) + sum(map(_message_tokens, messages))
    if expected is Format.REINFORCEMENT:
        return TokenCount(tokens, 0)
    return TokenCount(tokens, sum(_message_tokens(m) for m in messages if _is_target(m)))


def _recognize(example: Mapping[str, Any]) -> Format | None:
    if "preferred_output" in example or "non_preferred_output" in example:
        return Format.PREFERENCE
    if "messages" in example:
        return Format.CHAT
    if "prompt" in example or "completion" in example:
        return Format.COMPLETIONS
    return None


def _chat_mistake(example: Mapping[str, Any]) -> str | None:
    messages = example["messages"]
    if messages[-1]["role"] != "assistant":
        return f", message {len(messages)} Last message must be from the assistant"
    if not any(map(_is_target, messages)):
        return " must have at least one assistant message with a weight other than 0"
    return conversation_mistake(example, ())


def _reinforcement_mistake(example: Mapping[str, Any]) -> str | None:
    messages = example["messages"]
    if messages[-1]["role"] != "user":
        return f", message {len(messages)} Last message must be from the user"
    return conversation_mistake(example, ())


def _completions_mistake(_: Mapping[str, Any]) -> str | None:
    return None


def _preference_mistake(example: Mapping[str, Any]) -> str | None:
    prompt = example["input"]
    if prompt["messages"][-1]["role"] == "assistant":
        number = len(prompt["messages"])
        return f", input, message {number} Last message must not be from the assistant"
    if (mistake := conversation_mistake(prompt, ("input",))) is not None:
        return mistake
    for key in ("preferred_output", "non_preferred_output"):
        if (mistake := answer_mistake(example[key][0], (key, 0), prompt)) is not None:
            return mistake
    return None


def _is_target(message: Mapping[str, Any]) -> bool:
    return bool(message["role"] == "assistant" and message.get("weight", 1) != 0)


def _tools_tokens(holder: Mapping[str, Any]) -> int:
    return sum(tokens_of(tool) for name in ("tools", "functions") for tool in holder.get(name, []))


def _message_tokens(message: Mapping[str, Any]) -> int:
    content = message.get("content")
    parts = content if isinstance(content, list) else []
    others = [value for key, value in message.items() if key not in ("role", "weight", "content")]
    tokens = sum(map(tokens_of, others)) + sum(map(_part_tokens, parts))
    return _MESSAGE_OVERHEAD + tokens + (tokens_of(content) if isinstance(content, str) else 0)


def _part_tokens(part: Mapping[str, Any]) -> int:
    if part["type"] == "image_url":
        return _LOW_DETAIL_IMAGE if part["image_url"].get("detail") == "low" else _IMAGE
    return tokens_of(part.get("text", part))


_ACCEPTED = {
    Format.CHAT: {Format.CHAT},
    Format.COMPLETIONS: {Format.COMPLETIONS},
    Format.PREFERENCE: {Format.PREFERENCE},
    Format.REINFORCEMENT: {Format.CHAT},
}

_MISTAKES: dict[Format, Callable[[Mapping[str, Any]], str | None]] = {
    Format.CHAT: _chat_mistake,
    Format.COMPLETIONS: _completions_mistake,
    Format.PREFERENCE: _preference_mistake,
    Format.REINFORCEMENT: _reinforcement_mistake,
}
