"""An emulated project with jobs of every method and outcome, and clients with a fixed clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from finetuning_client import DPO, FineTuning, Reinforcement, Supervised
from finetuning_emulator import Emulator

from ..training_files import CHAT_MODEL, GRADER, REASONING_MODEL, examples

ADMIN = "sk-admin-test"


class StillClock:
    """A clock that only `sleep` moves."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def time(self) -> float:
        """Return the time in Unix seconds."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Move the clock."""
        self.now += seconds


class AsyncStillClock(StillClock):
    """The same clock for an event loop."""

    async def sleep(self, seconds: float) -> None:  # type: ignore[override]
        """Move the clock."""
        StillClock.sleep(self, seconds)


def fill(client: FineTuning, supervised: int = 3) -> list[str]:
    """Create jobs of every method, on shared files, one failed, one that waits; return their ids."""
    files = {name: client.files.upload(examples(name)).id for name in ("supervised", "dpo", "reinforcement")}
    deleted = client.files.upload(examples("supervised", 12), filename="gone.jsonl").id
    short: dict[str, Any] = {"n_epochs": 2}
    jobs = [
        client.jobs.create(
            model=CHAT_MODEL,
            training_file=files["supervised"],
            validation_file=deleted if number == 1 else None,
            method=Supervised(**short),
            suffix=f"number {number}",
            metadata={"team": "nlp" if number % 2 else "search"},
        )
        for number in range(supervised)
    ]
    jobs += [
        client.jobs.create(model=CHAT_MODEL, training_file=files["dpo"], method=DPO(**short, beta=0.2)),
        client.jobs.create(
            model=REASONING_MODEL,
            training_file=files["reinforcement"],
            method=Reinforcement(grader=GRADER, **short),
        ),
        client.jobs.create(
            model=CHAT_MODEL, training_file=files["supervised"], metadata={"emulator.fail_at_step": "3"}
        ),
        client.jobs.create(
            model=CHAT_MODEL, training_file=files["supervised"], metadata={"emulator.stay_queued": "true"}
        ),
    ]
    shared = jobs[0].retrieve().fine_tuned_model
    assert shared
    client.checkpoints.permissions.create(shared, ["proj_a", "proj_b"])
    client.files.delete(deleted)
    return [str(job.id) for job in jobs]


@pytest.fixture(scope="module")
def project() -> Iterator[Emulator]:
    """An emulator with jobs that tests only read."""
    with Emulator(speed=float("inf")) as emulator:
        with FineTuning(base_url=emulator.base_url, api_key="sk-test", admin_key=ADMIN) as client:
            fill(client)
        yield emulator


@pytest.fixture
def requests() -> list[str]:
    """The requests that clients of `connect` have sent."""
    return []


@pytest.fixture
def connect(requests: list[str]) -> Iterator[Callable[..., FineTuning]]:
    """A function that makes a client of an emulator; the client's clock stands still."""
    clients: list[FineTuning] = []

    def make(emulator: Emulator, **options: Any) -> FineTuning:
        options = {"api_key": "sk-test", "admin_key": ADMIN, "clock": StillClock(), **options}
        client = FineTuning(
            base_url=emulator.base_url,
            on_request=lambda request: requests.append(f"{request} {request.options.get('params')}"),
            **options,
        )
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def client(project: Emulator, connect: Callable[..., FineTuning]) -> FineTuning:
    """A client of the project."""
    return connect(project)


@pytest.fixture(scope="module")
def saved(project: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete archive of the project; tests that change it take a copy."""
    directory = tmp_path_factory.mktemp("saved") / "archive"
    options: dict[str, Any] = {"admin_key": ADMIN, "clock": StillClock()}
    with FineTuning(base_url=project.base_url, api_key="sk-test", **options) as client:
        client.archive(directory)
    return directory


def contents(directory: Path) -> dict[str, bytes]:
    """Return the content of every file in a directory, by path."""
    paths = (path for path in directory.rglob("*") if path.is_file())
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in paths}
