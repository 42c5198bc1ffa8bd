"""The default of arguments for which `None` is a value."""

from __future__ import annotations

from typing import Any


class _NotGiven:
    """Type of `NOT_GIVEN`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "not given"

    def __reduce__(self) -> str:
        return "NOT_GIVEN"


NOT_GIVEN: Any = _NotGiven()
"""Stands for an argument that was left out."""
