"""The prompt of a row: what an example asks, by which duplicates are found and rows are kept together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def prompt_of(row: Mapping[str, Any]) -> Any:
    """Return the prompt of a row: a text, the messages before the answer at the end, or the whole row."""
    given = row.get("input")
    if isinstance(given, Mapping) and "messages" in given:
        return given["messages"]
    messages = row.get("messages")
    if isinstance(messages, list):
        last = messages[-1] if len(messages) > 1 else None
        return messages[:-1] if isinstance(last, dict) and last.get("role") == "assistant" else messages
    return row.get("prompt", row)
