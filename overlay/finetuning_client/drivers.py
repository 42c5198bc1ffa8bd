"""The two drivers: each runs a plan by doing what it yields, one by blocking, the other by awaiting.

A driver closes the plan it runs whatever happens, so that a plan's `finally` has run before an interrupt or a
cancellation reaches the caller. This is the one place that turns the HTTP library's exceptions into outcomes.
"""

from __future__ import annotations

import random
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import closing
from typing import Any, Protocol, TypeVar

import anyio
import httpx

from .errors import ConfigurationError, InvalidRequestError
from .plans.effects import (
    Answer,
    Broken,
    Draw,
    Effect,
    Emit,
    Now,
    Outcome,
    Pause,
    Plan,
    Send,
    Stream,
)
from .target import Target

__all__ = ["AsyncClock", "AsyncDriver", "Clock", "Driver"]

T = TypeVar("T")

_FAILURES = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, RuntimeError)
_NOT_DELIVERED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


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

    def __init__(self, http: httpx.Client, target: Target, clock: Clock | None = None) -> None:
        self.http = http
        self.target = target
        self.clock: Clock = clock or _SystemClock()

    def aimed_at(self, target: Target) -> Driver:
        """A driver on the same pool with another target."""
        return Driver(self.http, target, self.clock)

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
            case Pause(seconds):
                return self.clock.sleep(seconds)
            case Now():
                return self.clock.time()
            case Draw():
                return random.random()  # noqa: S311  spreads retries; no secret hangs on it

    def _send(self, send: Send) -> Outcome:
        try:
            request = _built(self.http, self.target, send)
            auth = self.target.credentials.signer(admin=send.request.admin)
            response = self.http.send(request, auth=auth, stream=True, follow_redirects=False)
            with closing(response):
                if send.sink is not None and response.is_success:
                    for piece in response.iter_bytes():
                        send.sink(piece)
                    return _answer(response, b"")
                return _answer(response, b"".join(response.iter_bytes()))
        except _FAILURES as error:
            return _broken(error, send, self.http.is_closed)


class AsyncDriver:
    """Runs plans by awaiting; `Driver` with other keywords."""

    def __init__(self, http: httpx.AsyncClient, target: Target, clock: AsyncClock | None = None) -> None:
        self.http = http
        self.target = target
        self.clock: AsyncClock = clock or _AsyncSystemClock()

    def aimed_at(self, target: Target) -> AsyncDriver:
        """A driver on the same pool with another target."""
        return AsyncDriver(self.http, target, self.clock)

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
            case Pause(seconds):
                return await self.clock.sleep(seconds)
            case Now():
                return self.clock.time()
            case Draw():
                return random.random()  # noqa: S311  spreads retries; no secret hangs on it

    async def _send(self, send: Send) -> Outcome:
        try:
            request = _built(self.http, self.target, send)
            auth = self.target.credentials.signer(admin=send.request.admin)
            response = await self.http.send(request, auth=auth, stream=True, follow_redirects=False)
            try:
                if send.sink is not None and response.is_success:
                    async for piece in response.aiter_bytes():
                        send.sink(piece)
                    return _answer(response, b"")
                return _answer(response, b"".join([piece async for piece in response.aiter_bytes()]))
            finally:
                await response.aclose()
        except _FAILURES as error:
            return _broken(error, send, self.http.is_closed)


def _built(http: httpx.Client | httpx.AsyncClient, target: Target, send: Send) -> httpx.Request:
    try:
        return http.build_request(**target.options(send))
    except (TypeError, ValueError) as error:
        raise InvalidRequestError(f"{send.request}: cannot be written as a request: {error}") from error


def _answer(response: httpx.Response, body: bytes) -> Answer:
    return Answer(response.status_code, response.headers, body)


def _broken(error: Exception, send: Send, is_closed: bool) -> Broken:
    if is_closed:
        raise ConfigurationError("the client is closed: make another, or use it inside its `with`") from error
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol | httpx.LocalProtocolError):
        raise ConfigurationError(f"the request cannot be sent: {error}") from error
    of_network = isinstance(error, httpx.HTTPError | ConnectionError | TimeoutError)
    if isinstance(error, OSError) and not of_network and "files" in send.request.options:
        raise InvalidRequestError(f"the file to be sent cannot be read: {error}", field="file") from error
    if not isinstance(error, httpx.HTTPError | OSError):
        raise ConfigurationError(f"the HTTP client cannot be used here: {error}") from error
    timed_out = isinstance(error, httpx.TimeoutException | TimeoutError)
    what = "no answer in the time allowed" if timed_out else "no complete answer"
    if isinstance(error, _NOT_DELIVERED):
        what = "no connection in the time allowed" if timed_out else "the server cannot be reached"
    detail = f": {error}" if str(error) else ""
    return Broken(f"{what}{detail}", not isinstance(error, _NOT_DELIVERED), timed_out=timed_out, cause=error)
