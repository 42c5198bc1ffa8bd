"""Whole jobs over HTTP against the emulator, with both clients and a real dataset."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from finetuning_client import (
    AsyncFineTuning,
    AuthenticationFailed,
    BadRequest,
    ConnectionFailed,
    DatasetError,
    FineTuning,
    JobFailed,
    JobStatus,
    NotFound,
    RetryPolicy,
    Supervised,
    check_dataset,
    loss_curve,
)
from finetuning_emulator import Emulator

from .conftest import AsyncManualClock, BlockingFacade, ManualClock

MODEL = "gpt-4o-mini-2024-07-18"
DATA = Path(__file__).resolve().parents[2] / "examples" / "data"
TRAINING, VALIDATION = DATA / "support_triage_train.jsonl", DATA / "support_triage_valid.jsonl"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator with infinite speed: jobs have ended when they are first read."""
    with Emulator(speed=float("inf")) as running:
        yield running


def make_client(kind: str, base_url: str, runner: asyncio.Runner, **options: Any) -> Any:
    """Return a client of either kind whose pauses take no time."""
    options = {"api_key": "sk-test", "base_url": base_url, **options}
    if kind == "sync":
        return FineTuning(clock=ManualClock(), **options)
    return BlockingFacade(runner, AsyncFineTuning(clock=AsyncManualClock(), **options))


@pytest.fixture
def client(emulator: Emulator, kind: str) -> Iterator[Any]:
    """A client of the emulator."""
    with asyncio.Runner() as runner:
        client = make_client(kind, emulator.base_url, runner)
        yield client
        client.close()


def test_files_become_a_model(client: Any) -> None:
    """Check, upload, create, follow, wait, read the metrics, and compare checkpoints."""
    assert check_dataset(TRAINING).problems == ()
    job = client.jobs.create(
        model=MODEL,
        training_file=TRAINING,
        validation_file=VALIDATION,
        method=Supervised(n_epochs=3),
        suffix="triage",
        seed=7,
        metadata={"team": "support"},
    )
    events = list(job.follow())
    assert events[0].message.startswith("Created fine-tuning job")
    assert events[-1].message == "The job has successfully completed"
    assert len({event.id for event in events}) == len(events)
    assert [event.created_at for event in events] == sorted(event.created_at for event in events)
    assert job.wait().status is JobStatus.SUCCEEDED
    assert job.fine_tuned_model.startswith(f"ft:{MODEL}:") and ":triage:" in job.fine_tuned_model
    assert job.hyperparameters.n_epochs == 3
    assert job.metadata == {"team": "support"}
    rows = job.metrics()
    assert [row.step for row in rows] == list(range(1, len(rows) + 1))
    assert all(row.train_loss is not None for row in rows)
    assert any(row.valid_loss is not None for row in rows)
    assert "training loss" in loss_curve(rows)
    checkpoints = list(job.list_checkpoints())
    assert len(checkpoints) == 3
    assert checkpoints[0].fine_tuned_model_checkpoint == job.fine_tuned_model
    assert job.best_checkpoint() in checkpoints
    assert [found.id for found in client.jobs.list(metadata={"team": "support"})] == [job.id]
    assert list(client.jobs.list(metadata={"team": "sales"})) == []


def test_metrics_of_events_equal_those_of_the_result_file(client: Any) -> None:
    """Both sources give the same losses, apart from the service's rounding."""
    job = client.jobs.create(model=MODEL, training_file=TRAINING)
    from_file = job.wait().metrics()
    losses = {
        event.data.step: event.data.train_loss for event in job.list_events() if event.type == "metrics"
    }
    assert {row.step: pytest.approx(row.train_loss, abs=0.01) for row in from_file} == losses


def test_files_are_uploaded_listed_read_and_deleted(client: Any, tmp_path: Path) -> None:
    """Upload, list, read, download and delete a file."""
    file = client.files.upload(TRAINING)
    assert client.files.wait_processed(file.id).status == "processed"
    assert [found.id for found in client.files.list(purpose="fine-tune")] == [file.id]
    assert client.files.content(file.id) == TRAINING.read_bytes()
    assert client.files.download(file.id, tmp_path / "copy").read_bytes() == TRAINING.read_bytes()
    assert client.files.delete(file.id).deleted is True
    with pytest.raises(NotFound, match=file.id):
        client.files.retrieve(file.id)


def test_list_reads_all_pages(client: Any) -> None:
    """Files are listed newest first, each once."""
    made = [client.files.upload(b'{"a": 1}\n', filename=f"{n}.jsonl").id for n in range(7)]
    assert [file.id for file in client.files.list(page_size=3)] == made[::-1]
    assert [file.id for file in client.files.list(page_size=3, limit=4)] == made[:2:-1]


def test_invalid_data_fails_the_check_and_the_job(client: Any, tmp_path: Path) -> None:
    """The check finds the fault before the upload; the error of the job names the example."""
    bad = tmp_path / "bad.jsonl"
    bad.write_bytes(TRAINING.read_bytes().replace(b'"role": "user"', b'"rule": "user"', 1))
    with pytest.raises(DatasetError, match=r"line 1: .*has no role"):
        check_dataset(bad)
    job = client.jobs.create(model=MODEL, training_file=client.files.upload(bad).id)
    with pytest.raises(JobFailed, match=r"invalid_training_file.*Example 1") as e:
        job.wait()
    assert (e.value.code, e.value.param) == ("invalid_training_file", "training_file")
    assert job.error.code == "invalid_training_file"
    assert job.fine_tuned_model is None


def test_refusals_are_typed(client: Any, emulator: Emulator, kind: str) -> None:
    """Unknown ids, finished jobs and wrong keys raise the class of their status."""
    with pytest.raises(NotFound, match="ftjob-none"):
        client.jobs.retrieve("ftjob-none")
    with pytest.raises(BadRequest) as e:
        client.jobs.create(model=MODEL, training_file="file-none")
    assert e.value.param == "training_file"
    job = client.jobs.create(model=MODEL, training_file=TRAINING).wait()
    with pytest.raises(BadRequest):
        job.cancel()
    with asyncio.Runner() as runner:
        without_key = make_client(kind, emulator.base_url, runner, api_key="sk-invalid")
        with pytest.raises(AuthenticationFailed, match="401") as refused:
            without_key.jobs.retrieve("ftjob-1")
        without_key.close()
    assert refused.value.code == "invalid_api_key"


def test_jobs_are_paused_resumed_and_cancelled(kind: str) -> None:
    """The emulator's clock stands still between the actions."""
    with asyncio.Runner() as runner, Emulator(speed=0) as emulator:
        client = make_client(kind, emulator.base_url, runner)
        file = client.files.upload(TRAINING)
        emulator.advance(minutes=1)
        job = client.jobs.create(model=MODEL, training_file=file.id)
        while job.retrieve().status != "running":
            emulator.advance(seconds=30)
        assert job.pause().status is JobStatus.PAUSED
        assert job.resume().status.is_active
        assert job.cancel().status is JobStatus.CANCELLED
        assert job.finished_at >= job.created_at
        client.close()


def test_stopped_server_raises_connection_failed(kind: str) -> None:
    """The error names the request and the number of attempts."""
    with Emulator(speed=float("inf")) as emulator:
        base_url = emulator.base_url
    with asyncio.Runner() as runner:
        client = make_client(kind, base_url, runner, retry=RetryPolicy(max_attempts=2))
        with pytest.raises(ConnectionFailed, match=r"GET /fine_tuning/jobs/ftjob-1: .*2 attempts"):
            client.jobs.retrieve("ftjob-1")
        client.close()


def test_generated_client_uses_the_same_server(client: Any, kind: str) -> None:
    """`client.api` has the same key and connection pool."""
    from finetuning_api.api.models import list_models

    if kind == "sync":
        models: Any = list_models.sync(client=client.api)
    else:
        models = client._runner.run(list_models.asyncio(client=client.api))
    assert MODEL in [model.id for model in models.data]


async def test_concurrent_tasks_create_and_wait_for_many_jobs(emulator: Emulator) -> None:
    """An asynchronous client creates and waits for several jobs concurrently."""
    async with AsyncFineTuning(
        api_key="sk-test", base_url=emulator.base_url, clock=AsyncManualClock()
    ) as client:
        file = await client.files.upload(TRAINING)
        await client.files.wait_processed(file.id)

        async def one(seed: int) -> Any:
            job = await client.jobs.create(model=MODEL, training_file=file.id, seed=seed)
            return await job.wait()

        jobs = await asyncio.gather(*[one(seed) for seed in range(8)])
        assert {job.status for job in jobs} == {JobStatus.SUCCEEDED}
        assert {job.id for job in jobs} == {job.id async for job in client.jobs.list()}
