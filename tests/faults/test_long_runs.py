"""Long runs of both clients: cancellations, interrupts, crowds, mutations, and hours of following.

Each is a short, seeded share of the full run of `make soak`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from .cancellation import BACKENDS, OPERATIONS, cancel_everywhere
from .clients import Client, ours, patient
from .crowds import Crowd, fork_children, random_requests, share_among_threads
from .following import follow_jobs
from .interrupts import interrupt_at_random
from .mutations import mutated_bodies, mutated_inputs
from .scale import scaled
from .server import Server

_KINDS = ("sync", "async")
# Memory that Python's allocator may keep; a kilobyte leaked per request would take more in 10,000 requests.
_MEMORY = 6 * 1024 * 1024


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """The server of all runs."""
    with Server() as running:
        yield running


def patient_client(kind: str) -> Client:
    """Return a client that makes many attempts, and whose pauses take no time."""
    return patient()[kind == "async"]


# Trio warns of the generator of a request body that the HTTP library leaves to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("backend", BACKENDS)
def test_cancellation_at_any_step_has_no_consequences(server: Server, backend: str, operation: str) -> None:
    """The caller gets the cancellation, and no connection, repeated request or file is left behind."""
    found = cancel_everywhere(backend, operation, server, every=scaled(1, 5))
    assert found.steps
    assert found.failures == 0, found


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("kind", _KINDS)
def test_call_after_an_interrupt_works(server: Server, kind: str) -> None:
    """All connections of the pool are usable again, at whatever line the call was interrupted."""
    count = scaled(500, 30)
    found = interrupt_at_random(server, ours()[kind == "async"], count)
    assert found.interrupted > 0.9 * count
    assert (found.foreign, found.dead, found.slow) == (0, 0, 0)


@pytest.mark.parametrize("kind", _KINDS)
def test_threads_that_share_a_client_get_their_own_jobs(server: Server, kind: str) -> None:
    """32 threads or tasks create jobs under random faults."""
    calls = scaled(20, 2)
    found = share_among_threads(server, patient_client(kind), 32, calls)
    assert found == Crowd(calls=32 * calls)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize("kind", _KINDS)
def test_forked_children_get_their_own_jobs(server: Server, kind: str) -> None:
    """Eight children of a process whose client is in use create jobs at the same time."""
    calls = scaled(50, 5)
    found = fork_children(server, patient_client(kind).name, 8, calls)
    assert found == Crowd(calls=8 * calls)


@pytest.mark.parametrize("kind", _KINDS)
def test_memory_and_descriptors_stay_flat_under_random_faults(server: Server, kind: str) -> None:
    """A quarter of the requests fails in random ways; every call succeeds."""
    found = random_requests(server, patient_client(kind), scaled(10_000, 300))
    assert (found.wrong, found.foreign, found.raised, found.descriptors) == (0, 0, 0, 0)
    assert found.memory < _MEMORY


def test_mutated_bodies_are_read_or_refused() -> None:
    """Both clients, and the functions that read the bodies, raise only documented errors."""
    assert mutated_bodies(scaled(300_000, 2000))


def test_mutated_webhooks_cursors_and_result_files_are_read_or_refused() -> None:
    """A webhook that was changed after it was signed is always refused."""
    assert mutated_inputs(scaled(200_000, 2000))


@pytest.mark.parametrize("kind", _KINDS)
def test_every_event_of_many_jobs_is_yielded_once(kind: str) -> None:
    """The jobs take simulated hours, while a tenth of the requests fails."""
    found = follow_jobs(scaled(200, 20), scaled(24, 3), is_async=kind == "async")
    assert found.published > found.jobs
    assert (found.missing, found.repeated, found.out_of_order) == (0, 0, 0)
