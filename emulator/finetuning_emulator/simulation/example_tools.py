"""Rules of a conversation that no schema can express: tools, calls, results, fields in place of content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from finetuning_emulator.simulation.example_schemas import Steps, kind_of, shown, where

__all__ = ["answer_mistake", "conversation_mistake"]

_Message = Mapping[str, Any]


def conversation_mistake(holder: Mapping[str, Any], at: Steps) -> str | None:
    """Return the first mistake in the messages and tools of an object whose fields are valid, or None."""
    for field in ("tools", "functions"):
        names = list(_names(holder, field))
        for name in names:
            if names.count(name) > 1:
                return f"{where((*at, field))} Duplicate function name {shown(name)}"
    messages = holder["messages"]
    for index, message in enumerate(messages):
        place = (*at, "messages", index)
        if message["role"] == "assistant" and (found := answer_mistake(message, place, holder)) is not None:
            return found
    return _pairing_mistake(messages, (*at, "messages"))


def answer_mistake(message: _Message, place: Steps, holder: Mapping[str, Any]) -> str | None:
    """Return the first mistake in an assistant message, without the other messages, or None."""
    content = message.get("content")
    instead = ("tool_calls", "function_call", "refusal", "audio")
    if content is None and all(message.get(key) is None for key in instead):
        text = "Missing key 'content'" if "content" not in message else "Content must not be null"
        return f"{where(place)} {text}"
    if isinstance(content, list) and len(content) > 1 and any(part["type"] == "refusal" for part in content):
        return f"{where(place)} A refusal must be the only content part"
    declared = {*_names(holder, "tools"), *_names(holder, "functions")}
    calls = [call["function"] for call in message.get("tool_calls", [])]
    if (older := message.get("function_call")) is not None:
        calls.append(older)
    for call in calls:
        if (mistake := _call_mistake(call, declared)) is not None:
            return f"{where(place)} {mistake}"
    return None


def _names(holder: Mapping[str, Any], field: str) -> Iterator[str]:
    for item in holder.get(field, []):
        yield item["function"]["name"] if field == "tools" else item["name"]


def _call_mistake(call: Mapping[str, Any], declared: set[str]) -> str | None:
    if call["name"] not in declared:
        return f"Function {shown(call['name'])} is called, but not declared in tools"
    try:
        arguments = msgspec.json.decode(call["arguments"])
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return f"Arguments of {shown(call['name'])} are not valid JSON"
    if not isinstance(arguments, dict):
        return f"Arguments of {shown(call['name'])} should be an object, but got {kind_of(arguments)}"
    return None


def _pairing_mistake(messages: list[_Message], at: Steps) -> str | None:
    """Return the first call without its result, or result without its call."""
    calls: list[str] = []
    results: list[str] = []
    for index, message in enumerate(messages):
        place = where((*at, index))
        if message["role"] == "tool":
            identifier = message["tool_call_id"]
            if identifier not in calls:
                return f"{place} 'tool_call_id' {shown(identifier)} matches no preceding tool call"
            if identifier in results:
                return f"{place} 'tool_call_id' {shown(identifier)} is answered twice"
            results.append(identifier)
            continue
        if len(results) < len(calls):
            return f"{place} Tool calls must be followed by tool messages for each 'tool_call_id'"
        results = []
        calls = [call["id"] for call in message.get("tool_calls", [])]
        if len(set(calls)) < len(calls):
            return f"{place} Duplicate tool call id"
    if messages[-1]["role"] == "tool" and len(results) < len(calls):
        return f"{where((*at, len(messages) - 1))} Tool messages are missing for some 'tool_call_id'"
    return None
