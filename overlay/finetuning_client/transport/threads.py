"""Threads of a call: plans run concurrently, work off the event loop, and how an interrupt ends both.

The caller regains control within a second of an interrupt or a cancellation.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

from .time_bounds import Stopped, StopSignal, stopped_by

T = TypeVar("T")

# Seconds that an interrupted call waits for its threads, which end at once unless a connection is being made.
_LAST_WAIT = 1.0


def together(run: Callable[[Any], Any], plans: Sequence[Any]) -> list[Any]:
    """Call `run` with each plan in a thread of its own, and return the results in order."""
    results: list[Any] = [None] * len(plans)
    unexpected: list[BaseException] = []
    stop = StopSignal()

    def one(index: int) -> None:
        try:
            with stopped_by(stop):
                results[index] = run(plans[index])
        except Stopped:
            pass
        except BaseException as error:  # noqa: BLE001  raised again in the thread of the call
            unexpected.append(error)
            stop.set()

    # As daemons, since a thread that is still connecting must not keep an interrupted program from ending.
    threads = [threading.Thread(target=one, args=(index,), daemon=True) for index in range(len(plans))]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    except BaseException:
        stop.set()
        until = time.monotonic() + _LAST_WAIT
        for thread in threads:
            if thread.ident is not None:
                thread.join(max(until - time.monotonic(), 0.0))
        raise
    if unexpected:
        raise unexpected[0]
    return results


async def together_async(run: Callable[[Any], Awaitable[Any]], plans: Sequence[Any]) -> list[Any]:
    """Await `run` with each plan in a task of its own, and return the results in order."""
    import anyio

    results: list[Any] = [None] * len(plans)
    unexpected: list[Exception] = []

    async def one(index: int) -> None:
        try:
            results[index] = await run(plans[index])
        except Exception as error:  # noqa: BLE001  raised again, bare, outside of the group
            unexpected.append(error)
            group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        for index in range(len(plans)):
            group.start_soon(one, index)
    if unexpected:
        raise unexpected[0]
    return results


async def in_thread(function: Callable[[], T]) -> T:
    """Call `function` off the event loop. A cancelled caller waits a second for it, then leaves it alone."""
    import anyio
    from anyio.to_thread import run_sync

    work = _Work(function)
    try:
        return await run_sync(work, abandon_on_cancel=True)
    except anyio.get_cancelled_exc_class():
        if work.abandon():
            with anyio.move_on_after(_LAST_WAIT, shield=True):
                while not work.ended.is_set():  # noqa: ASYNC110  a thread sets it
                    await anyio.sleep(0.01)
        raise


class _Work(Generic[T]):
    """A call in a thread, which does not begin if it has been abandoned."""

    def __init__(self, function: Callable[[], T]) -> None:
        self._function = function
        self._lock = threading.Lock()
        self._has_begun = self._is_abandoned = False
        self.ended = threading.Event()

    def __call__(self) -> T:
        with self._lock:
            if self._is_abandoned:
                raise Stopped
            self._has_begun = True
        try:
            return self._function()
        finally:
            self.ended.set()

    def abandon(self) -> bool:
        """Keep the call from beginning; return whether it already has."""
        with self._lock:
            self._is_abandoned = True
            return self._has_begun
