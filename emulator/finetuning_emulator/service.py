"""What the emulator can do, apart from HTTP: files, jobs and models at the clock's time."""

from __future__ import annotations

import secrets
import threading
from pathlib import Path
from typing import Literal

import anyio.to_thread
import msgspec

from finetuning_emulator import catalogue, files, ids
from finetuning_emulator.clock import Clock, Millis
from finetuning_emulator.dataset import Dataset, Problem, Role, read_dataset
from finetuning_emulator.errors import Refusal, not_found
from finetuning_emulator.faults import Faults
from finetuning_emulator.formats import Format
from finetuning_emulator.history import result_content
from finetuning_emulator.jobs import Job, planned
from finetuning_emulator.permissions import Permissions
from finetuning_emulator.requests import JobRequest
from finetuning_emulator.scenarios import Scenario, ScenarioQueue, in_metadata
from finetuning_emulator.store import FileRow, ModelRow, Store
from finetuning_emulator.timeline import Status
from finetuning_emulator.uploads import Uploads

__all__ = ["Service"]

_MOST_INTERRUPTIONS = 200
_NEVER = 1 << 62


class Service:
    """One emulated organisation: its state and its clock."""

    def __init__(self, store: Store, clock: Clock, *, python_graders: bool = False) -> None:
        self.python_graders = python_graders
        self.store = store
        self.clock = clock
        self.scenarios = ScenarioQueue()
        self.faults = Faults()
        self._resets = 0
        self._changing = threading.Lock()
        if (anchor := store.anchor()) is not None:
            clock.resume(anchor)
        clock.settle(store.last_rest())
        store.keep_anchor(clock.anchor())
        self.uploads = Uploads(store, clock)
        self.permissions = Permissions(store, clock)

    def close(self) -> None:
        """Put the state away."""
        self.store.keep_anchor(self.clock.anchor(stopping=True))
        self.store.close()

    def advance(self, milliseconds: Millis) -> None:
        """Move the clock forward."""
        self.clock.advance(milliseconds)
        self.store.keep_anchor(self.clock.anchor())

    def reset(self) -> None:
        """Be as new: without files, jobs, models, scenarios and faults, and with a clock that restarts."""
        with self._changing:
            self._resets += 1
            self.store.clear()
            self.scenarios.clear()
            self.faults.clear()
            self.clock.restart()
            self.store.keep_anchor(self.clock.anchor())

    # Files

    def add_file(
        self, identifier: str, *, filename: str, purpose: str, size: int, lifetime: Millis | None
    ) -> FileRow:
        """Add a file whose bytes have come in."""
        row = files.arrived(
            self.clock, identifier, filename=filename, purpose=purpose, size=size, lifetime=lifetime
        )
        self.store.add_file(row, self.clock.anchor())
        return row

    def file(self, identifier: str, *, param: str = "id") -> FileRow:
        """The file with this identifier, or a refusal."""
        row = self.store.file(identifier, self.clock.now())
        if row is None:
            raise not_found(f"No such File object: {identifier}", param=param)
        return row

    def content(self, row: FileRow) -> bytes | Path:
        """The bytes of a file, or where they are."""
        if row.job_id is None:
            return self.store.content_path(row.id)
        return result_content(self.job(row.job_id))

    def delete_file(self, identifier: str) -> None:
        """Remove a file."""
        self.store.delete_file(self.file(identifier).id)

    # Jobs

    async def create_job(self, request: JobRequest) -> tuple[Job, Millis]:
        """Plan a job from the request and the contents of its files; also when it was created."""
        resets = self._resets
        model = self._trainable(request.model)
        training = self._data_path(request.training_file, "training")
        validation = None
        if request.validation_file is not None:
            validation = self._data_path(request.validation_file, "validation")
        scenario = in_metadata(request.metadata, self.scenarios.take())
        scenario.allow_training()
        job, result_size = await anyio.to_thread.run_sync(
            _read_and_planned, request, model, training, validation, scenario
        )
        # Only now, since reading takes a while, and jobs are listed in the order of creation.
        created = self.clock.now()
        job = msgspec.structs.replace(job, created=created).foreseeing(created)
        result = None if job.plan.problem is not None else _result_row(job, result_size)
        self.clock.settle(job.timeline.rest)
        with self._changing:
            if resets != self._resets:
                raise Refusal(409, "The emulator was reset while the job was created.")
            self.store.add_job(job, result, self.clock.anchor())
        return job, created

    def job(self, identifier: str) -> Job:
        """The job with this identifier, or a refusal."""
        job = self.store.job(identifier)
        if job is None:
            raise not_found(
                f"Could not find fine tune: {identifier}",
                param="fine_tuning_job_id",
                code="fine_tune_not_found",
            )
        return job

    def interrupt(self, identifier: str, what: Literal["pause", "resume", "cancel"]) -> tuple[Job, Millis]:
        """Pause, resume or cancel a job, or refuse to; also when it was done."""
        with self._changing:
            now = self.clock.now()
            job = self.job(identifier)
            _check_interruption(job, what, job.timeline.status(now))
            job = job.interrupted(what, now)
            self.clock.settle(job.timeline.rest)
            self.store.change_job(job, self.clock.anchor())
        return job, now

    def _trainable(self, name: str) -> str:
        model = catalogue.resolved_name(name)
        known = model in catalogue.BASE_MODELS or self.store.model(model, self.clock.now())
        if not known:
            raise Refusal(
                400,
                f"Model {name} is not available for fine-tuning or does not exist.",
                param="model",
                code="model_not_available",
            )
        return model

    def _data_path(self, identifier: str, role: Role) -> Path:
        """Where the bytes of a job's file are, or a refusal if it cannot be trained on."""
        param = f"{role}_file"
        now = self.clock.now()
        row = self.store.file(identifier, now)
        if row is None:
            raise Refusal(400, f"invalid {param}: {identifier}", param=param, code="file_not_found")
        if row.purpose != "fine-tune":
            raise Refusal(
                400,
                f"File '{row.id}' has the purpose '{row.purpose}', but must have 'fine-tune'.",
                param=param,
                code="invalid_file_purpose",
            )
        if row.processed_at > now:
            raise Refusal(
                400,
                f"File '{row.id}' is still being processed and is not ready to be used for"
                " fine-tuning. Please try again later.",
                param=param,
            )
        return self.store.content_path(row.id)

    # Models

    def model(self, name: str) -> ModelRow | None:
        """A fine-tuned model, None for a base model, or a refusal."""
        name = catalogue.resolved_name(name)
        if name in catalogue.BASE_MODELS:
            return None
        row = self.store.model(name, self.clock.now())
        if row is None:
            raise not_found(f"The model '{name}' does not exist", param="model", code="model_not_found")
        return row

    def delete_model(self, name: str) -> None:
        """Remove a fine-tuned model; base models are not the organisation's to delete."""
        row = self.model(name)
        if row is None:
            raise Refusal(
                403,
                f"You have insufficient permissions to delete the model '{name}'.",
                param="model",
                code="insufficient_permissions",
            )
        self.store.delete_model(row.id)


def _read_and_planned(
    request: JobRequest, model: str, training: Path, validation: Path | None, scenario: Scenario
) -> tuple[Job, int]:
    """A job without its time of creation, and the size of its result file."""
    form = catalogue.format_for(request.kind, model)
    job = planned(
        ids.fresh("ftjob-"),
        0,
        model,
        secrets.randbelow(1 << 31) if request.seed is None else request.seed,
        request,
        training=_dataset(training, form, "training", request.training_file),
        validation=None
        if validation is None
        else _dataset(validation, form, "validation", request.validation_file or ""),
        scenario=scenario,
    )
    return job, 0 if job.curve is None else len(result_content(job))


def _dataset(path: Path, form: Format, role: Role, identifier: str) -> Dataset | Problem:
    try:
        return read_dataset(path, form, role)
    except FileNotFoundError:
        param = f"{role}_file"
        raise Refusal(400, f"invalid {param}: {identifier}", param=param) from None


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


def _check_interruption(job: Job, what: str, status: Status) -> None:
    if status in ("succeeded", "failed", "cancelled"):
        raise Refusal(400, f"Job has already completed: {job.id}")
    if what == "pause" and status == "paused":
        raise Refusal(400, f"Job is already paused: {job.id}")
    if what == "resume" and status != "paused":
        raise Refusal(400, f"Job is not paused: {job.id}")
    if what == "pause" and len(job.interruptions) >= _MOST_INTERRUPTIONS:
        raise Refusal(400, f"Job has been paused too often: {job.id}")
