"""Wording of the values of a document in messages."""

from __future__ import annotations

from typing import Any

__all__ = ["named", "spelled"]


def named(node: Any) -> str:
    """Return the kind of a value, with the value itself when it is short."""
    if node is None:
        return "an empty value"
    if isinstance(node, dict | list):
        return "a mapping" if isinstance(node, dict) else "a list"
    if isinstance(node, str):
        return f"the text {node!r}"
    return f"the {'boolean' if isinstance(node, bool) else 'number'} {spelled(node)}"


def spelled(node: Any) -> str:
    """Return a scalar as YAML writes it."""
    if node is None:
        return "null"
    return str(node).lower() if isinstance(node, bool) else str(node)
