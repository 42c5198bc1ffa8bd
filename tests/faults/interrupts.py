"""Interrupts of a call at seeded places: at any line of Python code that it runs."""

from __future__ import annotations

import asyncio
import gc
import random
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any, Self

import httpx

from .clients import Client, jobs_of, tls_context
from .server import NO_FAULT, Server
from .service import JOBS

__all__ = ["Interrupts", "interrupt_at_random"]

_OPERATIONS = ("retrieve", "list", "create", "upload", "content")
_MOST_SECONDS = 2.0
# Longer than any timeout of the clients.
_LONGEST = 10.0
_PACKAGES = ("finetuning_", "openai", "httpx", "httpcore", "h11")


@dataclass
class Interrupts:
    """Results of interrupts.

    Attributes:
        interrupted: the number of calls that were interrupted.
        foreign: the number of calls that raised another exception instead.
        dead: how many were followed by a call that failed, or that got the response of another call.
        slow: how many reached the caller only after 2 seconds of processor time.
    """

    interrupted: int = 0
    foreign: int = 0
    dead: int = 0
    slow: int = 0


class _Tracer:
    """Interrupts a call at a line like Ctrl-C, or counts its lines."""

    def __init__(self, line: int = 0, *, is_async: bool) -> None:
        self._line = line
        self._is_async = is_async
        self.lines = 0
        self.seconds = 0.0

    def __call__(self, frame: FrameType, event: str, _: object) -> Any:
        # The interpreter discards an interrupt that is raised while it frees an object.
        if frame.f_code.co_name == "__del__" or (self._is_async and not _is_of_call(frame)):
            return None
        if event == "line":
            self.lines += 1
            if self.lines == self._line:
                sys.settrace(None)
                self.seconds = time.process_time()
                signal.raise_signal(signal.SIGINT)
        return self


def _is_of_call(frame: FrameType) -> bool:
    """Return whether a frame belongs to the call, not to the event loop, which could not continue."""
    return str(frame.f_globals.get("__name__")).startswith(_PACKAGES)


def interrupt_at_random(server: Server, client: Client, count: int, *, seed: int = 7) -> Interrupts:
    """Interrupt `count` calls of a client with a pool of two connections; make another call after each."""
    rng = random.Random(seed)
    found = Interrupts()
    is_async = client.is_async
    with warnings.catch_warnings(), _interruptible(), _Caller(server, client) as call:
        # The garbage collector closes objects that had no owner yet when the interrupt was raised.
        warnings.simplefilter("ignore")
        lengths = {name: _lines_of(call, name, is_async=is_async) for name in _OPERATIONS}
        for number in range(count):
            name = _OPERATIONS[number % len(_OPERATIONS)]
            tracer = _Tracer(rng.randrange(1, lengths[name]), is_async=is_async)
            try:
                _traced(tracer, call, name)
            except (KeyboardInterrupt, asyncio.CancelledError):
                found.interrupted += 1
                found.slow += time.process_time() - tracer.seconds > _MOST_SECONDS
            except Exception:  # noqa: BLE001  the call of the tracer may also fail
                found.foreign += 1
            job_id = JOBS[number % len(JOBS)]
            try:
                found.dead += call("retrieve", job_id).id != job_id
            except Exception:  # noqa: BLE001  after any exception the client is unusable
                found.dead += 1
                call.renew()
        gc.collect()
    return found


def _traced(tracer: _Tracer, call: Callable[..., Any], name: str) -> None:
    sys.settrace(tracer)
    try:
        call(name)
    finally:
        sys.settrace(None)


def _lines_of(call: Callable[..., Any], name: str, *, is_async: bool) -> int:
    call(name)
    tracer = _Tracer(is_async=is_async)
    _traced(tracer, call, name)
    return tracer.lines


class _Hung(Exception):
    """Raised in a call that does not end, for example one that waits for a lock that was never released."""


@contextmanager
def _ending() -> Iterator[None]:
    """Raise `_Hung` if the block does not end."""

    def end(*_: object) -> None:
        raise _Hung

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, _LONGEST)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Handle SIGINT, which background processes of a shell ignore."""
    assert threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class _Caller:
    """Makes calls by name on a pool of two connections; given a job id, it retrieves that job."""

    def __init__(self, server: Server, client: Client) -> None:
        self._run = server.open(NO_FAULT, "none")
        self._run.kept = 20
        self._client = client
        self._loop = asyncio.Runner()
        self.renew()

    def renew(self) -> None:
        """Replace the pool."""
        kind = httpx.AsyncClient if self._client.is_async else httpx.Client
        limits = httpx.Limits(max_connections=2)
        self._http: Any = kind(verify=tls_context(), trust_env=False, limits=limits)
        self._opened = self._client.on_pool(self._run.base_url, self._http)

    def __call__(self, name: str, *ids: str) -> Any:
        with _ending():
            if self._client.is_async:
                return self._loop.run(self._call_async(name, *ids))
            return self._call(name, *ids)

    def _call(self, name: str, *ids: str) -> Any:
        return jobs_of(self._opened).retrieve(*ids) if ids else self._client.calls[name](self._opened)

    async def _call_async(self, name: str, *ids: str) -> Any:
        return await self._call(name, *ids)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._client.is_async:
            self._loop.run(self._http.aclose())
        else:
            self._http.close()
        self._loop.close()
