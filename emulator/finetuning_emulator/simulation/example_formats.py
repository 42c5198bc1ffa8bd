"""The four formats of an example, one JSON object a line.

`find_mistake` gives the hosted service's complaint about an example, `count_tokens` the size of a good
one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

import msgspec

__all__ = ["Format", "TokenCount", "count_tokens", "find_mistake"]

_ROLES = ("system", "developer", "user", "assistant", "tool", "function")
_MESSAGE_KEYS = frozenset(
    {"role", "content", "name", "weight", "refusal", "audio"}
    | {"tool_calls", "tool_call_id", "function_call"}
)
_MESSAGE_OVERHEAD = 4


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
    """Return what is wrong with an example, worded to follow "Example N", or None if it is good."""
    if not isinstance(example, dict):
        return f", expected a JSON object, but got {_kind(example)}"
    actual = _recognize(example)
    if actual is not None and actual not in _ACCEPTED[expected]:
        needed = f"this method and model need the {expected.value} format"
        return f" is in the {actual.value} format, but {needed}"
    return _MISTAKES[expected](example)


def count_tokens(example: Mapping[str, Any], expected: Format) -> TokenCount:
    """Return the tokens of a good example, estimated at four characters a token."""
    if expected is Format.COMPLETIONS:
        prompt, target = _tokens(example["prompt"]), _tokens(example["completion"])
        return TokenCount(prompt + target, target)
    if expected is Format.PREFERENCE:
        prompt = sum(map(_message_tokens, example["input"]["messages"]))
        preferred = sum(map(_message_tokens, example["preferred_output"]))
        rejected = sum(map(_message_tokens, example["non_preferred_output"]))
        return TokenCount(2 * prompt + preferred + rejected, preferred + rejected)
    messages = example["messages"]
    tokens = sum(map(_message_tokens, messages))
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
    messages = example.get("messages")
    if (mistake := _messages_mistake(messages)) is not None:
        return mistake
    assert isinstance(messages, list)
    if messages[-1]["role"] != "assistant":
        return f", message {len(messages)} Last message must be from the assistant"
    if not any(map(_is_target, messages)):
        return " must have at least one assistant message with a weight other than 0"
    return _tools_mistake(example)


def _reinforcement_mistake(example: Mapping[str, Any]) -> str | None:
    messages = example.get("messages")
    if (mistake := _messages_mistake(messages)) is not None:
        return mistake
    assert isinstance(messages, list)
    if messages[-1]["role"] != "user":
        return f", message {len(messages)} Last message must be from the user"
    return _tools_mistake(example)


def _completions_mistake(example: Mapping[str, Any]) -> str | None:
    for key in ("prompt", "completion"):
        if key not in example:
            return f" Missing key '{key}'"
        if not isinstance(example[key], str):
            return f", {key} Input should be a string, but got {_kind(example[key])}"
    return None


def _preference_mistake(example: Mapping[str, Any]) -> str | None:
    for key in ("input", "preferred_output", "non_preferred_output"):
        if key not in example:
            return f" Missing key '{key}'"
    prompt = example["input"]
    if not isinstance(prompt, dict):
        return f", input Input should be an object, but got {_kind(prompt)}"
    if (mistake := _messages_mistake(prompt.get("messages"))) is not None:
        return ", input" + mistake
    for key in ("preferred_output", "non_preferred_output"):
        if (mistake := _messages_mistake(example[key])) is not None:
            return f", {key}" + mistake
        for number, message in enumerate(example[key], 1):
            if message["role"] not in ("assistant", "tool"):
                return f", {key}, message {number} Role must be assistant or tool"
    return _tools_mistake(prompt)


def _messages_mistake(messages: object) -> str | None:
    if messages is None:
        return " Missing key 'messages'"
    if not isinstance(messages, list):
        return f", messages Input should be a list, but got {_kind(messages)}"
    if not messages:
        return ", messages List should have at least 1 item"
    for number, message in enumerate(messages, 1):
        if (mistake := _message_mistake(message)) is not None:
            return f", message {number} {mistake}"
    return None


def _message_mistake(message: object) -> str | None:
    if not isinstance(message, dict):
        return f"Input should be an object, but got {_kind(message)}"
    if "role" not in message:
        return "Discriminator 'role' is missing in value"
    role = message["role"]
    if role not in _ROLES:
        known = ", ".join(f"'{name}'" for name in _ROLES)
        return f"Input tag {_shown(role)} found using 'role' does not match any of: {known}"
    for key in message:
        if key not in _MESSAGE_KEYS:
            return f"Extra inputs are not permitted: {_shown(key)}"
    if "weight" in message and (role != "assistant" or message["weight"] not in (0, 1)):
        return "Weight is for assistant messages, and is 0 or 1"
    if role == "tool" and not isinstance(message.get("tool_call_id"), str):
        return "Missing key 'tool_call_id'"
    return _content_mistake(message)


def _content_mistake(message: Mapping[str, Any]) -> str | None:
    content = message.get("content")
    if isinstance(content, str):
        return None
    if isinstance(content, list):
        good = content and all(isinstance(p, dict) and isinstance(p.get("type"), str) for p in content)
        return None if good else "Content parts must be objects with a type"
    if content is not None:
        return f"Content should be a string or a list of parts, but got {_kind(content)}"
    instead = ("tool_calls", "function_call", "refusal", "audio")
    if message["role"] == "assistant" and any(message.get(key) is not None for key in instead):
        return None
    return "Missing key 'content'" if "content" not in message else "Content must not be null"


def _tools_mistake(holder: Mapping[str, Any]) -> str | None:
    tools = holder.get("tools")
    if tools is None or (isinstance(tools, list) and all(isinstance(t, dict) for t in tools)):
        return None
    return ", tools Input should be a list of objects"


def _is_target(message: Mapping[str, Any]) -> bool:
    return bool(message["role"] == "assistant" and message.get("weight", 1) != 0)


def _message_tokens(message: Mapping[str, Any]) -> int:
    content = [value for key, value in message.items() if key not in ("role", "weight")]
    return _MESSAGE_OVERHEAD + sum(map(_tokens, content))


def _tokens(value: object) -> int:
    if isinstance(value, str):
        return (len(value) + 3) // 4
    if value is None:
        return 0
    return (len(msgspec.json.encode(value)) + 3) // 4


def _kind(value: object) -> str:
    if value is None:
        return "null"
    names = {bool: "a boolean", str: "a string", int: "a number", float: "a number", list: "a list"}
    return names.get(type(value), "an object")


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return f"'{text}'" if len(text) <= 64 else f"'{text[:64]}…'"


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
