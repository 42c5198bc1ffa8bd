"""Clients that are tested: both of this project, and both of the vendor's `openai` package."""

from __future__ import annotations

import importlib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

from finetuning_client import AsyncFineTuning, FineTuning, FineTuningError, RetryPolicy

from .behaviours import TIMEOUT
from .service import CHECKPOINT, CONTENT, FILE, JOBS

__all__ = ["ATTEMPTS", "ENDLESS", "OPERATIONS", "PROJECTS", "Client", "official", "ours", "tls_context"]

OPERATIONS = ("create", "retrieve", "list", "upload", "cancel", "share")
"""The tested operations: create, retrieve, list and cancel jobs, upload a file, share a checkpoint."""

PROJECTS = ["proj_a", "proj_b"]
"""The projects that `share` shares a checkpoint with: the number of permissions that one call creates."""

ATTEMPTS = 3
"""How often each client sends a request before it gives up."""

ENDLESS = 4 * len(JOBS)
"""How many items of a list are read: far more than there are, so a list of this length has no end."""

_MODEL = "gpt-4o-mini-2024-07-18"


@dataclass(frozen=True)
class Client:
    """A client that is tested.

    Attributes:
        name: its name on the page.
        open: returns a context manager of a client for a base URL.
        calls: by operation, the call; lists return at most `ENDLESS` items.
        error: the base class that the client documents for its errors.
        is_async: whether its calls are awaited.
    """

    name: str
    open: Callable[[str], Any]
    calls: Mapping[str, Callable[[Any], Any]]
    error: type[Exception]
    is_async: bool = False


@cache
def tls_context() -> ssl.SSLContext:
    """Return one context for all clients: creating it takes longer than most runs."""
    return ssl.create_default_context()


def ours() -> list[Client]:
    """Return both clients of this project."""
    options: dict[str, Any] = {
        "api_key": "sk-secret",
        "admin_key": "sk-admin-secret",
        "timeout": TIMEOUT,
        "retry": RetryPolicy(max_attempts=ATTEMPTS, initial_delay=0.01, max_delay=0.05, deadline=20),
    }

    def blocking(base_url: str) -> FineTuning:
        return FineTuning(base_url=base_url, **options)

    def awaited(base_url: str) -> AsyncFineTuning:
        return AsyncFineTuning(base_url=base_url, **options)

    calls: dict[str, Callable[[Any], Any]] = {
        "create": lambda client: client.jobs.create(model=_MODEL, training_file=FILE),
        "retrieve": lambda client: client.jobs.retrieve(JOBS[0]),
        "list": lambda client: _items(client.jobs.list(page_size=2)),
        "upload": lambda client: client.files.upload(CONTENT, filename="train.jsonl"),
        "cancel": lambda client: client.jobs.cancel(JOBS[0]),
        "share": lambda client: client.checkpoints.permissions.create(CHECKPOINT, PROJECTS),
    }
    async_calls = {**calls, "list": lambda client: _items_async(client.jobs.list(page_size=2))}
    return [
        Client("ours", blocking, calls, FineTuningError),
        Client("ours, async", awaited, async_calls, FineTuningError, is_async=True),
    ]


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
    }
    async_calls = {**calls, "list": lambda client: _items_async(client.fine_tuning.jobs.list(limit=2))}
    return [
        Client("openai", blocking, calls, openai.OpenAIError),
        Client("openai, async", awaited, async_calls, openai.OpenAIError, is_async=True),
    ]


def _items(pager: Any) -> list[Any]:
    return list(islice(pager, ENDLESS))


async def _items_async(pager: Any) -> list[Any]:
    items: list[Any] = []
    async for item in pager:
        items.append(item)
        if len(items) == ENDLESS:
            break
    return items
