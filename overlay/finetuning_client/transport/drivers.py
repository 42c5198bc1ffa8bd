"""Drivers: each runs a plan by doing what it yields, `Driver` by blocking, `AsyncDriver` by awaiting.

A driver always closes the plan it runs, so that a plan's `finally` has run before an interrupt or a
cancellation reaches the caller. The loop of `Driver` is in `BlockingRunner`; that of `AsyncDriver` differs
only in how it waits.
"""

from __future__ import annotations

import random
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from ..errors import FineTuningError
from ..plans.blocking_runner import BlockingRunner
from ..plans.effects import (
    Draw,
    Effect,
    Emit,
    Now,
    Outcome,
    Pause,
    Plan,
    Response,
    Send,
    Steps,
    Stream,
    Together,
    Work,
)
from .bounded_body import Body, raw_pieces, raw_pieces_async
from .clocks import AsyncClock, AsyncSystemClock, Clock, pause, pause_async, steady
from .connection import Connection
from .hooks import Hooks
from .pool import AsyncPool, Pool
from .threads import in_thread, together, together_async
from .time_bounds import Bound, bounding
from .wire import FAILURES, bound_of, no_response, read_files_in_threads, redirected

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")
P = TypeVar("P", bound=Pool | AsyncPool)
C = TypeVar("C", bound=Clock | AsyncClock)
_Now = Callable[[], float]

# One thread call for each piece would cost more than the writing.
_WRITTEN_AT_ONCE = 1024 * 1024
_PIECES_AT_ONCE = 256


class _OnPool(Generic[P, C]):
    """A driver that sends requests through a pool."""

    _system_clock: Any

    def __init__(
        self, pool: P, connection: Connection, clock: C | None = None, hooks: Hooks | None = None
    ) -> None:
        self.pool = pool
        self.connection = connection
        self._beyond_pool = connection.without(pool.http.headers)
        self.clock: C = self._system_clock if clock is None else clock
        self.hooks = hooks or Hooks()

    def with_connection(self, connection: Connection) -> Self:
        """Return a driver on the same pool with another connection."""
        return type(self)(self.pool, connection, self.clock, self.hooks)


class Driver(_OnPool[Pool, Clock], BlockingRunner[_Now]):
    """Runs plans by blocking."""

    _system_clock = time

    def _started(self) -> _Now:
        return steady(self.clock)

    def _pause(self, effect: Pause, now: _Now) -> None:  # noqa: ARG002  a clock keeps its own time
        pause(self.clock, effect)

    def _together(self, plans: Sequence[Plan[Any]]) -> list[Any]:
        return together(self._result, plans)

    def _send(self, send: Send, now: _Now) -> Outcome:
        started = now()
        self.hooks.before(send.request)
        bound = bound_of(send, now(), self.connection.timeout)
        try:
            with bounding(bound), self.pool.exchange(bound) as http:
                outcome: Outcome = self._exchange(http, send, bound)
        except FAILURES as error:
            outcome = no_response(error, send, self.connection.credentials, self.pool.is_closed)
        self.hooks.after(send.request, outcome, now() - started)
        return outcome

    def _exchange(self, http: httpx.Client, send: Send, bound: Bound) -> Response:
        steps = redirected(http, self._beyond_pool, send, bound)
        request = next(steps)
        credentials = self.connection.credentials
        while True:
            auth = credentials.signer(admin=send.request.admin)
            response = http.send(request, auth=auth, stream=True, follow_redirects=False)
            with closing(response):
                body = Body(response, send, credentials, bound)
                body.start()
                for piece in raw_pieces(response):
                    if body.feed(piece):
                        break
                body.finish()
            try:
                request = steps.send(body.response())
            except StopIteration as stop:
                result: Response = stop.value
                return result


class AsyncDriver(_OnPool[AsyncPool, AsyncClock]):
    """Runs plans by awaiting."""

    _system_clock = AsyncSystemClock()

    async def run(self, plan: Plan[T]) -> T:
        """Do what `plan` yields, and return its result."""
        with closing(plan):
            steps, now = Steps(plan), steady(self.clock)
            for effect in steps:
                try:
                    steps.reply = await self._perform(effect, now)
                except FineTuningError as error:
                    steps.failure = error
            result: T = steps.result
            return result

    async def stream(self, plan: Stream[T]) -> AsyncGenerator[T, None]:
        """Do what `plan` yields, and yield what it emits."""
        with closing(plan):
            steps, now = Steps(plan), steady(self.clock)
            for effect in steps:
                if isinstance(effect, Emit):
                    yield effect.item
                    continue
                try:
                    steps.reply = await self._perform(effect, now)
                except FineTuningError as error:
                    steps.failure = error

    async def _perform(self, effect: Effect, now: _Now) -> Any:
        match effect:
            case Send():
                return await self._send(effect, now)
            case Pause():
                return await pause_async(self.clock, effect)
            case Now():
                return now()
            case Draw():
                return random.random()  # noqa: S311  spreads retries; nothing secret depends on it
            case Work(function):
                return await in_thread(function)
            case Together(plans):
                return await together_async(self._result, plans)

    async def _result(self, plan: Plan[T]) -> T | FineTuningError:
        try:
            return await self.run(plan)
        except FineTuningError as error:
            return error

    async def _send(self, send: Send, now: _Now) -> Outcome:
        started = now()
        self.hooks.before(send.request)
        bound = bound_of(send, now(), self.connection.timeout)
        try:
            with bounding(bound):
                async with self.pool.exchange(bound) as http:
                    outcome: Outcome = await self._exchange(http, send, bound)
        except FAILURES as error:
            outcome = no_response(error, send, self.connection.credentials, self.pool.is_closed)
        self.hooks.after(send.request, outcome, now() - started)
        return outcome

    async def _exchange(self, http: httpx.AsyncClient, send: Send, bound: Bound) -> Response:
        steps = redirected(http, self._beyond_pool, send, bound)
        request = next(steps)
        credentials = self.connection.credentials
        while True:
            read_files_in_threads(request, send)
            auth = credentials.signer(admin=send.request.admin)
            response = await http.send(request, auth=auth, stream=True, follow_redirects=False)
            try:
                body = Body(response, send, credentials, bound)
                await _receive(response, body)
                body.finish()
            finally:
                await response.aclose()
            try:
                request = steps.send(body.response())
            except StopIteration as stop:
                result: Response = stop.value
                return result


async def _receive(response: httpx.Response, body: Body) -> None:
    """Receive the body; a sink is called in threads, since it may write to a slow disk."""
    if not body.has_sink:
        async for piece in raw_pieces_async(response):
            if body.feed(piece):
                return
        return
    await in_thread(body.start)
    waiting = bytearray()
    pieces = 0
    try:
        async for piece in raw_pieces_async(response):
            body.progress()
            waiting += piece
            pieces += 1
            if len(waiting) >= _WRITTEN_AT_ONCE or pieces == _PIECES_AT_ONCE:
                await in_thread(partial(body.feed, bytes(waiting)))
                waiting.clear()
                pieces = 0
    except FAILURES:
        # What came before the connection broke need not come again.
        await in_thread(partial(body.feed, bytes(waiting)))
        raise
    await in_thread(partial(body.feed, bytes(waiting)))
