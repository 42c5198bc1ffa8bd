"""The two drivers: each runs a plan by doing what it yields, one by blocking, the other by awaiting.

A driver closes the plan it runs whatever happens, so that a plan's `finally` has run before an interrupt or a
cancellation reaches the caller.
"""

from __future__ import annotations

import inspect
import random
import time
from collections.abc import AsyncGenerator, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any, Protocol, TypeVar

import anyio
import httpx
from anyio.lowlevel import RunVar

from .errors import ConfigurationError, FineTuningError, InvalidRequestError
from .observation import Observer
from .plans.effects import (
    Answer,
    Draw,
    Effect,
    Emit,
    Now,
    Outcome,
    Pause,
    Plan,
    Send,
    Stream,
    Together,
    Work,
)
from .target import Target
from .wire import FAILURES, Body, broken, hops

__all__ = ["AsyncClock", "AsyncDriver", "Clock", "Driver"]

T = TypeVar("T")


class Clock(Protocol):
    """What passes time for a client: give it one of your own to test without waiting."""

    def time(self) -> float:
        """The time in Unix seconds."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        ...


class AsyncClock(Protocol):
    """`Clock` for an asynchronous client."""

    def time(self) -> float:
        """The time in Unix seconds."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        ...


class _SystemClock:
    def time(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class _AsyncSystemClock:
    def time(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(seconds)


class Driver:
    """Runs plans by blocking."""

    def __init__(
        self,
        http: httpx.Client,
        target: Target,
        clock: Clock | None = None,
        observer: Observer | None = None,
    ) -> None:
        self.http = http
        self.target = target
        self.clock: Clock = clock or _SystemClock()
        self.observer = observer or Observer()

    def aimed_at(self, target: Target) -> Driver:
        """A driver on the same pool with another target."""
        return Driver(self.http, target, self.clock, self.observer)

    def run(self, plan: Plan[T]) -> T:
        """Do what `plan` yields, and return its result."""
        with closing(plan):
            reply: Any = None
            while True:
                try:
                    effect = plan.send(reply)
                except StopIteration as stop:
                    result: T = stop.value
                    return result
                reply = self._perform(effect)

    def stream(self, plan: Stream[T]) -> Generator[T, None, None]:
        """Do what `plan` yields, and give out what it emits."""
        with closing(plan):
            reply: Any = None
            while True:
                try:
                    effect = plan.send(reply)
                except StopIteration:
                    return
                reply = None
                if isinstance(effect, Emit):
                    yield effect.item
                else:
                    reply = self._perform(effect)

    def _perform(self, effect: Effect) -> Any:
        match effect:
            case Send():
                return self._send(effect)
            case Pause():
                return self._pause(effect)
            case Now():
                return self.clock.time()
            case Draw():
                return random.random()  # noqa: S311  spreads retries; no secret hangs on it
            case Work(function):
                return function()
            case Together(plans):
                with ThreadPoolExecutor(len(plans)) as threads:
                    return list(threads.map(self._result, plans))

    def _result(self, plan: Plan[T]) -> T | FineTuningError:
        try:
            return self.run(plan)
        except FineTuningError as error:
            return error

    def _pause(self, pause: Pause) -> None:
        event = pause.until
        if event is not None:
            _require_kind(event, awaited=False)
        if event is not None and (event.is_set() or _is_woken(self.clock, event, pause.seconds)):
            event.clear()
        elif event is None or not isinstance(self.clock, _SystemClock):
            self.clock.sleep(pause.seconds)

    def _send(self, send: Send) -> Outcome:
        started = self.clock.time()
        self.observer.sent(send.request)
        try:
            outcome: Outcome = self._exchange(send)
        except FAILURES as error:
            outcome = broken(error, send, self.http.is_closed)
        self.observer.done(send.request, outcome, self.clock.time() - started)
        return outcome

    def _exchange(self, send: Send) -> Answer:
        steps = hops(self.http, self.target, send)
        request = next(steps)
        auth = self.target.credentials.signer(admin=send.request.admin)
        while True:
            response = self.http.send(request, auth=auth, stream=True, follow_redirects=False)
            with closing(response):
                body = Body(response, send, auth)
                for piece in response.iter_bytes():
                    if body.add(piece):
                        break
            try:
                request = steps.send(body.answer())
            except StopIteration as stop:
                answer: Answer = stop.value
                return answer


_loop: RunVar[object] = RunVar("finetuning_client_loop")


class _Home:
    """The event loop that a pool of connections belongs to: the one it was first used in."""

    def __init__(self) -> None:
        self._mark: object = None

    def require(self) -> None:
        """Raise `ConfigurationError` in any other loop, where its connections would fail or hang."""
        try:
            here = _loop.get()
        except LookupError:
            here = object()
            _loop.set(here)
        if self._mark is None:
            self._mark = here
        if self._mark is not here:
            raise ConfigurationError(
                "the client cannot be used here: its connections belong to another event loop. "
                "Make a client in each"
            )


class AsyncDriver:
    """Runs plans by awaiting; `Driver` with other keywords."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        target: Target,
        clock: AsyncClock | None = None,
        observer: Observer | None = None,
    ) -> None:
        self._home = _Home()
        self.http = http
        self.target = target
        self.clock: AsyncClock = clock or _AsyncSystemClock()
        self.observer = observer or Observer()

    def aimed_at(self, target: Target) -> AsyncDriver:
        """A driver on the same pool with another target."""
        other = AsyncDriver(self.http, target, self.clock, self.observer)
        other._home = self._home
        return other

    async def run(self, plan: Plan[T]) -> T:
        """Do what `plan` yields, and return its result."""
        with closing(plan):
            reply: Any = None
            while True:
                try:
                    effect = plan.send(reply)
                except StopIteration as stop:
                    result: T = stop.value
                    return result
                reply = await self._perform(effect)

    async def stream(self, plan: Stream[T]) -> AsyncGenerator[T, None]:
        """Do what `plan` yields, and give out what it emits."""
        with closing(plan):
            reply: Any = None
            while True:
                try:
                    effect = plan.send(reply)
                except StopIteration:
                    return
                reply = None
                if isinstance(effect, Emit):
                    yield effect.item
                else:
                    reply = await self._perform(effect)

    async def _perform(self, effect: Effect) -> Any:
        match effect:
            case Send():
                return await self._send(effect)
            case Pause():
                return await self._pause(effect)
            case Now():
                return self.clock.time()
            case Draw():
                return random.random()  # noqa: S311  spreads retries; no secret hangs on it
            case Work(function):
                return await anyio.to_thread.run_sync(function)
            case Together(plans):
                return await self._together(plans)

    async def _together(self, plans: Sequence[Plan[Any]]) -> list[Any]:
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

    async def _pause(self, pause: Pause) -> None:
        event = pause.until
        if event is not None:
            _require_kind(event, awaited=True)
        if event is not None and (event.is_set() or await _is_woken_async(self.clock, event, pause.seconds)):
            event.clear()
        elif event is None or not isinstance(self.clock, _AsyncSystemClock):
            await self.clock.sleep(pause.seconds)

    async def _send(self, send: Send) -> Outcome:
        self._home.require()
        started = self.clock.time()
        self.observer.sent(send.request)
        try:
            outcome: Outcome = await self._exchange(send)
        except FAILURES as error:
            outcome = broken(error, send, self.http.is_closed)
        self.observer.done(send.request, outcome, self.clock.time() - started)
        return outcome

    async def _exchange(self, send: Send) -> Answer:
        steps = hops(self.http, self.target, send)
        request = next(steps)
        auth = self.target.credentials.signer(admin=send.request.admin)
        while True:
            response = await self.http.send(request, auth=auth, stream=True, follow_redirects=False)
            try:
                body = Body(response, send, auth)
                async for piece in response.aiter_bytes():
                    if body.add(piece):
                        break
            finally:
                await response.aclose()
            try:
                request = steps.send(body.answer())
            except StopIteration as stop:
                answer: Answer = stop.value
                return answer


def _require_kind(event: Any, *, awaited: bool) -> None:
    """Refuse the other world's kind of event: waiting for it would fail, or stop the event loop."""
    if inspect.iscoroutinefunction(event.wait) != awaited:
        rule = "an asyncio.Event, or one like it" if awaited else "a threading.Event, or one like it"
        raise InvalidRequestError(
            f"notified: must be {rule}, not {type(event).__name__}",
            field="notified",
            limit=rule,
            value=event,
        )


def _is_woken(clock: Clock, event: Any, seconds: float) -> bool:
    """Whether the event came within the time; a clock that only pretends cannot tell."""
    return isinstance(clock, _SystemClock) and bool(event.wait(seconds))


async def _is_woken_async(clock: AsyncClock, event: Any, seconds: float) -> bool:
    if not isinstance(clock, _AsyncSystemClock):
        return False
    with anyio.move_on_after(seconds):
        await event.wait()
        return True
    return False
