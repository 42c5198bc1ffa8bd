"""Fixtures for all tests, and the check of every emulator's responses against the contract."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from .contract_checker import Contract, checking_responses

# The same examples on every run, and no deadline, so that a busy machine does not fail a test.
settings.register_profile("project", derandomize=True, deadline=None)
settings.load_profile("project")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session", autouse=True)
def _violations(repository: Path) -> Iterator[list[str]]:
    """Responses of emulators in this process that break the contract."""
    with checking_responses(Contract(repository / "openapi.yaml")) as violations:
        yield violations


@pytest.fixture(autouse=True)
def _responses_match_the_contract(request: pytest.FixtureRequest, _violations: list[str]) -> Iterator[None]:
    """Fail a test in which an emulator broke the contract, unless it is marked `off_contract`."""
    _violations.clear()
    yield
    if request.node.get_closest_marker("off_contract") is None:
        assert not _violations
