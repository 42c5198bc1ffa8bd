"""Looking for what a lost attempt may have made: `search` looks again until it is there or time is over.

A server that broke the connection may still be at work, so one look that finds nothing proves nothing. The
search lasts as long as the lost attempt took, and at least 2 and at most 30 seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from .effects import Now, Pause, Plan

__all__ = ["search"]

T = TypeVar("T")

_SHORTEST, _LONGEST = 2.0, 30.0
_FIRST_LOOK = 0.5


def search(look: Callable[[], Plan[T | None]], sent: float) -> Plan[T | None]:
    """What the first look finds that finds anything, or `None`; `sent` is when the lost attempt was sent."""
    now: float = yield Now()
    until = now + min(max(now - sent, _SHORTEST), _LONGEST)
    pause = _FIRST_LOOK
    while True:
        now = yield Now()
        yield Pause(max(min(pause, until - now), 0.0))
        pause *= 2
        found = yield from look()
        now = yield Now()
        if found is not None or now >= until:
            return found
