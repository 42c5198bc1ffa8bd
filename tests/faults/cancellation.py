"""Cancellation of an operation at each of its steps, on asyncio and on trio.

A step is a suspension of the call. After each cancellation another call is made on the same pool, which has a
single connection: if it had leaked, the call would never get a response.
"""

from __future__ import annotations

import asyncio
import tempfile
import types
from collections.abc import Awaitable, Callable, Coroutine, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import trio

from finetuning_client import AsyncFineTuning

from .clients import Client, jobs_of, ours, tls_context
from .judgement import requested_objects
from .server import NO_FAULT, Server
from .service import FILE, JOBS

__all__ = ["BACKENDS", "OPERATIONS", "Cancellations", "cancel_everywhere"]

Call = Callable[[Any, Path], Awaitable[Any]]
_DEADLINE = 10.0
_MOST_STEPS = 2000


def _lab_calls(client: Client) -> dict[str, Call]:
    def without_path(call: Callable[[Any], Any]) -> Call:
        return lambda opened, _: call(opened)

    return {name: without_path(call) for name, call in client.calls.items()}


async def _follow(client: AsyncFineTuning) -> None:
    job = await client.jobs.retrieve(JOBS[0])
    async for _ in job.follow(poll_interval=0.001):
        pass


OPERATIONS: dict[str, Call] = {
    **_lab_calls(ours()[1]),
    "follow": lambda client, _: _follow(client),
    "delete": lambda client, _: client.files.delete(FILE),
    "download": lambda client, path: client.files.download(FILE, path / "result.csv"),
    "wait for several": lambda client, _: client.jobs.wait_all(JOBS[:2], poll_interval=0.001),
}
"""The operations to cancel on our client, by name; the path is a directory to write to."""


@dataclass
class Cancellations:
    """Results of the cancellations of an operation.

    Attributes:
        steps: the number of steps at which it was cancelled.
        lost: how many cancellations did not reach the caller.
        dead: how many left a pool on which the next call failed.
        repeated: how many objects were created in addition to those requested.
        left: how many incomplete files were left behind.
    """

    steps: int = 0
    lost: int = 0
    dead: int = 0
    repeated: int = 0
    left: int = 0

    @property
    def failures(self) -> int:
        """The total number of bad consequences."""
        return self.lost + self.dead + self.repeated + self.left


@types.coroutine
def _counted(coroutine: Coroutine[Any, Any, Any], suspended: Callable[[], None]) -> Generator[Any, Any, Any]:
    """Run a coroutine, and call `suspended` whenever it suspends."""
    reply: Any = None
    error: BaseException | None = None
    while True:
        try:
            request = coroutine.send(reply) if error is None else coroutine.throw(error)
        except StopIteration as stop:
            return stop.value
        suspended()
        error = None
        try:
            reply = yield request
        except BaseException as raised:  # noqa: BLE001  passed on to the coroutine
            error = raised


class _Countdown:
    """Calls `cancel` at step number `step`."""

    def __init__(self, step: int) -> None:
        self.left = step
        self.cancel: Callable[[], object] = int

    def __call__(self) -> None:
        self.left -= 1
        if self.left == 0:
            self.cancel()


async def _as_coroutine(call: Awaitable[Any]) -> Any:
    return await call


async def _cancel_asyncio(call: Awaitable[Any], step: int) -> tuple[bool, bool]:
    """Cancel a call at a step; return whether it reached the step, and whether the caller was notified."""
    countdown = _Countdown(step)

    async def run() -> None:
        await _counted(_as_coroutine(call), countdown)

    task = asyncio.ensure_future(run())
    countdown.cancel = task.cancel
    done, _ = await asyncio.wait([task], timeout=_DEADLINE)
    if not done or countdown.left > 0:
        return countdown.left <= 0, False
    return True, task.cancelled()


async def _cancel_trio(call: Awaitable[Any], step: int) -> tuple[bool, bool]:
    """Cancel a call at a step; return whether it reached the step, and whether the caller was notified."""
    countdown = _Countdown(step)
    try:
        with trio.CancelScope() as scope, trio.fail_after(_DEADLINE):
            countdown.cancel = scope.cancel
            await _counted(_as_coroutine(call), countdown)
    except Exception:  # noqa: BLE001  an error instead of the cancellation, or no end
        return countdown.left <= 0, False
    # In this library a call that is cancelled at its last step may also return its result.
    return countdown.left <= 0, True


async def _in_time_asyncio(call: Awaitable[Any]) -> Any:
    return await asyncio.wait_for(_as_coroutine(call), _DEADLINE)


async def _in_time_trio(call: Awaitable[Any]) -> Any:
    with trio.fail_after(_DEADLINE):
        return await call


BACKENDS: dict[str, tuple[Any, Any, Any]] = {
    "asyncio": (lambda main: asyncio.run(main()), _cancel_asyncio, _in_time_asyncio),
    "trio": (trio.run, _cancel_trio, _in_time_trio),
}
"""The event loops: how each runs a main function, cancels a call, and limits one in time."""


def cancel_everywhere(
    backend: str, name: str, server: Server, every: int = 1, *, client: Client | None = None
) -> Cancellations:
    """Cancel an operation at every step, or at every `every`-th step, until it ends before the step.

    `client` is an asynchronous client, by default that of this project.
    """
    client = client or ours()[1]
    call = {**OPERATIONS, **_lab_calls(client)}[name]
    run_main, cancel, in_time = BACKENDS[backend]
    found = Cancellations()

    async def main() -> None:
        http = _pool()
        for step in range(1, _MOST_STEPS, every):
            run = server.open(NO_FAULT, "wait")
            opened = client.on_pool(run.base_url, http)
            with tempfile.TemporaryDirectory() as directory:
                reached, reported = await cancel(call(opened, Path(directory)), step)
                found.left += reached and _hidden_files(directory)
            if not reached:
                break
            found.steps += 1
            found.lost += not reported
            found.repeated += max(len(run.created) - requested_objects(name), 0)
            try:
                job = await in_time(jobs_of(opened).retrieve(JOBS[1]))
                found.dead += job.id != JOBS[1]
            except Exception:  # noqa: BLE001  after any exception the pool is unusable
                found.dead += 1
                http = _pool()
        await http.aclose()

    run_main(main)
    return found


def _pool() -> httpx.AsyncClient:
    return httpx.AsyncClient(
        verify=tls_context(), trust_env=False, timeout=5, limits=httpx.Limits(max_connections=1)
    )


def _hidden_files(directory: str) -> int:
    return len(list(Path(directory).glob(".*")))
