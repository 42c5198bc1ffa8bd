"""Drivers: each runs a plan by doing what it yields, one by blocking, the other by awaiting.

A driver closes the plan it runs whatever happens, so that a plan's `finally` has run before an interrupt or a
cancellation reaches the caller. Both stand side by side, so that they differ only where waiting does.
"""

from __future__ import annotations

import random
import time
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import FineTuningError
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
from .clocks import AsyncClock, AsyncSystemClock, Clock, pause, pause_async
from .connection import Connection
from .hooks import Hooks
from .loop_guard import LoopGuard
from .wire import FAILURES, Body, no_response, read_files_in_threads, redirected

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")

# One thread call for each piece would cost more than the writing.
_WRITTEN_AT_ONCE = 1024 * 1024


class Driver:
    """Runs plans by blocking."""

    def __init__(
        self,
        http: httpx.Client,
        connection: Connection,
        clock: Clock | None = None,
        hooks: Hooks | None = None,
    ) -> None:
        self.http = http
        self.connection = connection
        self._beyond_pool = connection.without(http.headers)
        self.clock: Clock = clock or time
        self.hooks = hooks or Hooks()

    def with_connection(self, connection: Connection) -> Driver:
        """Return a driver on the same pool with another connection."""
        return Driver(self.http, connection, self.clock, self.hooks)

    def run(self, plan: Plan[T]) -> T:
        """Do what `plan` yields, and return its result."""
        with closing(plan):
            steps = Steps(plan)
            for effect in steps:
                try:
                    steps.reply = self._perform(effect)
                except FineTuningError as error:
                    steps.failure = error
            result: T = steps.result
            return result

    def stream(self, plan: Stream[T]) -> Generator[T, None, None]:
        """Do what `plan` yields, and yield what it emits."""
        with closing(plan):
            steps = Steps(plan)
            for effect in steps:
                if isinstance(effect, Emit):
                    yield effect.item
                    continue
                try:
                    steps.reply = self._perform(effect)
                except FineTuningError as error:
                    steps.failure = error

    def _perform(self, effect: Effect) -> Any:
        match effect:
            case Send():
                return self._send(effect)
            case Pause():
                return pause(self.clock, effect)
            case Now():
                return self.clock.time()
            case Draw():
                return random.random()  # noqa: S311  spreads retries; nothing secret depends on it
            case Work(function):
                return function()
            case Together(plans):
                return self._together(plans)

    def _together(self, plans: Sequence[Plan[Any]]) -> list[Any]:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(len(plans)) as threads:
            return list(threads.map(self._result, plans))

    def _result(self, plan: Plan[T]) -> T | FineTuningError:
        try:
            return self.run(plan)
        except FineTuningError as error:
            return error

    def _send(self, send: Send) -> Outcome:
        started = self.clock.time()
        self.hooks.before(send.request)
        try:
            outcome: Outcome = self._exchange(send)
        except FAILURES as error:
            outcome = no_response(error, send, self.http.is_closed)
        self.hooks.after(send.request, outcome, self.clock.time() - started)
        return outcome

    def _exchange(self, send: Send) -> Response:
        steps = redirected(self.http, self._beyond_pool, send)
        request = next(steps)
        auth = self.connection.credentials.signer(admin=send.request.admin)
        while True:
            response = self.http.send(request, auth=auth, stream=True, follow_redirects=False)
            with closing(response):
                body = Body(response, send, auth)
                body.start()
                for piece in response.iter_bytes():
                    if body.add(piece):
                        break
            try:
                request = steps.send(body.response())
            except StopIteration as stop:
                result: Response = stop.value
                return result


class AsyncDriver:
    """Runs plans by awaiting."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        connection: Connection,
        clock: AsyncClock | None = None,
        hooks: Hooks | None = None,
    ) -> None:
        self._guard = LoopGuard()
        self.http = http
        self.connection = connection
        self._beyond_pool = connection.without(http.headers)
        self.clock: AsyncClock = clock or AsyncSystemClock()
        self.hooks = hooks or Hooks()

    def with_connection(self, connection: Connection) -> AsyncDriver:
        """Return a driver on the same pool with another connection."""
        other = AsyncDriver(self.http, connection, self.clock, self.hooks)
        other._guard = self._guard
        return other

    async def run(self, plan: Plan[T]) -> T:
        """Do what `plan` yields, and return its result."""
        with closing(plan):
            steps = Steps(plan)
            for effect in steps:
                try:
                    steps.reply = await self._perform(effect)
                except FineTuningError as error:
                    steps.failure = error
            result: T = steps.result
            return result

    async def stream(self, plan: Stream[T]) -> AsyncGenerator[T, None]:
        """Do what `plan` yields, and yield what it emits."""
        with closing(plan):
            steps = Steps(plan)
            for effect in steps:
                if isinstance(effect, Emit):
                    yield effect.item
                    continue
                try:
                    steps.reply = await self._perform(effect)
                except FineTuningError as error:
                    steps.failure = error

    async def _perform(self, effect: Effect) -> Any:
        match effect:
            case Send():
                return await self._send(effect)
            case Pause():
                return await pause_async(self.clock, effect)
            case Now():
                return self.clock.time()
            case Draw():
                return random.random()  # noqa: S311  spreads retries; nothing secret depends on it
            case Work(function):
                from anyio.to_thread import run_sync

                return await run_sync(function)
            case Together(plans):
                return await self._together(plans)

    async def _together(self, plans: Sequence[Plan[Any]]) -> list[Any]:
        import anyio

        results: list[Any] = [None] * len(plans)
        unforeseen: list[Exception] = []

        async def one(index: int) -> None:
            try:
                results[index] = await self._result(plans[index])
            except Exception as error:  # noqa: BLE001  raised again, bare, outside of the group
                unforeseen.append(error)
                group.cancel_scope.cancel()

        async with anyio.create_task_group() as group:
            for index in range(len(plans)):
                group.start_soon(one, index)
        if unforeseen:
            raise unforeseen[0]
        return results

    async def _result(self, plan: Plan[T]) -> T | FineTuningError:
        try:
            return await self.run(plan)
        except FineTuningError as error:
            return error

    async def _send(self, send: Send) -> Outcome:
        self._guard.require()
        started = self.clock.time()
        self.hooks.before(send.request)
        try:
            outcome: Outcome = await self._exchange(send)
        except FAILURES as error:
            outcome = no_response(error, send, self.http.is_closed)
        self.hooks.after(send.request, outcome, self.clock.time() - started)
        return outcome

    async def _exchange(self, send: Send) -> Response:
        steps = redirected(self.http, self._beyond_pool, send)
        request = next(steps)
        auth = self.connection.credentials.signer(admin=send.request.admin)
        while True:
            read_files_in_threads(request, send)
            response = await self.http.send(request, auth=auth, stream=True, follow_redirects=False)
            try:
                body = Body(response, send, auth)
                await self._receive(response, body)
            finally:
                await response.aclose()
            try:
                request = steps.send(body.response())
            except StopIteration as stop:
                result: Response = stop.value
                return result

    async def _receive(self, response: httpx.Response, body: Body) -> None:
        """Take the body; a sink is called in threads, since it may write to a slow disk."""
        if not body.has_sink:
            async for piece in response.aiter_bytes():
                if body.add(piece):
                    return
            return
        from anyio.to_thread import run_sync

        await run_sync(body.start)
        waiting: list[bytes] = []
        try:
            async for piece in response.aiter_bytes():
                waiting.append(piece)
                if sum(map(len, waiting)) >= _WRITTEN_AT_ONCE:
                    await run_sync(body.add, b"".join(waiting))
                    waiting.clear()
        except FAILURES:
            # What came before the connection broke need not come again.
            await run_sync(body.add, b"".join(waiting))
            raise
        await run_sync(body.add, b"".join(waiting))
