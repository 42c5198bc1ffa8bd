"""The emulator's time: whole milliseconds since the Unix epoch, at any speed, never backwards.

Time is the only input that changes an answer between two requests, so it is injected everywhere.
"""

from __future__ import annotations

import math
import time

import msgspec

__all__ = ["Anchor", "Clock", "Millis"]

Millis = int


class Anchor(msgspec.Struct, frozen=True):
    """Ties the emulator's time to the wall clock, so that a restarted emulator carries on.

    `rate` is how fast the emulator's time passes from here on, in emulated per real seconds.
    """

    wall: Millis
    emulated: Millis
    rate: float

    def resumed(self, wall: Millis) -> Millis:
        """The emulator's time at a later reading of the wall clock."""
        return self.emulated + int(max(0, wall - self.wall) * self.rate)


# Faster, the moments of a job would no longer fit where they are kept.
_FASTEST = 1e9


class Clock:
    """A clock that runs at `speed` times real time from `start`.

    Speed 0 stands still until `advance` moves it. At infinite speed it runs at real speed, but
    skips over whatever `settle` says is still to come, so that nothing is ever waited for.
    """

    def __init__(self, speed: float = 1.0, start: Millis | None = None) -> None:
        is_number = isinstance(speed, int | float) and not isinstance(speed, bool)
        if not is_number or math.isnan(speed) or speed < 0 or _FASTEST < speed < math.inf:
            raise ValueError(
                f"the speed of a clock is a number from 0 to {_FASTEST:g}, or inf, not {speed!r}"
            )
        self.speed = speed
        self._rate = 1.0 if math.isinf(speed) else speed
        self._origin = time.monotonic()
        self._first = start
        self._start: Millis = _wall() if start is None else start

    def now(self) -> Millis:
        """The emulator's time."""
        return self._start + int((time.monotonic() - self._origin) * 1000 * self._rate)

    def restart(self) -> None:
        """Begin again, as when it was new."""
        self._origin = time.monotonic()
        self._start = _wall() if self._first is None else self._first

    def advance(self, milliseconds: Millis) -> None:
        """Move forward at once."""
        if milliseconds < 0:
            raise ValueError("a clock is never turned back")
        self._start += milliseconds

    def settle(self, until: Millis) -> None:
        """Have everything up to `until` behind us, at infinite speed; else do nothing."""
        if math.isinf(self.speed):
            self._start += max(0, until - self.now())

    def anchor(self, *, stopping: bool = False) -> Anchor:
        """Where the clock is; a clock that is put away does not run faster than the wall's."""
        rate = min(1.0, self._rate) if stopping else self._rate
        return Anchor(wall=_wall(), emulated=self.now(), rate=rate)

    def resume(self, anchor: Anchor) -> None:
        """Carry on from an anchor that an earlier clock left."""
        self._start = anchor.resumed(_wall())
        self._origin = time.monotonic()


def _wall() -> Millis:
    return time.time_ns() // 1_000_000
