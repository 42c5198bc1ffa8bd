"""Runs operations of several clients against faults, many at a time, and judges what became of each."""

from __future__ import annotations

import asyncio
import importlib
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any, TypeAlias

import httpx

from benchmarks.faults import FAULTS, TIMEOUT
from benchmarks.faulty_server import CHECKPOINT, CONTENT, FILE, JOBS, Fault, Run, Server
from finetuning_client import AsyncFineTuning, FineTuning, FineTuningError, RetryPolicy

__all__ = ["COUNTS", "OPERATIONS", "Result", "Subject", "official", "ours", "run_all"]

OPERATIONS = ("create", "retrieve", "list", "upload", "cancel", "share")
"""What is tried: creating, reading, listing and cancelling jobs, uploading a file, sharing a checkpoint."""

COUNTS = ("duplicates", "foreign", "wrong", "lost", "leaked", "hung")
"""What is counted; see `Result`."""

Calls: TypeAlias = Mapping[str, Callable[[Any], Any]]

_MODEL = "gpt-4o-mini-2024-07-18"
_PROJECTS = ["proj_a", "proj_b"]
_AT_ONCE = 24
_ATTEMPTS = 3
# Everything here is bounded by a few timeouts; what takes this long would go on for ever.
_HANG = 25.0
_ENDLESS = 4 * len(JOBS)


@dataclass(frozen=True)
class Subject:
    """A client that is tried.

    Attributes:
        name: what it is called.
        make: makes a context manager of one, for a base URL.
        calls: by operation, how it is asked; lists give no more items than `_ENDLESS`.
        errors: the class that all of its errors are promised to be.
        is_async: whether it is awaited.
    """

    name: str
    make: Callable[[str], Any]
    calls: Calls
    errors: type[Exception]
    is_async: bool = False


@dataclass(frozen=True)
class Result:
    """What became of one operation of one client under one fault.

    Attributes:
        text: in a few words.
        duplicates: objects that the server made beyond what was asked for.
        foreign: whether an exception came that is not of the client's own kind.
        wrong: whether something was returned that is not what the server has.
        lost: whether something was made, and the caller got an error that does not say that it may have been.
        leaked: requests that carried the key or a body to another origin.
        hung: whether there was no end to it.
    """

    text: str
    duplicates: int = 0
    foreign: int = 0
    wrong: int = 0
    lost: int = 0
    leaked: int = 0
    hung: int = 0

    @property
    def is_clean(self) -> bool:
        """Whether nothing is to be counted."""
        return not any(getattr(self, name) for name in COUNTS)


Results = dict[tuple[str, str, str], Result]
"""By subject, operation and fault."""


# --- the clients ----------------------------------------------------------------------------


@cache
def _context() -> ssl.SSLContext:
    """One for all, since making it takes longer than most runs."""
    return ssl.create_default_context()


def ours() -> list[Subject]:
    """Both clients of this project."""
    options: dict[str, Any] = {
        "api_key": "sk-secret",
        "admin_key": "sk-admin-secret",
        "timeout": TIMEOUT,
        "retry": RetryPolicy(max_attempts=_ATTEMPTS, initial_delay=0.01, max_delay=0.05, deadline=20),
    }

    @contextmanager
    def blocking(base_url: str) -> Iterator[FineTuning]:
        with httpx.Client(verify=_context(), trust_env=False) as pool:
            yield FineTuning(base_url=base_url, http_client=pool, **options)

    @asynccontextmanager
    async def awaited(base_url: str) -> AsyncIterator[AsyncFineTuning]:
        async with httpx.AsyncClient(verify=_context(), trust_env=False) as pool:
            yield AsyncFineTuning(base_url=base_url, http_client=pool, **options)

    calls: dict[str, Callable[[Any], Any]] = {
        "create": lambda client: client.jobs.create(model=_MODEL, training_file=FILE),
        "retrieve": lambda client: client.jobs.retrieve(JOBS[0]),
        "list": lambda client: _items(client.jobs.list(page_size=2)),
        "upload": lambda client: client.files.upload(CONTENT, filename="train.jsonl"),
        "cancel": lambda client: client.jobs.cancel(JOBS[0]),
        "share": lambda client: client.checkpoints.permissions.create(CHECKPOINT, _PROJECTS),
    }
    later = {**calls, "list": lambda client: _items_async(client.jobs.list(page_size=2))}
    return [
        Subject("ours", blocking, calls, FineTuningError),
        Subject("ours, async", awaited, later, FineTuningError, is_async=True),
    ]


def official() -> list[Subject]:
    """Both clients of the vendor's `openai` package, with its own retries. Raises `ImportError`."""
    openai = importlib.import_module("openai")
    pool: dict[str, Any] = {"verify": _context(), "trust_env": False}
    options: dict[str, Any] = {
        "api_key": "sk-secret",
        "admin_api_key": "sk-admin-secret",
        "timeout": TIMEOUT,
        "max_retries": _ATTEMPTS - 1,
    }

    def blocking(base_url: str) -> Any:
        return openai.OpenAI(base_url=base_url, http_client=openai.DefaultHttpxClient(**pool), **options)

    def awaited(base_url: str) -> Any:
        http = openai.DefaultAsyncHttpxClient(**pool)
        return openai.AsyncOpenAI(base_url=base_url, http_client=http, **options)

    sent = ("train.jsonl", CONTENT)
    calls: dict[str, Callable[[Any], Any]] = {
        "create": lambda client: client.fine_tuning.jobs.create(model=_MODEL, training_file=FILE),
        "retrieve": lambda client: client.fine_tuning.jobs.retrieve(JOBS[0]),
        "list": lambda client: _items(client.fine_tuning.jobs.list(limit=2)),
        "upload": lambda client: client.files.create(file=sent, purpose="fine-tune"),
        "cancel": lambda client: client.fine_tuning.jobs.cancel(JOBS[0]),
        "share": lambda client: client.fine_tuning.checkpoints.permissions.create(
            CHECKPOINT, project_ids=_PROJECTS
        ),
    }
    later = {**calls, "list": lambda client: _items_async(client.fine_tuning.jobs.list(limit=2))}
    return [
        Subject("openai", blocking, calls, openai.OpenAIError),
        Subject("openai, async", awaited, later, openai.OpenAIError, is_async=True),
    ]


def _items(pager: Any) -> list[Any]:
    return list(islice(pager, _ENDLESS))


async def _items_async(pager: Any) -> list[Any]:
    found: list[Any] = []
    async for item in pager:
        found.append(item)
        if len(found) == _ENDLESS:
            break
    return found


# --- the runs -------------------------------------------------------------------------------


def run_all(
    subjects: Sequence[Subject], operations: Iterable[str] = OPERATIONS, faults: Iterable[Fault] | None = None
) -> Results:
    """Run each operation of each subject under each fault that concerns it, and judge it."""
    chosen = [fault for group in FAULTS.values() for fault in group] if faults is None else list(faults)
    cases = [
        (subject, operation, fault)
        for fault in chosen
        for operation in operations
        for subject in subjects
        if not fault.operations or operation in fault.operations
    ]
    with Server() as server:
        blocking = [case for case in cases if not case[0].is_async]
        with ThreadPoolExecutor(_AT_ONCE + 1) as threads:
            awaited = threads.submit(
                lambda: asyncio.run(_all_awaited(server, [case for case in cases if case[0].is_async]))
            )
            judged = list(threads.map(lambda case: _blocking(server, *case), blocking))
            results = dict(zip(map(_key, blocking), judged, strict=True))
            return {**results, **awaited.result()}


def _key(case: tuple[Subject, str, Fault]) -> tuple[str, str, str]:
    subject, operation, fault = case
    return subject.name, operation, fault.name


def _blocking(server: Server, subject: Subject, operation: str, fault: Fault) -> Result:
    run = server.open(fault, operation)
    started = time.monotonic()
    result: Any
    with subject.make(run.base_url) as client:
        try:
            result = subject.calls[operation](client)
        except Exception as error:  # noqa: BLE001  which ones come is what is to be found out
            result = error
    seconds = time.monotonic() - started
    while run.to_come:
        time.sleep(0.05)
    return _judged(run, subject, result, seconds)


async def _all_awaited(server: Server, cases: Sequence[tuple[Subject, str, Fault]]) -> Results:
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(subject: Subject, operation: str, fault: Fault) -> Result:
        async with places:
            return await _awaited(server, subject, operation, fault)

    judged = await asyncio.gather(*(one(*case) for case in cases))
    return dict(zip(map(_key, cases), judged, strict=True))


async def _awaited(server: Server, subject: Subject, operation: str, fault: Fault) -> Result:
    run = server.open(fault, operation)
    started = time.monotonic()
    result: Any
    async with subject.make(run.base_url) as client:
        call: Awaitable[Any] = subject.calls[operation](client)
        try:
            result = await asyncio.wait_for(call, 2 * _HANG)
        except Exception as error:  # noqa: BLE001  which ones come is what is to be found out
            result = error
    seconds = time.monotonic() - started
    while run.to_come:  # noqa: ASYNC110  what is waited for happens in another thread
        await asyncio.sleep(0.05)
    return _judged(run, subject, result, seconds)


# --- the judgement --------------------------------------------------------------------------


def _judged(run: Run, subject: Subject, result: Any, seconds: float) -> Result:
    made = len(run.made)
    asked_for = len(_PROJECTS) if run.operation == "share" else 1
    duplicates = max(made - asked_for, 0)
    foreign = wrong = lost = 0
    if isinstance(result, Exception):
        told = getattr(result, "may_exist", None) is True
        foreign = int(not isinstance(result, subject.errors))
        lost = int(made > 0 and not told)
        text = type(result).__name__ + " of another library" * foreign
        text += ", which says that it may have been made" * told + ", silent on what was made" * lost
    else:
        text = _trouble(run, result)
        wrong = int(bool(text))
        text = text or "right"
    if duplicates:
        text += f", {made} made" + (f" instead of {asked_for}" if asked_for > 1 else "")
    if run.leaked:
        text += ", sent elsewhere"
    hung = int(seconds > _HANG or (isinstance(result, list) and len(result) >= _ENDLESS))
    return Result("no end" if hung else text, duplicates, foreign, wrong, lost, run.leaked, hung)


def _trouble(run: Run, result: Any) -> str:
    """What is wrong with something that was returned, or nothing."""
    try:
        match run.operation:
            case "list":
                shown = [_id_of(item) for item in result]
                return _compared(shown, JOBS[: run.fault.items])
            case "share":
                found = [(item.id, item.project_id) for item in getattr(result, "data", result)]
                there = [(item["id"], item["project_id"]) for item in run.permissions]
                good = set(found) <= set(there) and {project for _, project in found} == set(_PROJECTS)
                return "" if good else f"wrong: {_kind(result)}"
            case "create" | "upload":
                return "" if _id_of(result) in run.made else f"wrong: {_kind(result)}"
            case _:
                return "" if _id_of(result) == JOBS[0] else f"wrong: {_kind(result)}"
    except AttributeError:
        return f"wrong: {_kind(result)}"
    except Exception as error:  # noqa: BLE001  likewise
        return f"wrong: {type(error).__name__} when it is read"


def _id_of(item: Any) -> str:
    """The item's id, once everything else of it could be read as well."""
    if hasattr(item, "training_file"):
        _ = item.status, item.created_at, item.finished_at, item.error, repr(item)
    return str(item.id)


def _compared(shown: list[str], there: list[str]) -> str:
    if sorted(shown) == sorted(there):
        return ""
    missing, repeated = len(set(there) - set(shown)), len(shown) - len(set(shown))
    faults = [f"{missing} missing"] * bool(missing) + [f"{repeated} repeated"] * bool(repeated)
    return "wrong: " + (", ".join(faults) or "other items")


def _kind(result: Any) -> str:
    if isinstance(result, str):
        return "a text"
    kind = type(result).__name__
    if hasattr(result, "id"):
        return f"{kind} {result.id!r}"
    return f"{kind} without an id"
