"""CPU time of requests, in sequence and at once, compared with the HTTP library and the official client."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import openai

from benchmarks.comparison import Comparison, at_most_times
from benchmarks.job_server import JOB, serve_job
from finetuning_client import AsyncFineTuning, FineTuning

__all__ = ["comparisons"]

_SEQUENTIAL = 20
_AT_ONCE = 1_000
# The number of connections of an httpx client. With more requests at a time, its pool scans all waiting
# requests for each response, which takes ten times as long.
_CONNECTIONS = 100
_KEY = "sk-bench-0123456789"
_OURS, _HTTPX, _OPENAI = "finetuning_client", "httpx get and json()", "openai"
_IN_TURNS = f"{_HTTPX}, {_CONNECTIONS} at a time"


def comparisons() -> Iterator[Comparison]:
    """Measure one retrieve, and a thousand at once."""
    with ExitStack() as stack:
        base_url = stack.enter_context(serve_job())
        url = f"{base_url}/fine_tuning/jobs/{JOB}"
        ours = stack.enter_context(FineTuning(api_key=_KEY, base_url=base_url))
        peer = stack.enter_context(httpx.Client(headers={"authorization": f"Bearer {_KEY}"}))
        official = stack.enter_context(openai.OpenAI(api_key=_KEY, base_url=base_url))
        yield Comparison(
            title=f"CPU time to retrieve a job {_SEQUENTIAL} times",
            rivals={
                _OURS: _repeated(lambda: ours.jobs.retrieve(JOB)),
                _HTTPX: _repeated(lambda: peer.get(url).json()),
                _OPENAI: _repeated(lambda: official.fine_tuning.jobs.retrieve(JOB)),
            },
            rounds=101,
            aims=(at_most_times(_OURS, 1.2, _HTTPX), at_most_times(_OURS, 0.65, _OPENAI)),
        )
        yield Comparison(
            title=f"CPU time to retrieve a job {_AT_ONCE:,} times at once",
            rivals={
                _OURS: lambda: asyncio.run(_ours_at_once(base_url)),
                _IN_TURNS: lambda: asyncio.run(_httpx_at_once(url)),
                _OPENAI: lambda: asyncio.run(_openai_at_once(base_url)),
            },
            rounds=3,
            aims=(at_most_times(_OURS, 1.1, _IN_TURNS), at_most_times(_OURS, 0.8, _OPENAI)),
            warm_up=False,
        )


def _repeated(call: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        for _ in range(_SEQUENTIAL):
            call()

    return run


async def _at_once(call: Callable[[], Coroutine[Any, Any, object]]) -> None:
    await asyncio.gather(*(call() for _ in range(_AT_ONCE)))


async def _ours_at_once(base_url: str) -> None:
    async with AsyncFineTuning(api_key=_KEY, base_url=base_url) as client:
        await _at_once(lambda: client.jobs.retrieve(JOB))


async def _httpx_at_once(url: str) -> None:
    turns = asyncio.Semaphore(_CONNECTIONS)
    headers = {"authorization": f"Bearer {_KEY}"}
    async with httpx.AsyncClient(headers=headers, timeout=None) as client:  # noqa: S113  a busy machine

        async def get() -> object:
            async with turns:
                return (await client.get(url)).json()

        await _at_once(get)


async def _openai_at_once(base_url: str) -> None:
    async with openai.AsyncOpenAI(api_key=_KEY, base_url=base_url, timeout=None) as client:
        await _at_once(lambda: client.fine_tuning.jobs.retrieve(JOB))
