"""Values that a test gives in Python, held to the types and limits they are declared with."""

from __future__ import annotations

from typing import Any

import msgspec

__all__ = ["sensible"]


def sensible(value: Any, kind: Any) -> Any:
    """The value as this type. Raises `ValueError` if it breaks a limit of the type."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        # Which is a ValueError itself in recent releases of msgspec only.
        raise ValueError(str(error)) from None
