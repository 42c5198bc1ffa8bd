"""Crowds: many threads with one client, forked processes, and many thousand requests, under random faults."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import random
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any
from unittest import mock

import httpx

from .behaviours import at_once, cut, error, html, in_body, reply
from .clients import Client, jobs_of, tls_context
from .server import Behaviour, Exchange, Fault, Run, Server, body_of, encode
from .service import CONTENT, FILE, JOBS, RESULTS

__all__ = ["Crowd", "fork_children", "random_requests", "share_among_threads"]

_MODEL = "gpt-4o-mini-2024-07-18"
_SHARE_OF_FAULTS = 0.25
# Much longer than a server on a busy machine takes to close its side of a connection.
_SETTLING = 0.5
_RANDOM: tuple[Behaviour, ...] = (
    cut(at_once, Exchange.reset, processed=False),
    cut(at_once, Exchange.close),
    cut(in_body, Exchange.reset),
    error(500),
    error(503, processed=True),
    error(429),
    html(502),
    html(),
    reply(body=lambda _: b""),
)


@dataclass
class Crowd:
    """Results of many calls.

    Attributes:
        calls: their number.
        wrong: how many returned an object of another call.
        foreign: how many raised an exception from another library.
        raised: how many raised a documented error.
        duplicates: how many objects were created twice.
        memory: bytes by which the process grew in the second half of the calls.
        descriptors: file descriptors that were left open.
    """

    calls: int = 0
    wrong: int = 0
    foreign: int = 0
    raised: int = 0
    duplicates: int = 0
    memory: int = 0
    descriptors: int = 0


def _random_fault(seed: int) -> Fault:
    rng = random.Random(seed)

    async def behave(exchange: Exchange) -> None:
        if rng.random() < _SHARE_OF_FAULTS:
            await rng.choice(_RANDOM)(exchange)
            return
        status, value = await exchange.process()
        await exchange.write(encode(status, body_of(value)))

    return Fault("random", behave, places=range(1, 10**9))


def share_among_threads(server: Server, client: Client, threads: int, calls: int) -> Crowd:
    """Create jobs in many threads or tasks with one client; each must get its own job."""
    run = server.open(_random_fault(3), "create")
    names = [[f"file-{number}-{turn}" for turn in range(calls)] for number in range(threads)]

    async def work_together() -> list[list[Any]]:
        async with client.open(run.base_url) as opened:
            return await asyncio.gather(*(_create_async(opened, files) for files in names))

    with mock.patch.object(httpx, "create_ssl_context", tls_context):
        if client.is_async:
            outcomes = asyncio.run(work_together())
        else:
            with client.open(run.base_url) as opened, ThreadPoolExecutor(threads) as pool:
                outcomes = list(pool.map(lambda files: _create(opened, files), names))
    found = Crowd(calls=threads * calls)
    for outcome, file in zip(chain(*outcomes), chain(*names), strict=True):
        if isinstance(outcome, Exception):
            is_documented = isinstance(outcome, client.error)
            found.raised += is_documented
            found.foreign += not is_documented
        else:
            found.wrong += getattr(outcome, "training_file", None) != file
    created = set(run.created)
    made = Counter(job["training_file"] for job in run.jobs if job["id"] in created)
    found.duplicates = sum(number - 1 for number in made.values())
    return found


def _create(client: Any, files: Sequence[str]) -> list[Any]:
    """Create a job for each file; return the jobs and the exceptions."""
    jobs = jobs_of(client)
    outcomes: list[Any] = []
    for file in files:
        try:
            outcomes.append(jobs.create(model=_MODEL, training_file=file))
        except Exception as raised:  # noqa: BLE001  its class is part of the result
            outcomes.append(raised)
    return outcomes


async def _create_async(client: Any, files: Sequence[str]) -> list[Any]:
    """`_create` for an asynchronous client."""
    jobs = jobs_of(client)
    outcomes: list[Any] = []
    for file in files:
        try:
            outcomes.append(await jobs.create(model=_MODEL, training_file=file))
        except Exception as raised:  # noqa: BLE001  its class is part of the result
            outcomes.append(raised)
    return outcomes


_CHILD = Path(__file__).with_name("forked_children.py")


def fork_children(server: Server, client: str, children: int, calls: int) -> Crowd:
    """Fork children of a process whose client is in use; each child must get the jobs that it creates."""
    run = server.open(Fault("none", _RANDOM[0], times=0), "create")
    command = [sys.executable, str(_CHILD), client, run.base_url, str(children), str(calls)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    wrong, foreign = json.loads(done.stdout)
    # The parent creates a job too, on a connection that could be shared.
    duplicates = max(len(run.created) - children * calls - (client != "ours, async"), 0)
    return Crowd(calls=children * calls, wrong=wrong, foreign=foreign, duplicates=duplicates)


_CALLS: dict[str, Callable[[Any], Any]] = {
    "create": lambda client: client.jobs.create(model=_MODEL, training_file=FILE),
    "upload": lambda client: client.files.upload(CONTENT, filename="train.jsonl"),
    "retrieve": lambda client: client.jobs.retrieve(JOBS[0]),
    "content": lambda client: client.files.content(FILE),
}


def random_requests(server: Server, client: Client, requests: int, *, at_once: int = 8) -> Crowd:
    """Make calls until the server has had this many requests, a quarter of which fail; compare the halves."""
    run = server.open(_random_fault(5), "create")
    run.kept = 20
    found = Crowd()
    with mock.patch.object(httpx, "create_ssl_context", tls_context):
        before = _settled_descriptors()
        if client.is_async:
            asyncio.run(_request_async(run, client, requests, at_once, found))
        else:
            _request(run, client, requests, at_once, found)
        gc.collect()
        found.descriptors = max(_settled_descriptors(before) - before, 0)
    return found


def _request(run: Run, client: Client, requests: int, at_once: int, found: Crowd) -> None:
    def work(opened: Any, seed: int, limit: int) -> None:
        rng = random.Random(seed)
        # Calls that fail before they send anything must not go on for ever.
        while run.all_requests < limit and found.calls < limit:
            name = rng.choice(list(_CALLS))
            try:
                _judge(found, client, name, _CALLS[name](opened))
            except Exception as raised:  # noqa: BLE001  its class is part of the result
                _judge(found, client, name, raised)
            del run.created[:-100]

    with client.open(run.base_url) as opened, ThreadPoolExecutor(at_once) as pool:
        list(pool.map(lambda seed: work(opened, seed, requests // 2), range(at_once)))
        half = _memory()
        list(pool.map(lambda seed: work(opened, seed, requests), range(at_once)))
        found.memory = _memory() - half


async def _request_async(run: Run, client: Client, requests: int, at_once: int, found: Crowd) -> None:
    async def work(opened: Any, seed: int, limit: int) -> None:
        rng = random.Random(seed)
        # Calls that fail before they send anything must not go on for ever.
        while run.all_requests < limit and found.calls < limit:
            name = rng.choice(list(_CALLS))
            call: Awaitable[Any] = _CALLS[name](opened)
            try:
                _judge(found, client, name, await call)
            except Exception as raised:  # noqa: BLE001  its class is part of the result
                _judge(found, client, name, raised)
            del run.created[:-100]

    async with client.open(run.base_url) as opened:
        await asyncio.gather(*(work(opened, seed, requests // 2) for seed in range(at_once)))
        half = _memory()
        await asyncio.gather(*(work(opened, seed, requests) for seed in range(at_once)))
        found.memory = _memory() - half


def _judge(found: Crowd, client: Client, name: str, outcome: Any) -> None:
    found.calls += 1
    if isinstance(outcome, Exception):
        found.foreign += not isinstance(outcome, client.error)
        found.raised += isinstance(outcome, client.error)
    elif name == "retrieve":
        found.wrong += outcome.id != JOBS[0]
    elif name == "content":
        # If two downloads give an empty file, the client accepts it as empty.
        found.wrong += outcome not in (RESULTS, b"")


def _memory() -> int:
    gc.collect()
    pages = Path("/proc/self/statm")
    if pages.exists():
        return int(pages.read_text().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _settled_descriptors(expected: int = 0) -> int:
    """Count the open file descriptors once they are as few as expected, or no fewer than a moment ago.

    The server runs in this process, and closes its side of a connection only after the client has.
    """
    last = len(os.listdir("/dev/fd"))  # noqa: PTH208  not a directory of files
    while last > expected:
        time.sleep(_SETTLING)
        now = len(os.listdir("/dev/fd"))  # noqa: PTH208
        if now >= last:
            return now
        last = now
    return last
