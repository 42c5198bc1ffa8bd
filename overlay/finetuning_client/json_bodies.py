"""Decoding of JSON bodies."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

_SMALL_BODY = 16_384


def decode_json(body: bytes) -> Any:
    """Return the value of a JSON body. Raises `ValueError` or `RecursionError`."""
    # Loading the faster decoder takes longer than reading a few small bodies.
    if len(body) > _SMALL_BODY:
        import msgspec

        with suppress(ValueError, msgspec.MsgspecError):
            return msgspec.json.decode(body)
    # More lenient: accepts NaN, which some servers write for a loss, and encodings other than UTF-8.
    return json.loads(body)
