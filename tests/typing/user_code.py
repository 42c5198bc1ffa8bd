"""Correct code of users: type-checked, never run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, assert_never, assert_type

from finetuning_api.api.fine_tuning import retrieve_fine_tuning_job
from finetuning_api.models import (
    ErrorResponse,
    FineTuningJob,
    GraderMulti,
    GraderPython,
    GraderScoreModel,
    GraderStringCheck,
    GraderTextSimilarity,
)
from finetuning_api.types import Unset
from finetuning_client import (
    DPO,
    AsyncFineTuning,
    AsyncJob,
    AsyncPager,
    Checkpoint,
    Event,
    File,
    FileId,
    FineTuning,
    Hyperparameters,
    Job,
    JobError,
    JobFailed,
    JobId,
    JobStatus,
    MetricRow,
    ModelId,
    Page,
    Pager,
    Reinforcement,
    Supervised,
    UnknownMethod,
)
from finetuning_client.results import Metrics


def job(client: FineTuning) -> None:
    """Fields of the handle are `None` where the server may omit them, never `Unset`."""
    job = client.jobs.create(model="m", training_file=Path("train.jsonl"), method=Supervised(n_epochs="auto"))
    assert_type(job, Job)
    inline = client.jobs.create(model="m", extra={"training_data": [{"messages": []}]})
    assert_type(inline, Job)
    assert_type(job.id, JobId)
    assert_type(job.status, JobStatus)
    assert_type(job.status == JobStatus.FAILED, bool)
    assert_type(job.status == "failed", bool)
    assert_type(job.status.is_terminal, bool)
    assert_type(job.created_at, datetime | None)
    assert_type(job.fine_tuned_model, ModelId | None)
    assert_type(job.training_file, FileId | None)
    assert_type(job.result_files, list[FileId])
    assert_type(job.error, JobError | None)
    assert_type(job.hyperparameters, Hyperparameters | None)
    assert_type(job.method, Supervised | DPO | Reinforcement | UnknownMethod | None)
    assert_type(job.metadata, dict[str, str])
    assert_type(job.wait(), Job)
    assert_type(job.cancel(), Job)
    assert_type(job.metrics(), Metrics)
    assert_type(job.metrics()[0], MetricRow)
    checkpoint = job.best_checkpoint()
    assert_type(checkpoint, Checkpoint | None)
    if checkpoint is not None:
        assert_type(checkpoint.metrics.full_valid_loss, float | None)
        assert_type(checkpoint.created_at, datetime | None)
    assert_type(job.to_dict(), dict[str, Any])
    events: Iterator[Event] = job.follow()
    del events


def lists(client: FineTuning) -> None:
    """Items and pages have their types."""
    assert_type(client.jobs.list(), Pager[Job])
    for job in client.jobs.list(limit=3):
        assert_type(job, Job)
    for page in client.files.list().pages():
        assert_type(page, Page[File])
        assert_type(page.data, list[File])


async def awaited(client: AsyncFineTuning) -> None:
    """The asynchronous client has the same types behind `await`."""
    job = await client.jobs.retrieve("ftjob-1")
    assert_type(job, AsyncJob)
    assert_type(await job.wait(), AsyncJob)
    assert_type(client.jobs.list(), AsyncPager[AsyncJob])
    async for item in client.jobs.list():
        assert_type(item, AsyncJob)
    events: AsyncIterator[Event] = job.follow()
    del events


def generated_call(client: FineTuning) -> None:
    """The generated functions distinguish success and error by type."""
    result = retrieve_fine_tuning_job.sync("ftjob-1", client=client.api)
    assert_type(result, FineTuningJob | ErrorResponse)
    if isinstance(result, FineTuningJob):
        assert_type(result.id, str)
        assert_type(result.fine_tuned_model, str | None | Unset)
        if result.fine_tuned_model:
            assert_type(result.fine_tuned_model, str)


def every_method(method: Supervised | DPO | Reinforcement) -> str:
    """A `match` on the three methods is exhaustive."""
    match method:
        case Supervised():
            return "supervised"
        case DPO():
            return "dpo"
        case Reinforcement():
            return "reinforcement"
        case _:
            assert_never(method)


def every_grader(
    grader: GraderStringCheck | GraderTextSimilarity | GraderPython | GraderScoreModel | GraderMulti,
) -> str:
    """The tag of a union distinguishes its members."""
    if grader.type == "string_check":
        return grader.operation
    if grader.type == "text_similarity":
        return grader.evaluation_metric
    if grader.type == "python":
        return grader.source
    if grader.type == "score_model":
        return grader.model
    return grader.calculate_output


def failure(error: JobFailed) -> None:
    """Errors have typed attributes; the job is a handle of the same kind as the one waited for."""
    assert_type(error.code, str | None)
    assert_type(error.may_exist, bool | None)
    job: Job = error.job
    assert_type(job.status, JobStatus)
