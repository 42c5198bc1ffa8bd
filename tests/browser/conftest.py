"""Fixtures for the tests of HTML pages: a browser, and the pages. Skips where no browser is installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from finetuning_client import FineTuning, Supervised
from finetuning_client.results import compare
from finetuning_emulator import Emulator

from .chromium import NAMES, Chromium, browser, executable


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """A headless Chromium."""
    if executable() is None:
        pytest.skip(f"no browser is installed: looked for {', '.join(NAMES)}")
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="session")
def axe(repository: Path) -> str:
    """The source code of axe-core."""
    path = repository / ".build" / "browser" / "node_modules" / "axe-core" / "axe.min.js"
    if not path.exists():
        pytest.skip("axe-core is not installed: run `make browser`")
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> dict[str, Path]:
    """A report of a job that overfits, and a comparison of it with a shorter one."""
    directory = tmp_path_factory.mktemp("pages")
    data = repository / "examples" / "data"
    with (
        Emulator(speed=float("inf")) as emulator,
        FineTuning(base_url=emulator.base_url, api_key="x") as client,
    ):
        jobs = [
            client.jobs.create(
                model="gpt-4o-mini-2024-07-18",
                training_file=data / "support_triage_train.jsonl",
                validation_file=data / "support_triage_valid.jsonl",
                method=Supervised(n_epochs=epochs),
                suffix=f"triage-{epochs}",
                seed=7,
            ).wait()
            for epochs in (8, 2)
        ]
        return {
            "report": jobs[0].report(directory / "report.html"),
            "comparison": compare(jobs).report(directory / "comparison.html"),
        }
