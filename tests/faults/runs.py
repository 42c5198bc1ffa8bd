"""Runs: call the operations of several clients under faults, many at a time, and judge each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from unittest import mock

import httpx

from .catalogue import FAULTS
from .clients import OPERATIONS, Client, tls_context
from .judgement import HANG, Result, judge
from .server import Fault, Server

__all__ = ["Case", "Results", "catalogued", "run_all"]

Results = dict[tuple[str, str, str], Result]
"""The results by name of the client, operation, and name of the fault."""

_AT_ONCE = 24
_PENDING_INTERVAL = 0.05


@dataclass(frozen=True)
class Case:
    """One operation of one client under one fault."""

    client: Client
    operation: str
    fault: Fault

    @property
    def key(self) -> tuple[str, str, str]:
        """The name of the case in the results."""
        return self.client.name, self.operation, self.fault.name


def catalogued(clients: Sequence[Client]) -> list[Case]:
    """Return each operation of each client under each fault of the catalogue that applies to it."""
    return [
        Case(client, operation, fault)
        for group in FAULTS.values()
        for fault in group
        for operation in fault.operations or OPERATIONS
        for client in clients
    ]


def run_all(cases: Sequence[Case]) -> Results:
    """Run the cases, and return their results."""
    # Created before the threads, each of which would otherwise create its own.
    tls_context()
    blocking = [case for case in cases if not case.client.is_async]
    awaited = [case for case in cases if case.client.is_async]
    with (
        mock.patch.object(httpx, "create_ssl_context", tls_context),
        Server() as server,
        ThreadPoolExecutor(_AT_ONCE + 1) as threads,
    ):
        async_results = threads.submit(lambda: asyncio.run(_run_all_async(server, awaited)))
        results = list(threads.map(lambda case: _run(server, case), blocking))
        results += async_results.result()
    return {case.key: result for case, result in zip(blocking + awaited, results, strict=True)}


def _run(server: Server, case: Case) -> Result:
    run = server.open(case.fault, case.operation)
    started = time.monotonic()
    outcome: Any
    with case.client.open(run.base_url) as client:
        try:
            outcome = case.client.calls[case.operation](client)
        except Exception as error:  # noqa: BLE001  the class of the exception is part of the result
            outcome = error
    seconds = time.monotonic() - started
    while run.pending:
        time.sleep(_PENDING_INTERVAL)
    return judge(run, case.client, outcome, seconds)


async def _run_all_async(server: Server, cases: Sequence[Case]) -> list[Result]:
    limit = asyncio.Semaphore(_AT_ONCE)

    async def one(case: Case) -> Result:
        async with limit:
            return await _run_async(server, case)

    return await asyncio.gather(*(one(case) for case in cases))


async def _run_async(server: Server, case: Case) -> Result:
    run = server.open(case.fault, case.operation)
    started = time.monotonic()
    outcome: Any
    async with case.client.open(run.base_url) as client:
        call: Awaitable[Any] = case.client.calls[case.operation](client)
        try:
            outcome = await asyncio.wait_for(call, 2 * HANG)
        except Exception as error:  # noqa: BLE001  the class of the exception is part of the result
            outcome = error
    seconds = time.monotonic() - started
    while run.pending:  # noqa: ASYNC110  another thread changes it
        await asyncio.sleep(_PENDING_INTERVAL)
    return judge(run, case.client, outcome, seconds)
