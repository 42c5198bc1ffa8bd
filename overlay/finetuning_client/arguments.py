"""Checks of arguments that many calls have: numbers and callbacks."""

from __future__ import annotations

import math

from .errors import InvalidRequestError


def is_number(value: object) -> bool:
    """Return whether the value is a number that a float can hold, other than a boolean and NaN."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return not math.isnan(value)
    except OverflowError:
        return False


def require_whole(name: str, value: object, *, at_least: int, or_none: bool = False) -> None:
    """Raise `InvalidRequestError` for an argument that is not a whole number, or is too small."""
    if value is None and or_none:
        return
    if not isinstance(value, int) or isinstance(value, bool) or value < at_least:
        rule = f"a whole number, at least {at_least}{', or None' if or_none else ''}"
        raise InvalidRequestError.of(name, rule, value)


def require_callback(name: str, function: object) -> None:
    """Raise `InvalidRequestError` for an argument that a plan cannot call; `None` stands for no function."""
    from inspect import iscoroutinefunction

    if function is None:
        return
    if not callable(function) or iscoroutinefunction(function):
        raise InvalidRequestError.of(name, "a function that is not async, or None", function)
