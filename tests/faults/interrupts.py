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
from typing import Any

import httpx

from finetuning_client import AsyncFineTuning, FineTuning, RetryPolicy

from .clients import ours, tls_context
from .server import NO_FAULT, Run, Server
from .service import JOBS

__all__ = ["Interrupts", "interrupt_at_random"]

_OPERATIONS = ("retrieve", "list", "create", "upload", "content")
_MOST_SECONDS = 2.0


@dataclass
class Interrupts:
    """Results of interrupts.

    Attributes:
        struck: the number of calls that were interrupted.
        dead: how many were followed by a call that failed, or whose response was not its own.
        slow: how many reached the caller only after 2 seconds of processor time.
    """

    struck: int = 0
    dead: int = 0
    slow: int = 0


class _Tracer:
    """Presses Ctrl-C at a line; counts the lines."""

    def __init__(self, line: int = 0, *, is_async: bool) -> None:
        self._line = line
        self._is_async = is_async
        self.lines = 0
        self.seconds = 0.0

    def __call__(self, frame: FrameType, event: str, _: object) -> Any:
        # The interpreter loses an interrupt that strikes while it frees an object.
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
    """Return whether code belongs to a call, and not to the event loop, which could not continue."""
    return str(frame.f_globals.get("__name__")).startswith(("finetuning_", "httpx", "httpcore", "h11"))


def interrupt_at_random(server: Server, count: int, *, is_async: bool, seed: int = 7) -> Interrupts:
    """Interrupt `count` calls of a client with a pool of two connections; make another after each."""
    rng = random.Random(seed)
    found = Interrupts()
    with warnings.catch_warnings(), _interruptible(), _calling(server, is_async=is_async) as (run, call):
        # What was not yet owned by anything when an interrupt struck is left to the garbage collector.
        warnings.simplefilter("ignore")
        run.kept = 20
        lengths = {name: _lines_of(call, name, is_async=is_async) for name in _OPERATIONS}
        for number in range(count):
            name = _OPERATIONS[number % len(_OPERATIONS)]
            tracer = _Tracer(rng.randrange(1, lengths[name]), is_async=is_async)
            try:
                _traced(tracer, call, name)
            except (KeyboardInterrupt, asyncio.CancelledError):
                found.struck += 1
                found.slow += time.process_time() - tracer.seconds > _MOST_SECONDS
            job_id = JOBS[number % len(JOBS)]
            try:
                found.dead += call("retrieve", job_id).id != job_id
            except Exception:  # noqa: BLE001  whatever it is, the client is of no use any more
                found.dead += 1
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


@contextmanager
def _interruptible() -> Iterator[None]:
    """Handle SIGINT, which a shell has its background processes ignore."""
    assert threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _calling(server: Server, *, is_async: bool) -> Iterator[tuple[Run, Callable[..., Any]]]:
    """Yield a run, and a function that makes a call by its name; a further argument is the id of a job."""
    run = server.open(NO_FAULT, "none")
    options: dict[str, Any] = {"api_key": "sk-secret", "retry": RetryPolicy(max_attempts=1), "timeout": 5}
    pool: dict[str, Any] = {
        "verify": tls_context(),
        "trust_env": False,
        "limits": httpx.Limits(max_connections=2),
    }
    if not is_async:
        with httpx.Client(**pool) as http:
            client = FineTuning(base_url=run.base_url, http_client=http, **options)
            calls = ours()[0].calls
            yield run, lambda name, *ids: client.jobs.retrieve(*ids) if ids else calls[name](client)
        return
    with asyncio.Runner() as runner:
        async_http = httpx.AsyncClient(**pool)
        async_client = AsyncFineTuning(base_url=run.base_url, http_client=async_http, **options)
        async_calls = ours()[1].calls

        async def call(name: str, *ids: str) -> Any:
            return await (async_client.jobs.retrieve(*ids) if ids else async_calls[name](async_client))

        yield run, lambda name, *ids: runner.run(call(name, *ids))
        runner.run(async_http.aclose())
