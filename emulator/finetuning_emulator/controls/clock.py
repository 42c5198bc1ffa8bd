"""The emulator's clock: milliseconds since the Unix epoch, at any speed, but never backwards.

Time is the only input that changes a response between two requests, so every reader of the time
receives a clock.
"""

from __future__ import annotations

import math
import time

import msgspec

__all__ = ["Anchor", "Clock", "Milliseconds"]

Milliseconds = int


class Anchor(msgspec.Struct, frozen=True):
    """A reading of the emulator's clock and the wall clock together, so that a restart can continue.

    `rate` is the number of emulated seconds per real second after this reading.
    """

    wall: Milliseconds
    emulated: Milliseconds
    rate: float

    def resumed(self, wall: Milliseconds) -> Milliseconds:
        """Return the emulator's time at a later reading of the wall clock."""
        return self.emulated + int(max(0, wall - self.wall) * self.rate)


# At a higher speed, the times of a job would no longer fit into the database's integers.
_MAX_SPEED = 1e9
_MAX_ADVANCE: Milliseconds = 10**6 * 3_600_000


class Clock:
    """A clock that runs at `speed` times real time from `start`.

    At speed 0 it stands still until `advance` moves it. At infinite speed it runs at real speed and
    jumps to every time given to `skip_to`, so a client never has to wait.
    """

    def __init__(self, speed: float = 1.0, start: Milliseconds | None = None) -> None:
        is_number = isinstance(speed, int | float) and not isinstance(speed, bool)
        if not is_number or math.isnan(speed) or speed < 0 or _MAX_SPEED < speed < math.inf:
            raise ValueError(f"the speed must be inf or a number from 0 to {_MAX_SPEED:g}, not {speed!r}")
        self.speed = speed
        self._rate = 1.0 if math.isinf(speed) else speed
        self._origin = time.monotonic()
        self._first = start
        self._start: Milliseconds = _wall_time() if start is None else start

    def now(self) -> Milliseconds:
        """Return the emulator's time."""
        return self._start + int((time.monotonic() - self._origin) * 1000 * self._rate)

    def restart(self) -> None:
        """Return to the time that a new clock would show."""
        self._origin = time.monotonic()
        self._start = _wall_time() if self._first is None else self._first

    def advance(self, milliseconds: Milliseconds) -> None:
        """Move forward by at most a million hours.

        Raises:
            ValueError: the amount is negative or too large.
        """
        if not 0 <= milliseconds <= _MAX_ADVANCE:
            raise ValueError(
                f"the clock cannot move by {milliseconds:g} ms: give a number from 0 to {_MAX_ADVANCE:g}"
            )
        self._start += milliseconds

    def skip_to(self, until: Milliseconds) -> None:
        """Jump to `until` at infinite speed; do nothing at any other speed."""
        if math.isinf(self.speed):
            self._start += max(0, until - self.now())

    def pass_time(self, until: Milliseconds) -> None:
        """Move forward to `until` if it is in the future, at any speed."""
        self._start += max(0, until - self.now())

    def anchor(self, *, stopping: bool = False) -> Anchor:
        """Return a reading to store; with `stopping`, a fast clock continues at the wall clock's speed."""
        rate = min(1.0, self._rate) if stopping else self._rate
        return Anchor(wall=_wall_time(), emulated=self.now(), rate=rate)

    def resume(self, anchor: Anchor) -> None:
        """Continue from the anchor that an earlier clock stored."""
        self._start = anchor.resumed(_wall_time())
        self._origin = time.monotonic()


def _wall_time() -> Milliseconds:
    return time.time_ns() // 1_000_000
