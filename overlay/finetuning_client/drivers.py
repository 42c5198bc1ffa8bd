"""The two drivers: each runs a plan by doing what it yields, one by blocking, the other by awaiting.

A driver closes the plan it runs whatever happens, so that a plan's `finally` has run before an interrupt or a
cancellation reaches the caller. This is the one place that turns the HTTP library's exceptions into outcomes.
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

from .credentials import Signer
from .errors import ConfigurationError, FineTuningError, InvalidRequestError
from .observation import Observer
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
    Together,
    Work,
)
from .target import Target

__all__ = ["AsyncClock", "AsyncDriver", "Clock", "Driver"]

T = TypeVar("T")

_FAILURES = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, RuntimeError)
# JSON answers are far smaller; what is larger is not the service, and would fill the memory.
_LARGEST_BODY = 64 * 1024 * 1024
_LARGEST_ERROR_BODY = 1024 * 1024
_MOST_REDIRECTS = 5
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
        except _FAILURES as error:
            outcome = _broken(error, send, self.http.is_closed)
        self.observer.done(send.request, outcome, self.clock.time() - started)
        return outcome

    def _exchange(self, send: Send) -> Answer:
        hops = _hops(self.http, self.target, send)
        request = next(hops)
        auth = self.target.credentials.signer(admin=send.request.admin)
        while True:
            response = self.http.send(request, auth=auth, stream=True, follow_redirects=False)
            with closing(response):
                body = _Body(response, send, auth)
                for piece in response.iter_bytes():
                    if body.add(piece):
                        break
            try:
                request = hops.send(body.answer())
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
        except _FAILURES as error:
            outcome = _broken(error, send, self.http.is_closed)
        self.observer.done(send.request, outcome, self.clock.time() - started)
        return outcome

    async def _exchange(self, send: Send) -> Answer:
        hops = _hops(self.http, self.target, send)
        request = next(hops)
        auth = self.target.credentials.signer(admin=send.request.admin)
        while True:
            response = await self.http.send(request, auth=auth, stream=True, follow_redirects=False)
            try:
                body = _Body(response, send, auth)
                async for piece in response.aiter_bytes():
                    if body.add(piece):
                        break
            finally:
                await response.aclose()
            try:
                request = hops.send(body.answer())
            except StopIteration as stop:
                answer: Answer = stop.value
                return answer


class _Body:
    """Where the pieces of a body go: to the sink of the request, or into memory up to a bound."""

    def __init__(self, response: httpx.Response, send: Send, signer: Signer) -> None:
        self._response = response
        self._signer = signer
        self._sink = send.sink if response.is_success else None
        self._pieces: list[bytes] = []
        self._room = _LARGEST_BODY if response.is_success else _LARGEST_ERROR_BODY
        if self._sink is not None:
            self._sink.begin(self.answer())

    def add(self, piece: bytes) -> bool:
        """Take a piece; tell whether that was enough."""
        if self._sink is not None:
            self._sink.write(piece)
            return False
        self._pieces.append(piece[: max(self._room, 0)])
        self._room -= len(piece)
        return self._room < 0

    def answer(self) -> Answer:
        """The answer, with what was taken so far."""
        response, body = self._response, b"".join(self._pieces)
        if not response.is_success:
            body = self._signer.conceal(body, response.request)
        return Answer(response.status_code, response.headers, body, is_cut=self._room < 0)


def _hops(
    http: httpx.Client | httpx.AsyncClient, target: Target, send: Send
) -> Generator[httpx.Request, Answer, Answer]:
    """The requests of one exchange: the first, and those that redirects within the origin lead to.

    A redirect to another origin is an answer like any other: the key and the body would go along.
    """
    options = target.options(send)
    seen = set()
    while True:
        seen.add(options["url"])
        answer = yield _built(http, send, options)
        following = target.redirect(options["url"], answer)
        if following is None or following in seen or len(seen) > _MOST_REDIRECTS:
            return answer
        # The address is whole: the parameters are in it, or are not wanted.
        options.pop("params", None)
        options["url"] = following


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


def _built(http: httpx.Client | httpx.AsyncClient, send: Send, options: dict[str, Any]) -> httpx.Request:
    try:
        return http.build_request(**options)
    except (TypeError, ValueError, httpx.InvalidURL) as error:
        raise InvalidRequestError(f"{send.request}: cannot be written as a request: {error}") from error


def _bare(error: Exception) -> None:
    """Take the traces off an exception of the HTTP library: the variables in their frames hold the key."""
    link: BaseException | None = error
    while link is not None:
        link.__traceback__ = None
        link = link.__cause__ or link.__context__


def _broken(error: Exception, send: Send, is_closed: bool) -> Broken:
    _bare(error)
    if is_closed:
        raise ConfigurationError("the client is closed: make another, or use it inside its `with`") from error
    if isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError):
        raise ConfigurationError(f"the request cannot be sent: {error}") from error
    of_network = isinstance(error, httpx.HTTPError | ConnectionError | TimeoutError)
    if isinstance(error, OSError) and not of_network and "files" in send.request.options:
        raise InvalidRequestError(f"the file to be sent cannot be read: {error}", field="file") from error
    # An address that is none can only be that of a redirect by now.
    if not isinstance(error, httpx.HTTPError | httpx.InvalidURL | OSError):
        raise ConfigurationError(f"the HTTP client cannot be used here: {error}") from error
    timed_out = isinstance(error, httpx.TimeoutException | TimeoutError)
    what = "no answer in the time allowed" if timed_out else "no complete answer"
    if isinstance(error, _NOT_DELIVERED):
        what = "no connection in the time allowed" if timed_out else "the server cannot be reached"
    detail = f": {error}" if str(error) else ""
    return Broken(f"{what}{detail}", not isinstance(error, _NOT_DELIVERED), timed_out=timed_out, cause=error)
