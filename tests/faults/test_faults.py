"""Calls of both clients under every fault of the catalogue give a correct result or a documented error."""

from __future__ import annotations

import random
from functools import cache

import pytest

from .catalogue import FAULTS
from .clients import ATTEMPTS, OPERATIONS, ours, patient
from .combinations import COMBINATIONS
from .judgement import COUNTS
from .runs import Results, catalogued, run_all
from .scale import IS_WHOLE

# Refusals: the server requests a delay that is too long, or no further request.
_REFUSALS = ("429, `Retry-After: 3600`", "500, `x-should-retry: false`")
_SAMPLE = 80


@cache
def results() -> Results:
    """Results of all runs, which are made once and in parallel, since most of their time is waiting."""
    late = [case for case in catalogued(ours()) if case.fault.is_late]
    return run_all(late + [case for case in catalogued(ours(leaping=True)) if not case.fault.is_late])


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("client", [client.name for client in ours()])
def test_every_fault_ends_in_a_correct_result_or_a_documented_error(client: str, operation: str) -> None:
    """No fault causes duplicates, foreign exceptions, wrong results, lost objects, leaked keys, or hangs."""
    found = {fault: r for (c, o, fault), r in results().items() if (c, o) == (client, operation)}
    assert len(found) > 140
    bad = {fault: result.text for fault, result in found.items() if not result.is_clean}
    assert bad == {}, f"of {', '.join(COUNTS)}"


def test_both_clients_have_the_same_results() -> None:
    """The result of a fault is the same for the blocking and the async client."""
    found = results()
    blocking, awaited = (client.name for client in ours())
    different = {
        (operation, fault): (result.text, found[awaited, operation, fault].text)
        for (client, operation, fault), result in found.items()
        if client == blocking and result != found[awaited, operation, fault]
    }
    assert different == {}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_redirects_within_the_origin_are_followed(operation: str) -> None:
    """A 301, 302, 307 or 308 to another URL of the origin leads to the correct result."""
    statuses = {
        fault.split()[0]: result.text
        for (client, o, fault), result in results().items()
        if (client, o) == ("ours", operation) and "within the origin" in fault and not fault.startswith("303")
    }
    assert statuses == dict.fromkeys(("301", "302", "307", "308"), "correct")


@pytest.mark.parametrize("client", [client.name for client in ours()])
def test_every_single_fault_ends_in_success(client: str) -> None:
    """This holds if the server works again after the fault, which is neither a refusal nor a redirect."""
    names = {
        fault.name
        for title, group in FAULTS.items()
        for fault in group
        if title != "Redirects" and fault.times == 1 and not fault.refused and fault.name not in _REFUSALS
    }
    found = {(o, f): r.text for (c, o, f), r in results().items() if c == client and f in names}
    assert len(found) > 700
    assert {key: text for key, text in found.items() if text != "correct"} == {}


@pytest.mark.parametrize("name", COMBINATIONS)
def test_combinations_of_faults_end_in_a_correct_result_or_a_documented_error(name: str) -> None:
    """They end in success wherever the client can know that the operation succeeded."""
    # One attempt more than usual, in case one times out on a busy machine.
    cases = list(COMBINATIONS[name](patient(ATTEMPTS + 1)))
    if not IS_WHOLE:
        cases = random.Random(7).sample(cases, min(_SAMPLE, len(cases)))
    found = run_all(cases)
    bad = {key: result.text for key, result in found.items() if not result.is_clean}
    assert bad == {}, f"of {', '.join(COUNTS)}"
    unexpected = {
        key: result.text
        for key, result in found.items()
        if result.text != "correct" and key[1] != "parts" and not key[2].startswith("no metadata")
    }
    assert unexpected == {}
