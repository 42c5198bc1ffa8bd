"""Curves with seeded noise, and emulated jobs of every method."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from finetuning_client import DPO, FineTuning, Job, MetricRow, Reinforcement, Supervised
from finetuning_client.results import Metrics, Snapshot
from finetuning_client.views import Checkpoint, Event, JobView
from finetuning_emulator import Emulator

from ..training_files import CHAT_MODEL, GRADER, REASONING_MODEL, examples

METHODS = ("supervised", "dpo", "reinforcement")

Course = Callable[[float], float]


def noisy(
    steps: int, *, seed: int = 1, noise: float = 0.1, every: int = 1, **courses: Course
) -> list[MetricRow]:
    """Return rows whose metrics follow functions on 0 to 1, with noise; `full_…` metrics have five epochs."""
    chance = random.Random(seed)
    rows = []
    for step in range(1, steps + 1):
        values: dict[str, Any] = {}
        for name, course in courses.items():
            if name.startswith("full") and step % (steps // 5):
                continue
            if name.startswith("valid") and step % every:
                continue
            spread = 0.1 * noise if name.startswith("full") else noise
            values[name] = course(step / steps) * (1 + spread * chance.gauss(0, 1))
        rows.append(MetricRow(step=step, **values))
    return rows


def snapshot(rows: list[MetricRow] | None = None, **changes: Any) -> Snapshot:
    """Return a snapshot of an ended job with these rows; other keywords change fields of the job."""
    events = [Event(data) for data in changes.pop("events", ())]
    checkpoints = [Checkpoint(data) for data in changes.pop("checkpoints", ())]
    job = {
        "id": "ftjob-1",
        "object": "fine_tuning.job",
        "created_at": 1_700_000_000,
        "finished_at": 1_700_003_600,
        "model": CHAT_MODEL,
        "status": "succeeded",
        "training_file": "file-1",
        "fine_tuned_model": f"ft:{CHAT_MODEL}:org:triage:abc",
        "trained_tokens": 1_000_000,
        "method": {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 3}}},
        **changes,
    }
    return Snapshot.of(JobView(job), metrics=Metrics(rows or []), events=events, checkpoints=checkpoints)


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """An emulator with infinite speed: jobs have ended when they are first read."""
    with Emulator(speed=float("inf")) as running:
        yield running


@pytest.fixture(scope="session")
def client(emulator: Emulator) -> Iterator[FineTuning]:
    """A client of the emulator."""
    with FineTuning(base_url=emulator.base_url, api_key="anything") as opened:
        yield opened


@pytest.fixture(scope="session")
def created(client: FineTuning, repository: Path) -> dict[str, Job]:
    """A job of each method with a validation file, as returned by its creation."""
    files = {}
    for method in METHODS:
        files[method] = client.files.upload(examples(method, 12), filename=f"{method}.jsonl").id
    epochs: Any = {"n_epochs": 3}
    methods: dict[str, Any] = {
        "supervised": Supervised(**epochs),
        "dpo": DPO(**epochs),
        "reinforcement": Reinforcement(grader=GRADER, **epochs),
    }
    return {
        name: client.jobs.create(
            model=REASONING_MODEL if name == "reinforcement" else CHAT_MODEL,
            training_file=files[name],
            validation_file=files[name],
            method=method,
            suffix=name,
            seed=7,
        )
        for name, method in methods.items()
    }
