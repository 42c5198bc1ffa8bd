"""Both clients under every fault of the catalogue: calls end in a correct result or a documented error."""

from __future__ import annotations

from functools import cache

import pytest

from .clients import OPERATIONS, ours
from .judgement import COUNTS
from .runs import Results, run_all


@cache
def results() -> Results:
    """Return all runs, which are made once and together: most of their time is spent waiting."""
    return run_all(ours())


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
