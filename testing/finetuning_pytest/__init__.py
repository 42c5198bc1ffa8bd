"""Pytest plugin: the fixtures `fine_tuning_emulator` and `fine_tuning`.

Every pytest run in an environment with this distribution loads the plugin, so it imports nothing
until a test uses a fixture.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from finetuning_client import FineTuning
    from finetuning_emulator import Emulator

__all__ = ["fine_tuning", "fine_tuning_emulator", "pytest_configure"]

_MARKER = "fine_tuning_emulator"


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        f"{_MARKER}(speed=inf, ...): arguments for the Emulator behind this test's fixtures",
    )


@pytest.fixture
def fine_tuning_emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """An emulator of the fine-tuning API, served on this machine, new for each test.

    Its speed is infinite, so jobs have finished before they are first read. The marker
    `@pytest.mark.fine_tuning_emulator(speed=0)` passes it other arguments.
    """
    try:
        from finetuning_emulator import Emulator
    except ImportError as error:
        pytest.fail(str(error))
    arguments: dict[str, Any] = {"speed": float("inf")}
    if (marker := request.node.get_closest_marker(_MARKER)) is not None:
        arguments |= marker.kwargs
    with Emulator(**arguments) as emulator:
        yield emulator


@pytest.fixture
def fine_tuning(fine_tuning_emulator: Emulator) -> Iterator[FineTuning]:
    """A client of the test's emulator, with an admin key and short pauses between attempts."""
    import httpx

    from finetuning_client import FineTuning, RetryPolicy

    # There is no TLS on loopback, and loading certificates would take longer than the test. A proxy from
    # the environment could not reach this machine.
    with (
        httpx.Client(verify=False, trust_env=False) as pool,  # noqa: S501
        FineTuning(
            base_url=fine_tuning_emulator.base_url,
            api_key="sk-emulator",
            admin_key="sk-admin-emulator",
            retry=RetryPolicy(initial_delay=0.01),
            http_client=pool,
        ) as client,
    ):
        yield client
