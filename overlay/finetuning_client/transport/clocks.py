"""Clocks: the time and the pauses of drivers, and events that end a pause early."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

from ..errors import InvalidRequestError
from ..plans.effects import Pause
from .time_bounds import current_stop


class Clock(Protocol):
    """The clock of a client: supply your own to test without waiting."""

    def time(self) -> float:
        """Return the time in Unix seconds."""
        ...

    def sleep(self, seconds: float, /) -> None:
        """Let `seconds` pass."""
        ...


class AsyncClock(Protocol):
    """The clock of an asynchronous client."""

    def time(self) -> float:
        """Return the time in Unix seconds."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        ...


class AsyncSystemClock:
    """The clock of this machine, for an event loop. Blocking clients use the module `time` itself."""

    def time(self) -> float:
        """Return the time in Unix seconds."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Suspend the task for `seconds`."""
        import anyio

        await anyio.sleep(seconds)


def steady(clock: Clock | AsyncClock) -> Callable[[], float]:
    """Return a function that tells the time of a call, in Unix seconds.

    For this machine's clock it is the time when the call began plus what has passed since, so that a timeout
    is accurate even if the clock is set meanwhile.
    """
    if clock is not time and not isinstance(clock, AsyncSystemClock):
        return clock.time
    offset = clock.time() - time.monotonic()
    return lambda: offset + time.monotonic()


def pause(clock: Clock, effect: Pause) -> None:
    """Let the time of a pause pass, or less if its event is set."""
    event = effect.until
    is_real = clock is time
    stop = current_stop()
    if event is None and is_real and stop is not None:
        stop.sleep(effect.seconds)
        return
    if event is None:
        clock.sleep(effect.seconds)
        return
    _require_kind(event, awaited=False)
    # A test clock does not really wait, so nothing can set the event during the pause.
    if event.is_set() or (is_real and event.wait(effect.seconds)):
        event.clear()
    elif not is_real:
        clock.sleep(effect.seconds)


async def pause_async(clock: AsyncClock, effect: Pause) -> None:
    """Let the time of a pause pass, or less if its event is set."""
    event = effect.until
    if event is None:
        await clock.sleep(effect.seconds)
        return
    _require_kind(event, awaited=True)
    is_real = isinstance(clock, AsyncSystemClock)
    if event.is_set() or (is_real and await _is_set_within(event, effect.seconds)):
        event.clear()
    elif not is_real:
        await clock.sleep(effect.seconds)


async def _is_set_within(event: Any, seconds: float) -> bool:
    import anyio

    with anyio.move_on_after(seconds):
        await event.wait()
        return True
    return False


def _require_kind(event: Any, *, awaited: bool) -> None:
    """Refuse an event of the other kind: waiting for it would fail, or block the event loop."""
    from inspect import iscoroutinefunction

    if iscoroutinefunction(event.wait) != awaited:
        rule = (
            "an asyncio.Event or an object like it" if awaited else "a threading.Event or an object like it"
        )
        raise InvalidRequestError.of("notified", rule, event, f", not {type(event).__name__}")
