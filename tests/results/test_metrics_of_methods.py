"""For every method, a job has the same metrics from its events and from its result file."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from finetuning_client import AsyncFineTuning, FineTuning, Job
from finetuning_client.archive import Archive
from finetuning_client.results import Metrics
from finetuning_emulator import Emulator

from .conftest import METHODS

COLUMNS = {
    "supervised": ["train_loss", "train_accuracy", "full_valid_loss", "full_valid_mean_token_accuracy"],
    "dpo": ["train_loss", "train_reward_accuracy", "train_reward_margin", "full_valid_reward_margin"],
    "reinforcement": ["train_mean_reward", "train_accuracy", "valid_mean_reward", "full_valid_mean_reward"],
}


@pytest.mark.parametrize("method", METHODS)
def test_metrics_are_the_same_for_handles_of_any_age(
    client: FineTuning, created: dict[str, Job], method: str
) -> None:
    """The first handle was read before the result file existed, the second afterwards."""
    stale, fresh = created[method], client.jobs.retrieve(created[method].id)
    assert not stale.result_files and fresh.result_files
    of_events, of_file = stale.metrics(), fresh.metrics()
    assert of_events == of_file and len(of_file) == fresh.metrics()[-1].step
    assert of_events.columns == of_file.columns
    assert of_events.to_dicts() == of_file.to_dicts()
    for name in COLUMNS[method]:
        assert any(value is not None for value in of_file.column(name)), name


@pytest.mark.parametrize("method", METHODS)
def test_columns_of_a_job_without_metrics_are_those_of_its_method(
    created: dict[str, Job], method: str
) -> None:
    """A table that grows while a job runs has all its columns from the beginning."""
    assert Metrics(method=method).columns == created[method].metrics().columns


@pytest.mark.parametrize("method", METHODS)
def test_archived_and_asynchronous_jobs_have_the_same_metrics_and_signs(
    client: FineTuning, emulator: Emulator, created: dict[str, Job], method: str, tmp_path: Path
) -> None:
    """Signs and reports of a job do not depend on the kind of its handle."""
    job = client.jobs.retrieve(created[method].id)

    async def of_async() -> tuple[Metrics, object, object]:
        async with AsyncFineTuning(base_url=emulator.base_url, api_key="anything") as other:
            handle = await other.jobs.retrieve(job.id)
            return await handle.metrics(), await handle.signs(), await handle.best_checkpoint()

    client.archive(tmp_path / "saved")
    archived = Archive(tmp_path / "saved").jobs.retrieve(job.id)
    expected = job.metrics(), job.signs(), job.best_checkpoint()
    assert asyncio.run(of_async()) == expected
    assert (archived.metrics(), archived.signs(), archived.best_checkpoint()) == expected


def test_best_checkpoint_has_the_highest_reward(client: FineTuning, created: dict[str, Job]) -> None:
    """A higher reward is better, even if the metric has no prefix."""
    job = client.jobs.retrieve(created["reinforcement"].id)
    rewards = {
        c.step_number: c.to_dict()["metrics"]["full_valid_mean_reward"] for c in job.list_checkpoints()
    }
    best = max(rewards, key=lambda step: (rewards[step], step))
    for by in (None, "mean_reward", "full_valid_mean_reward"):
        found = job.best_checkpoint(by)
        assert found is not None and found.step_number == best


def test_best_checkpoint_of_preference_training_has_the_highest_accuracy(
    client: FineTuning, created: dict[str, Job]
) -> None:
    """A lower loss is better; a higher accuracy and a higher margin are better."""
    job = client.jobs.retrieve(created["dpo"].id)
    values = {c.step_number: c.to_dict()["metrics"] for c in job.list_checkpoints()}
    for by, choose in (("full_valid_loss", min), ("reward_margin", max)):
        name = by if by in next(iter(values.values())) else f"full_valid_{by}"
        found = job.best_checkpoint(by)
        assert found is not None
        assert values[found.step_number][name] == choose(metrics[name] for metrics in values.values())
