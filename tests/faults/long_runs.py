"""The long runs of the page: each gives a row of amounts and counted failures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .cancellation import BACKENDS, OPERATIONS, cancel_everywhere
from .clients import Client, official, ours, patient
from .crowds import Crowd, fork_children, random_requests, share_among_threads
from .following import follow_jobs
from .interrupts import interrupt_at_random
from .mutations import mutated_bodies, mutated_inputs
from .scale import scaled
from .server import Server

__all__ = ["Row", "long_runs"]

_MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Row:
    """One long run.

    Attributes:
        name: a short description of the run.
        client: the client.
        amount: the number of calls, requests or other units.
        failures: counts of failures by name; all should be 0.
        measured: other measurements.
    """

    name: str
    client: str
    amount: str
    failures: dict[str, int]
    measured: str = ""


def long_runs() -> Iterator[Row]:
    """Make the long runs, one after another."""
    clients = patient()
    with Server() as server:
        yield from _cancellations(server)
        yield from _interrupts(server)
        yield from _crowds(server, clients)
    yield Row(
        "mutated bodies", "both of ours", f"{mutated_bodies(scaled(300_000, 2000)):,}", {"unexpected": 0}
    )
    inputs = mutated_inputs(scaled(200_000, 2000))
    yield Row("mutated webhooks, cursors, result files", "both of ours", f"{inputs:,}", {"unexpected": 0})
    for client in clients:
        found = follow_jobs(scaled(200, 20), scaled(24, 3), is_async=client.is_async)
        amount = f"{found.jobs} jobs, {found.hours:g} h, {found.published:,} events"
        failures = {name: getattr(found, name) for name in ("missing", "repeated", "out_of_order")}
        yield Row(
            "following for simulated hours", client.name, amount, failures, f"{found.requests:,} requests"
        )


def _cancellations(server: Server) -> Iterator[Row]:
    theirs = official()[1]
    for client, names in ((ours()[1], OPERATIONS), (theirs, theirs.calls)):
        for backend in BACKENDS:
            every = scaled(1, 5)
            found = [cancel_everywhere(backend, name, server, every, client=client) for name in names]
            amount = f"{sum(one.steps for one in found)} steps of {len(found)} operations"
            failures = {
                "not delivered": sum(one.lost for one in found),
                "connections leaked": sum(one.dead for one in found),
                "repeated": sum(one.repeated for one in found),
                "files left": sum(one.left for one in found),
            }
            yield Row(f"cancellation at every step, on {backend}", client.name, amount, failures)


def _interrupts(server: Server) -> Iterator[Row]:
    for client in [*ours(), *official()]:
        found = interrupt_at_random(server, client, scaled(500, 30))
        failures = {"other exceptions": found.foreign, "next call failed": found.dead, "slow": found.slow}
        yield Row("interrupts at any line", client.name, str(found.interrupted), failures)


def _crowds(server: Server, clients: Sequence[Client]) -> Iterator[Row]:
    for client in [*clients, *official()]:
        calls = scaled(20, 2)
        found = share_among_threads(server, client, 32, calls)
        name = "32 tasks on one client, random faults" if client.is_async else "32 threads, random faults"
        yield Row(name, client.name, f"{32 * calls} creates", _failures(found), f"{found.raised} errors")
    for name in (*(client.name for client in clients), "openai"):
        calls = scaled(50, 5)
        found = fork_children(server, name, 8, calls)
        yield Row("8 forked children", name, f"{found.calls} creates", _failures(found))
    for client in clients:
        number = scaled(10_000, 300)
        found = random_requests(server, client, number)
        measured = f"memory grew by {max(found.memory, 0) / _MEGABYTE:.1f} MB in the second half"
        failures = {**_failures(found), "descriptors left": found.descriptors}
        yield Row("requests under random faults", client.name, f"{number:,} requests", failures, measured)


def _failures(found: Crowd) -> dict[str, int]:
    return {"duplicates": found.duplicates, "foreign": found.foreign, "not its own": found.wrong}
