"""Operations on jobs (create, find, list, pause, resume, cancel), and their events and checkpoints."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import anyio.to_thread
import msgspec

from finetuning_emulator.controls.clock import Clock, Milliseconds
from finetuning_emulator.controls.scenarios import Scenario, ScenarioQueue
from finetuning_emulator.errors import ApiError, not_found
from finetuning_emulator.grading import fields_read, read_grader
from finetuning_emulator.identifiers import new_id
from finetuning_emulator.simulation.base_models import (
    BASE_MODELS,
    check_method,
    format_for,
    resolve_alias,
)
from finetuning_emulator.simulation.dataset import Dataset, Role, read_dataset
from finetuning_emulator.simulation.job import Job, plan_job
from finetuning_emulator.simulation.job_error import JobError
from finetuning_emulator.simulation.job_request import JobRequest
from finetuning_emulator.simulation.recorded_job import RecordedJob
from finetuning_emulator.simulation.result_file import result_content
from finetuning_emulator.simulation.timeline import Action, Status
from finetuning_emulator.state.files import FileRow
from finetuning_emulator.state.recordings import RecordedItem
from finetuning_emulator.state.store import Store

__all__ = ["Jobs"]

_MAX_INTERRUPTIONS = 200
_NEVER = 1 << 62


class Jobs:
    """The jobs of an organization."""

    def __init__(self, store: Store, clock: Clock, scenarios: ScenarioQueue) -> None:
        self._store = store
        self._clock = clock
        self._scenarios = scenarios
        self._resets = 0
        self._changing = threading.Lock()

    async def create(self, request: JobRequest) -> tuple[Job, Milliseconds]:
        """Plan a job from the request and the content of its files; also return its time of creation."""
        resets = self._resets
        model = self._trainable(request.model)
        check_method(request.kind, model)
        training = self._data_path(request.training_file, "training")
        validation = None
        if request.validation_file is not None:
            validation = self._data_path(request.validation_file, "validation")
        scenario = self._scenarios.take(request.metadata)
        scenario.check_open()
        job, result_size = await anyio.to_thread.run_sync(
            _read_and_plan, request, model, training, validation, scenario
        )
        # Taken after reading the files, which takes time: jobs are listed in the order of their creation.
        created = self._clock.now()
        job = msgspec.structs.replace(job, created=created).with_scenario_pause(created)
        result = None if job.plan.problem is not None else _result_row(job, result_size)
        self._clock.skip_to(job.timeline.settled)
        with self._changing:
            if resets != self._resets:
                raise ApiError(409, "The emulator was reset while the job was being created.")
            self._store.jobs.add(job, result, self._clock.anchor())
        return job, created

    def get(self, identifier: str) -> Job | RecordedJob:
        """Return a job, or refuse the request with 404."""
        job = self._store.jobs.get(identifier)
        if job is None:
            raise not_found(
                f"Could not find fine tune: {identifier}",
                param="fine_tuning_job_id",
                code="fine_tune_not_found",
            )
        return job

    def exists(self, identifier: str) -> bool:
        """Return whether a job with this identifier exists."""
        return self._store.jobs.get(identifier) is not None

    def count(self) -> int:
        """Return the number of jobs."""
        return self._store.jobs.count()

    def page(
        self, *, after: str | None, limit: int, metadata: Mapping[str, str] | None
    ) -> list[Job | RecordedJob]:
        """Return jobs after a cursor, newest first; `JobTable.page` explains the arguments."""
        return self._store.jobs.page(after=after, limit=limit, metadata=metadata)

    def recorded_items(
        self, job: RecordedJob, kind: Literal["event", "checkpoint"], *, after: str | None, limit: int
    ) -> list[RecordedItem] | None:
        """Return events or checkpoints of a recorded job, newest first; None for a bad cursor."""
        return self._store.recordings.page(job.id, kind, after=after, limit=limit)

    def interrupt(self, identifier: str, action: Action) -> tuple[Job, Milliseconds]:
        """Pause, resume or cancel a job, or refuse the request; also return the time of the action."""
        with self._changing:
            now = self._clock.now()
            job = self.get(identifier)
            if isinstance(job, RecordedJob):
                what = "has already completed" if job.is_over else "is a recording and cannot be changed"
                raise ApiError(400, f"Job {what}: {job.id}")
            _check_action(job, action, job.timeline.status(now))
            job = job.interrupted(action, now)
            self._clock.skip_to(job.timeline.settled)
            self._store.jobs.replace(job, self._clock.anchor())
        return job, now

    def reset(self) -> None:
        """Delete everything in the state, and refuse the jobs that are being created."""
        with self._changing:
            self._resets += 1
            self._store.clear()

    def _trainable(self, name: str) -> str:
        model = resolve_alias(name)
        if model not in BASE_MODELS and self._store.models.get(model, self._clock.now()) is None:
            raise ApiError(
                400,
                f"Model {name} is not available for fine-tuning or does not exist.",
                param="model",
                code="model_not_available",
            )
        return model

    def _data_path(self, identifier: str, role: Role) -> Path:
        """Return the path of a job's file, or refuse a file that cannot be used."""
        param = f"{role}_file"
        now = self._clock.now()
        row = self._store.files.get(identifier, now)
        if row is None:
            raise ApiError(400, f"invalid {param}: {identifier}", param=param, code="file_not_found")
        if row.purpose != "fine-tune":
            raise ApiError(
                400,
                f"File '{row.id}' has the purpose '{row.purpose}', but must have 'fine-tune'.",
                param=param,
                code="invalid_file_purpose",
            )
        if row.processed_at > now:
            raise ApiError(
                400,
                f"File '{row.id}' is still being processed and is not ready to be used for"
                " fine-tuning. Please try again later.",
                param=param,
            )
        return self._store.content.path(row.id)


def _read_and_plan(
    request: JobRequest, model: str, training: Path, validation: Path | None, scenario: Scenario
) -> tuple[Job, int]:
    """Return a job without its time of creation, and the size of its result file."""
    job = plan_job(
        new_id("ftjob-"),
        0,
        model,
        secrets.randbelow(1 << 31) if request.seed is None else request.seed,
        request,
        training=_read(training, request, model, "training"),
        validation=None if validation is None else _read(validation, request, model, "validation"),
        scenario=scenario,
    )
    return job, 0 if job.curve is None else len(result_content(job))


def _read(path: Path, request: JobRequest, model: str, role: Role) -> Dataset | JobError:
    needed = {} if request.grader is None else fields_read(read_grader(request.grader))
    try:
        return read_dataset(path, format_for(request.kind, model), role, needed=needed)
    except FileNotFoundError:
        identifier = request.training_file if role == "training" else request.validation_file
        param = f"{role}_file"
        raise ApiError(400, f"invalid {param}: {identifier}", param=param) from None


def _result_row(job: Job, size: int) -> FileRow:
    end = job.timeline.end
    available = _NEVER if end is None else end
    return FileRow(
        seq=0,
        id=job.result_file,
        filename="step_metrics.csv",
        purpose="fine-tune-results",
        bytes=size,
        available_at=available,
        processed_at=available,
        job_id=job.id,
    )


def _check_action(job: Job, action: Action, status: Status) -> None:
    if status in ("succeeded", "failed", "cancelled"):
        raise ApiError(400, f"Job has already completed: {job.id}")
    if action == "pause" and status == "paused":
        raise ApiError(400, f"Job is already paused: {job.id}")
    if action == "resume" and status != "paused":
        raise ApiError(400, f"Job is not paused: {job.id}")
    if action == "pause" and len(job.interruptions) >= _MAX_INTERRUPTIONS:
        raise ApiError(400, f"Job has been paused too many times: {job.id}")
