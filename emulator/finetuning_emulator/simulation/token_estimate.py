"""Estimate of the tokens of a text by its scripts; it does not depend on any vocabulary."""

from __future__ import annotations

import msgspec

__all__ = ["tokens_of"]

_PER_ASCII = 4.3
# Tokens of a character by its size in UTF-8: accents and alphabets; Asian scripts; emoji.
_OTHERS = {range(0xC2, 0xE0): 0.45, range(0xE0, 0xF0): 0.75, range(0xF0, 0xF5): 1.4}
_NOT_FIRST = {kind: bytes(set(range(256)) - set(kind)) for kind in _OTHERS}


def tokens_of(value: object) -> int:
    """Return the tokens of a text, or of any other value as JSON; 0 for null."""
    if value is None:
        return 0
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode("utf-8", "replace")
    if text.isascii():
        return round(len(text) / _PER_ASCII)
    encoded = text.encode("utf-8", "replace")
    counts = {kind: len(encoded.translate(None, others)) for kind, others in _NOT_FIRST.items()}
    tokens = sum(_OTHERS[kind] * count for kind, count in counts.items())
    return round(tokens + (len(text) - sum(counts.values())) / _PER_ASCII)
