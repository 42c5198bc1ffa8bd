"""The clients under test: both of this project, and both of the vendor's `openai` package."""

from __future__ import annotations

import asyncio
import importlib
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from finetuning_client import AsyncFineTuning, FineTuning, FineTuningError, RetryPolicy

from .behaviours import TIMEOUT
from .service import CHECKPOINT, CONTENT, FILE, JOBS

__all__ = [
    "ATTEMPTS",
    "ENDLESS",
    "OPERATIONS",
    "PROJECTS",
    "SEQUENCES",
    "Client",
    "jobs_of",
    "official",
    "ours",
    "patient",
    "tls_context",
]

OPERATIONS = ("create", "retrieve", "list", "upload", "cancel", "share")
"""The tested operations: create, retrieve, list and cancel jobs, upload a file, share a checkpoint."""

SEQUENCES = {"submit": 3, "parts": 4, "content": 1, "wait": 4, "list": 4}
"""The operations that make several requests, with the number of requests: upload a file and create a job with
it, upload in parts, read a file, wait for a job that ends soon, and list four pages."""

PROJECTS = ["proj_a", "proj_b"]
"""The projects with which `share` shares a checkpoint; one call creates a permission for each."""

ATTEMPTS = 3
"""Number of times that each client sends a request before it gives up."""

ENDLESS = 4 * len(JOBS)
"""Maximum number of items to read of a list: far more than exist, so a longer list is endless."""

_DEADLINE = 20.0
# Timeout of clients in tests of connections, not of timeouts.
_PATIENCE = httpx.Timeout(5.0, pool=1.0)
_NO_DEADLINE = 1e6
_MODEL = "gpt-4o-mini-2024-07-18"
_DIRECTORIES: list[TemporaryDirectory[str]] = []


@dataclass(frozen=True)
class Client:
    """A client under test.

    Attributes:
        name: its name on the page.
        open: returns a context manager of a client for a base URL.
        calls: by operation, the call; lists return at most `ENDLESS` items.
        error: the base class that the client documents for its errors.
        is_async: whether its calls are awaited.
        on_pool: returns a client for a base URL on a pool of httpx, which sends each request once.
    """

    name: str
    open: Callable[[str], Any]
    calls: Mapping[str, Callable[[Any], Any]]
    error: type[Exception]
    is_async: bool = False
    on_pool: Callable[[str, Any], Any] = field(kw_only=True)


def jobs_of(client: Any) -> Any:
    """Return the resource of the jobs of a client of either project."""
    return getattr(client, "fine_tuning", client).jobs


@cache
def tls_context() -> ssl.SSLContext:
    """Return one context for all clients: creating it takes longer than most runs."""
    return ssl.create_default_context()


class LeapingClock:
    """A clock that skips pauses: it returns the real time plus the skipped time."""

    def __init__(self) -> None:
        self._leapt = 0.0

    def time(self) -> float:
        """Return the time in Unix seconds."""
        return time.time() + self._leapt

    def sleep(self, seconds: float) -> None:
        """Skip the pause."""
        self._leapt += seconds


class AsyncLeapingClock(LeapingClock):
    """`LeapingClock` for asynchronous clients."""

    async def sleep(self, seconds: float) -> None:  # type: ignore[override]
        """Skip the pause."""
        LeapingClock.sleep(self, seconds)
        await asyncio.sleep(0)


def ours(*, attempts: int = ATTEMPTS, leaping: bool = False, deadline: float = _DEADLINE) -> list[Client]:
    """Return both clients of this project; with `leaping`, their pauses take no time."""
    options: dict[str, Any] = {
        "api_key": "sk-secret",
        "admin_key": "sk-admin-secret",
        "timeout": TIMEOUT,
        "retry": RetryPolicy(max_attempts=attempts, initial_delay=0.01, max_delay=0.05, deadline=deadline),
    }

    def blocking(base_url: str) -> FineTuning:
        clock = LeapingClock() if leaping else None
        return FineTuning(base_url=base_url, clock=clock, **options)

    def awaited(base_url: str) -> AsyncFineTuning:
        clock = AsyncLeapingClock() if leaping else None
        return AsyncFineTuning(base_url=base_url, clock=clock, **options)

    def on_pool(kind: type[Any]) -> Callable[[str, Any], Any]:
        once = {**options, "retry": RetryPolicy(max_attempts=1), "timeout": _PATIENCE}
        return lambda base_url, http: kind(base_url=base_url, http_client=http, **once)

    calls: dict[str, Callable[[Any], Any]] = {
        "create": lambda client: client.jobs.create(model=_MODEL, training_file=FILE),
        "retrieve": lambda client: client.jobs.retrieve(JOBS[0]),
        "list": lambda client: _items(client.jobs.list(page_size=2)),
        "upload": lambda client: client.files.upload(CONTENT, filename="train.jsonl"),
        "cancel": lambda client: client.jobs.cancel(JOBS[0]),
        "share": lambda client: client.checkpoints.permissions.create(CHECKPOINT, PROJECTS),
        "submit": lambda client: client.jobs.create(
            model=_MODEL, training_file=_training_file(), check=False
        ),
        "parts": _upload_in_parts,
        "content": lambda client: client.files.content(FILE),
        "wait": lambda client: client.jobs.retrieve(JOBS[0]).wait(poll_interval=0.01),
    }
    async_calls = {
        **calls,
        "list": lambda client: _items_async(client.jobs.list(page_size=2)),
        "parts": _upload_in_parts_async,
        "wait": _wait_async,
    }
    return [
        Client("ours", blocking, calls, FineTuningError, on_pool=on_pool(FineTuning)),
        Client(
            "ours, async",
            awaited,
            async_calls,
            FineTuningError,
            is_async=True,
            on_pool=on_pool(AsyncFineTuning),
        ),
    ]


def patient(attempts: int = 12) -> list[Client]:
    """Return both clients of this project with the settings of long runs: their pauses take no time."""
    return ours(attempts=attempts, leaping=True, deadline=_NO_DEADLINE)


def official() -> list[Client]:
    """Return both clients of the `openai` package, with its own retries. Raises `ImportError`."""
    openai = importlib.import_module("openai")
    pool: dict[str, Any] = {"verify": tls_context(), "trust_env": False}
    options: dict[str, Any] = {
        "api_key": "sk-secret",
        "admin_api_key": "sk-admin-secret",
        "timeout": TIMEOUT,
        "max_retries": ATTEMPTS - 1,
    }

    def blocking(base_url: str) -> Any:
        return openai.OpenAI(base_url=base_url, http_client=openai.DefaultHttpxClient(**pool), **options)

    def awaited(base_url: str) -> Any:
        http = openai.DefaultAsyncHttpxClient(**pool)
        return openai.AsyncOpenAI(base_url=base_url, http_client=http, **options)

    def on_pool(kind: type[Any]) -> Callable[[str, Any], Any]:
        once = {**options, "max_retries": 0, "timeout": _PATIENCE}
        return lambda base_url, http: kind(base_url=base_url, http_client=http, **once)

    file = ("train.jsonl", CONTENT)
    calls: dict[str, Callable[[Any], Any]] = {
        "create": lambda client: client.fine_tuning.jobs.create(model=_MODEL, training_file=FILE),
        "retrieve": lambda client: client.fine_tuning.jobs.retrieve(JOBS[0]),
        "list": lambda client: _items(client.fine_tuning.jobs.list(limit=2)),
        "upload": lambda client: client.files.create(file=file, purpose="fine-tune"),
        "cancel": lambda client: client.fine_tuning.jobs.cancel(JOBS[0]),
        "share": lambda client: client.fine_tuning.checkpoints.permissions.create(
            CHECKPOINT, project_ids=PROJECTS
        ),
        "content": lambda client: client.files.content(FILE),
    }
    async_calls = {**calls, "list": lambda client: _items_async(client.fine_tuning.jobs.list(limit=2))}
    return [
        Client("openai", blocking, calls, openai.OpenAIError, on_pool=on_pool(openai.OpenAI)),
        Client(
            "openai, async",
            awaited,
            async_calls,
            openai.OpenAIError,
            is_async=True,
            on_pool=on_pool(openai.AsyncOpenAI),
        ),
    ]


@cache
def _training_file() -> Path:
    """Return a file that exists until the program ends."""
    directory = TemporaryDirectory()
    _DIRECTORIES.append(directory)
    path = Path(directory.name) / "train.jsonl"
    path.write_bytes(CONTENT)
    return path


def _upload_in_parts(client: Any) -> Any:
    size = 2 * len(CONTENT)
    upload = client.uploads.create(filename="train.jsonl", bytes=size)
    parts = [client.uploads.add_part(upload.id, CONTENT) for _ in range(2)]
    return client.uploads.complete(upload.id, [part.id for part in parts])


async def _upload_in_parts_async(client: Any) -> Any:
    size = 2 * len(CONTENT)
    upload = await client.uploads.create(filename="train.jsonl", bytes=size)
    parts = [await client.uploads.add_part(upload.id, CONTENT) for _ in range(2)]
    return await client.uploads.complete(upload.id, [part.id for part in parts])


async def _wait_async(client: Any) -> Any:
    return await (await client.jobs.retrieve(JOBS[0])).wait(poll_interval=0.01)


def _items(pager: Any) -> list[Any]:
    return list(islice(pager, ENDLESS))


async def _items_async(pager: Any) -> list[Any]:
    items: list[Any] = []
    async for item in pager:
        items.append(item)
        if len(items) == ENDLESS:
            break
    return items
