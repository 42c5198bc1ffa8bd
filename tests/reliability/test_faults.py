"""Both clients under every fault of `benchmarks/faults.py`: nothing twice, lost, wrong or foreign."""

from __future__ import annotations

from functools import cache

import pytest

from benchmarks.fault_runs import COUNTS, OPERATIONS, Results, ours, run_all


@cache
def results() -> Results:
    """Every run, made once for all tests here: most of the time passes in waiting, and that at once."""
    return run_all(ours())


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("client", [subject.name for subject in ours()])
def test_every_fault_ends_right_or_in_an_error_of_ours(client: str, operation: str) -> None:
    """No duplicates, foreign exceptions, wrong results, lost objects, keys elsewhere, or hangs."""
    found = {fault: r for (c, o, fault), r in results().items() if (c, o) == (client, operation)}
    assert len(found) > 140
    bad = {fault: result.text for fault, result in found.items() if not result.is_clean}
    assert bad == {}, f"of {', '.join(COUNTS)}"


def test_both_clients_do_the_same() -> None:
    """What became of a fault does not depend on whether the client is awaited."""
    found = results()
    sync, awaited = (subject.name for subject in ours())
    differing = {
        (operation, fault): (result.text, found[awaited, operation, fault].text)
        for (client, operation, fault), result in found.items()
        if client == sync and result != found[awaited, operation, fault]
    }
    assert differing == {}
