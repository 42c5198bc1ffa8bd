"""Rules of the training formats: those of the contract's schemas, and those that no schema can express.

The emulator has its own rules; a table of files in the tests checks that both reach the same verdicts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, TypeAlias

import msgspec

from .training_formats import Fault, Steps, faults, format_schema, kind_of, shown

Format: TypeAlias = Literal["chat", "completions", "preference", "reinforcement"]
Message: TypeAlias = Mapping[str, Any]

OUTPUTS = ("preferred_output", "non_preferred_output")
_LAST = "End the conversation with a message that has the role {}."
_RESERVED = frozenset({"messages", "tools", "parallel_tool_calls", "functions"})
_ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})
_SIMPLE = frozenset({"role", "content", "name", "weight"})
_INSTEAD_OF_CONTENT = ("tool_calls", "function_call", "refusal", "audio")


def schema_faults(example: Mapping[str, Any], form: Format) -> Iterator[Fault]:
    """Yield everything in an example that breaks the schema of a format."""
    for fault in faults(format_schema(form), example):
        yield _refined(fault, example)


def rule_faults(example: Mapping[str, Any], form: Format) -> Iterator[Fault]:
    """Yield everything in an example that breaks the rules that no schema can express."""
    yield from _RULES[form](example)


def format_of(example: Mapping[str, Any]) -> Format | None:
    """Return the format that an example has, judging by its fields; `None` for an unknown one."""
    if any(name in example for name in OUTPUTS):
        return "preference"
    if "messages" in example:
        return "reinforcement" if not _RESERVED.issuperset(example) and _ends_with_user(example) else "chat"
    return "completions" if "prompt" in example or "completion" in example else None


def messages_of(holder: object, field: str = "messages") -> list[tuple[int, Message]]:
    """Return the messages in a field that are objects, each with its index."""
    messages = holder.get(field) if isinstance(holder, dict) else None
    found = messages if isinstance(messages, list) else ()
    return [(index, message) for index, message in enumerate(found) if isinstance(message, dict)]


def _ends_with_user(example: Mapping[str, Any]) -> bool:
    messages = messages_of(example)
    return bool(messages) and messages[-1][1].get("role") == "user"


def _refined(fault: Fault, example: Mapping[str, Any]) -> Fault:
    """Return the fault that breaks a schema, with its meaning in a data file."""
    if fault.code == "content-part" and "content" not in fault.path:
        return Fault("wrong-value", fault.path, fault.text)
    if fault.code == "content-part" and _value_at(example, fault.path) == "image_url":
        return Fault("image-role", fault.path, "images are allowed only in user messages")
    if fault.code == "unknown-role" and fault.path[0] in OUTPUTS:
        return Fault("output-role", fault.path, fault.text)
    if fault.code == "weight-role" and not _is_message(fault.path):
        return Fault("unknown-key", fault.path, fault.text)
    if fault.code not in _OF_MESSAGES or not _is_message(fault.path):
        return fault
    found = _value_at(example, fault.path)
    text = _OF_MESSAGES[fault.code].format(fault.text, shown(found))
    return Fault(fault.code, fault.path, text, fault.hint)


def _value_at(example: Any, path: Steps) -> Any:
    """Return the value that a path leads to; `None` if it is not there."""
    try:
        for step in path:
            example = example[step]
    except (LookupError, TypeError):
        return None
    return example


# The path is that of the message, since the field may be missing.
_OF_MESSAGES = {
    "missing-role": "has no role",
    "missing-content": "has no content",
    "unknown-role": "role {}",
    "weight-value": "weight must be 0 or 1, not {1}",
}


def says_of_message(fault: Fault) -> bool:
    """Return whether the text of a fault is about the message that contains its value."""
    return fault.code in _OF_MESSAGES and _is_message(fault.path)


def _is_message(path: Steps) -> bool:
    return len(path) > 1 and isinstance(path[-2], int) and path[-3] in ("messages", *OUTPUTS)


def _chat_faults(example: Mapping[str, Any]) -> Iterator[Fault]:
    messages = messages_of(example)
    roles = {message.get("role") for _, message in messages if isinstance(message.get("role"), str)}
    if not _ROLES.issuperset(roles):
        # An unknown role may stand for the assistant.
        pass
    elif messages and "assistant" not in roles:
        yield Fault("last-message", ("messages",), "has no assistant message", _LAST.format("assistant"))
    else:
        yield from _last_fault(messages, "assistant")
    answers = [message for _, message in messages if message.get("role") == "assistant"]
    if answers and all(_is_zero(message.get("weight")) for message in answers):
        yield Fault("no-target", ("messages",), "every assistant message has the weight 0")
    yield from _conversation_faults(messages, example, ("messages",))


def _is_zero(weight: object) -> bool:
    return weight == 0 and not isinstance(weight, bool)


def _reinforcement_faults(example: Mapping[str, Any]) -> Iterator[Fault]:
    messages = messages_of(example)
    yield from _last_fault(messages, "user")
    yield from _conversation_faults(messages, example, ("messages",))


def _preference_faults(example: Mapping[str, Any]) -> Iterator[Fault]:
    given = example.get("input")
    holder = given if isinstance(given, dict) else {}
    messages = messages_of(holder)
    if messages and messages[-1][1].get("role") == "assistant":
        path = ("input", "messages", messages[-1][0], "role")
        text = "the last message of the input must not be the assistant's"
        yield Fault("last-message", path, text, "End the input with a user or tool message.")
    yield from _conversation_faults(messages, holder, ("input", "messages"))
    declared = _declared(holder)
    for name in OUTPUTS:
        for index, message in messages_of(example, name):
            if not _is_simple(message):
                yield from _answer_faults(message, (name, index), declared)


def _completions_faults(_: Mapping[str, Any]) -> Iterator[Fault]:
    return iter(())


def _last_fault(messages: list[tuple[int, Message]], role: str) -> Iterator[Fault]:
    if messages and isinstance(found := messages[-1][1].get("role"), str) and found != role:
        text = f"the last message must have the role {role!r}, not {shown(found)}"
        path = ("messages", messages[-1][0], "role")
        yield Fault("last-message", path, text, _LAST.format(role))


def _conversation_faults(
    messages: list[tuple[int, Message]], holder: Mapping[str, Any], path: Steps
) -> Iterator[Fault]:
    if "tools" not in holder and "functions" not in holder and all(_is_simple(m) for _, m in messages):
        return
    yield from _duplicate_faults(holder, path[:-1])
    declared = _declared(holder)
    for index, message in messages:
        if message.get("role") == "assistant":
            yield from _answer_faults(message, (*path, index), declared)
    yield from _pairing_faults(messages, path)


def _is_simple(message: Message) -> bool:
    """Return whether a message has none of the fields that these rules concern."""
    return _SIMPLE.issuperset(message) and isinstance(message.get("content"), str)


def _declared(holder: Mapping[str, Any]) -> set[str]:
    return {name for _, name in _functions(holder)}


def _functions(holder: Mapping[str, Any]) -> Iterator[tuple[Steps, str]]:
    """Yield the names of all tools and functions that are declared, each with its path."""
    for field in ("tools", "functions"):
        items = holder.get(field)
        for index, item in enumerate(items if isinstance(items, list) else ()):
            inner = item.get("function") if field == "tools" and isinstance(item, dict) else item
            if isinstance(inner, dict) and isinstance(inner.get("name"), str):
                middle = ("function",) if field == "tools" else ()
                yield (field, index, *middle, "name"), inner["name"]


def _duplicate_faults(holder: Mapping[str, Any], base: Steps) -> Iterator[Fault]:
    seen: set[tuple[object, str]] = set()
    for path, name in _functions(holder):
        if (path[0], name) in seen:
            yield Fault("duplicate-tool", (*base, *path), f"{shown(name)} is declared twice")
        seen.add((path[0], name))


def _answer_faults(message: Message, path: Steps, declared: set[str]) -> Iterator[Fault]:
    """Yield the faults of a single assistant message."""
    missing = "content" not in message or message["content"] is None
    if missing and all(message.get(name) is None for name in _INSTEAD_OF_CONTENT):
        yield Fault("missing-content", (*path, "content"), "has no content")
    content = message.get("content")
    parts = content if isinstance(content, list) else ()
    if len(parts) > 1 and any(isinstance(p, dict) and p.get("type") == "refusal" for p in parts):
        yield Fault("refusal-part", (*path, "content"), "a refusal must be the only part")
    calls = message.get("tool_calls")
    for index, call in enumerate(calls if isinstance(calls, list) else ()):
        if isinstance(call, dict):
            at = (*path, "tool_calls", index, "function")
            yield from _call_faults(call.get("function"), at, declared)
    yield from _call_faults(message.get("function_call"), (*path, "function_call"), declared)


def _call_faults(call: object, path: Steps, declared: set[str]) -> Iterator[Fault]:
    if not isinstance(call, dict):
        return
    name, arguments = call.get("name"), call.get("arguments")
    if isinstance(name, str) and name not in declared:
        yield Fault("undeclared-function", (*path, "name"), f"{shown(name)} is not declared in tools")
    if not isinstance(arguments, str):
        return
    try:
        found = msgspec.json.decode(arguments)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        yield Fault("arguments-not-json", (*path, "arguments"), f"{shown(arguments)} is not JSON")
        return
    if not isinstance(found, dict):
        text = f"must be a JSON object as a string, not {kind_of(found)}"
        yield Fault("arguments-not-object", (*path, "arguments"), text)


def _pairing_faults(messages: list[tuple[int, Message]], path: Steps) -> Iterator[Fault]:
    """Yield the calls without a result, and the results without a call.

    The calls of the last message need no results: the model learns to make them.
    """
    calls = _Calls()
    for index, message in messages:
        if message.get("role") == "tool":
            yield from calls.answer(message.get("tool_call_id"), (*path, index, "tool_call_id"))
        else:
            yield from calls.close()
            yield from calls.open(message, (*path, index))
    if messages and messages[-1][1].get("role") == "tool":
        yield from calls.close()


class _Calls:
    """Calls of one message of the assistant, and which of them have results."""

    def __init__(self) -> None:
        self._waiting: dict[str, Steps] = {}
        self._answered: set[str] = set()
        # If a call and a result do not match, only one of them is reported.
        self._nameless = self._strays = 0
        self._reported: set[str] = set()

    def open(self, message: Message, path: Steps) -> Iterator[Fault]:
        """Add the calls of a message."""
        given = message.get("tool_calls") if message.get("role") == "assistant" else None
        for index, call in enumerate(given if isinstance(given, list) else ()):
            identifier = call.get("id") if isinstance(call, dict) else None
            at = (*path, "tool_calls", index, "id")
            if not isinstance(identifier, str) or not identifier:
                self._nameless += 1
                continue
            if identifier in self._waiting:
                yield Fault("tool-call-repeated", at, f"{shown(identifier)} is the id of two calls")
            self._waiting[identifier] = at

    def answer(self, identifier: object, path: Steps) -> Iterator[Fault]:
        """Add a result."""
        if not isinstance(identifier, str):
            self._strays += 1
        elif identifier in self._answered:
            self._strays += 1
            yield Fault("tool-call-repeated", path, f"the call {shown(identifier)} is answered twice")
        elif identifier in self._waiting:
            del self._waiting[identifier]
            self._answered.add(identifier)
        elif self._nameless:
            self._nameless -= 1
        elif identifier not in self._reported:
            self._strays += 1
            text = f"{shown(identifier)} matches no call in the assistant message before it"
            yield Fault("tool-call-unknown", path, text)

    def close(self) -> Iterator[Fault]:
        """Yield the calls without a result; a result with a wrong id was reported, and counts as one."""
        for identifier, path in list(self._waiting.items())[self._strays :]:
            yield Fault("tool-unanswered", path, f"the call {shown(identifier)} has no tool message")
        self._reported.update(self._waiting)
        self._waiting, self._answered, self._nameless, self._strays = {}, set(), 0, 0


_RULES: Mapping[Format, Callable[[Mapping[str, Any]], Iterator[Fault]]] = {
    "chat": _chat_faults,
    "completions": _completions_faults,
    "preference": _preference_faults,
    "reinforcement": _reinforcement_faults,
}
