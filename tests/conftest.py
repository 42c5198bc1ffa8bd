"""What every layer's tests may ask for, and what watches over all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from .judge import Contract, judging

# The same examples on every run, and no verdict that depends on how busy the machine is.
settings.register_profile("project", derandomize=True, deadline=None)
settings.load_profile("project")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session", autouse=True)
def _complaints(repository: Path) -> Iterator[list[str]]:
    """Answers of emulators in this process that the contract does not document."""
    with judging(Contract(repository / "openapi.yaml")) as complaints:
        yield complaints


@pytest.fixture(autouse=True)
def _answers_keep_the_contract(request: pytest.FixtureRequest, _complaints: list[str]) -> Iterator[None]:
    """Fail a test in which an emulator broke the contract, but for those marked `off_contract`."""
    _complaints.clear()
    yield
    if request.node.get_closest_marker("off_contract") is None:
        assert not _complaints
