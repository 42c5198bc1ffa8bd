"""A fine-tuning job: planned when it is created, and read at any later time.

The times imitate those of the hosted service on a smaller scale: about 20 s of validation, 30 s in
the queue and 1 s for each step.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from finetuning_emulator.controls.clock import Milliseconds
from finetuning_emulator.controls.scenarios import Scenario
from finetuning_emulator.identifiers import derived_id, model_name_tail
from finetuning_emulator.simulation.base_models import base_of, is_completions
from finetuning_emulator.simulation.dataset import Dataset
from finetuning_emulator.simulation.hyperparameters import Hyperparameters, resolve_auto
from finetuning_emulator.simulation.job_error import JobError
from finetuning_emulator.simulation.job_request import JobRequest
from finetuning_emulator.simulation.learning_curves import Curve, Metrics, fit_curve
from finetuning_emulator.simulation.timeline import Action, Interruption, Plan, Timeline

__all__ = ["ORGANIZATION", "Job", "plan_job"]

ORGANIZATION = "org-emulator"
_ORGANIZATION_NAME = "emulator"
_MAX_REPORTS = 10_000
_VALIDATION_TIME = 16_000


class Job(msgspec.Struct, tag="simulated"):
    """A job, with the data from which its state at any time is computed.

    `data`, `numbers` and `curve` are None if one of its files was refused.
    """

    id: str
    created: Milliseconds
    model: str
    seed: int
    request: JobRequest
    plan: Plan
    data: Dataset | None = None
    numbers: Hyperparameters | None = None
    curve: Curve | None = None
    interruptions: tuple[Interruption, ...] = ()
    scenario: Scenario = Scenario()

    @property
    def timeline(self) -> Timeline:
        """The job's life on the emulator's clock."""
        return Timeline(self.plan, self.created, self.interruptions)

    def interrupted(self, action: Action, at: Milliseconds) -> Job:
        """Return the job after an action of a user."""
        happened = [earlier for earlier in self.interruptions if earlier.at <= at]
        changed = msgspec.structs.replace(self, interruptions=(*happened, Interruption(at, action)))
        return changed if action == "cancel" else changed.with_scenario_pause(at)

    def with_scenario_pause(self, at: Milliseconds) -> Job:
        """Return the job with the pause of its scenario, unless that is in the past at this time."""
        step = self.scenario.pause_at_step
        if step is None or self.plan.is_invalid:
            return self
        due = self.plan.step_end(min(step, self.plan.last_step))
        pause = self.timeline.reached(due)
        if pause is None or self.timeline.elapsed(at) >= due:
            return self
        coming = (*self.interruptions, Interruption(pause, "pause"))
        return msgspec.structs.replace(self, interruptions=coming)

    @property
    def fine_tuned_model(self) -> str:
        """The name of the finished model."""
        suffix = _slug(self.request.suffix or "")
        return f"ft:{base_of(self.model)}:{_ORGANIZATION_NAME}:{suffix}:{model_name_tail(self.id)}"

    @property
    def result_file(self) -> str:
        """The identifier of the result file of a finished job."""
        return derived_id("file-", "result", self.id)

    def checkpoint_steps(self) -> Sequence[int]:
        """Return the steps after which there is a checkpoint: the last of each epoch."""
        size = self.plan.steps_per_epoch
        # The last checkpoint is the finished model, which a job that fails does not have.
        last = self.plan.last_step - (self.plan.failing_step == self.plan.total_steps)
        return range(size, last + 1, size) if size else ()

    def checkpoint_model(self, step: int) -> str:
        """Return the name of the model of the checkpoint at a step."""
        last = step == self.plan.total_steps
        return self.fine_tuned_model if last else f"{self.fine_tuned_model}:ckpt-step-{step}"

    def checkpoint_time(self, step: int) -> Milliseconds | None:
        """Return the time of the checkpoint at a step, None if never; the last comes with the model."""
        last = step == self.plan.total_steps
        return self.timeline.reached(self.plan.end if last else self.plan.step_end(step))

    def checkpoints(self, at: Milliseconds) -> list[tuple[int, Milliseconds]]:
        """Return the steps and times of the checkpoints that exist at a time, oldest first."""
        elapsed = self.timeline.elapsed(at)
        done = [
            step
            for step in self.checkpoint_steps()
            if (self.plan.end if step == self.plan.total_steps else self.plan.step_end(step)) <= elapsed
        ]
        times = ((step, self.checkpoint_time(step)) for step in done)
        return [(step, time) for step, time in times if time is not None]

    def metrics(self, step: int) -> Metrics:
        """Return the metrics of a step, counted from 1."""
        assert self.curve is not None, "a job whose files were refused has no steps"
        return self.curve.at(step)

    def hyperparameters(self, at: Milliseconds) -> dict[str, Any]:
        """Return the requested hyperparameters; once the job has started, with a number for each "auto"."""
        requested = self.request.requested_hyperparameters()
        if self.numbers is None or self.timeline.elapsed(at) < self.plan.started:
            return requested
        resolved = msgspec.structs.asdict(self.numbers)
        return {name: resolved.get(name, value) for name, value in requested.items()}

    @property
    def trained_tokens(self) -> int | None:
        """The tokens that a finished job is billed for."""
        return None if self.data is None else self.data.tokens * self.plan.epochs


def plan_job(
    identifier: str,
    created: Milliseconds,
    model: str,
    seed: int,
    request: JobRequest,
    *,
    training: Dataset | JobError,
    validation: Dataset | JobError | None,
    scenario: Scenario,
) -> Job:
    """Plan a job's whole life from its request, its files and its scenario."""
    validation_time = _VALIDATION_TIME + round(scenario.slow_validation * 1000)
    job = Job(identifier, created, model, seed, request, Plan(validated=validation_time), scenario=scenario)
    refused = next((outcome for outcome in (training, validation) if isinstance(outcome, JobError)), None)
    if refused is None and scenario.fail_at_step is None:
        refused = _scenario_error(scenario)
    if refused is not None:
        return msgspec.structs.replace(job, plan=Plan(validated=validation_time, problem=refused))
    assert isinstance(training, Dataset)
    numbers = resolve_auto(request, training, completions=is_completions(model))
    curve = fit_curve(request.kind, training, numbers, seed, validated=validation is not None)
    return msgspec.structs.replace(
        job,
        plan=_plan(training, numbers, curve, validation_time, scenario),
        data=training,
        numbers=numbers,
        curve=curve,
    )


def _plan(
    data: Dataset, numbers: Hyperparameters, curve: Curve, validation_time: Milliseconds, scenario: Scenario
) -> Plan:
    """Return a life whose times vary a little from job to job, depending on the key of the curve."""
    total = numbers.n_epochs * curve.steps_per_epoch
    validated = validation_time + data.tokens // 500 + curve.key % 6_000
    failing = scenario.fail_at_step
    return Plan(
        validated=validated,
        started=validated + 25_000 + curve.key // 7 % 12_000,
        step_time=700 + 120 * (numbers.batch_size - 1) + curve.key // 11 % 400,
        finishing=8_000 + curve.key // 13 % 4_000,
        epochs=numbers.n_epochs,
        steps_per_epoch=curve.steps_per_epoch,
        stride=max(1, -(-total // _MAX_REPORTS)),
        problem=None if failing is None else _scenario_error(scenario),
        failing_step=None if failing is None else min(failing, total),
        stops=validated if scenario.stay_queued else None,
    )


def _scenario_error(scenario: Scenario) -> JobError | None:
    if not scenario.fails:
        return None
    message = scenario.error_message or "The job failed, as its scenario requires."
    return JobError(scenario.error_code or "server_error", message, scenario.error_param)


def _slug(suffix: str) -> str:
    """Return a suffix as the hosted service writes it in a model's name: lower case, with dashes."""
    return re.sub("[^a-z0-9]+", "-", suffix.lower()).strip("-")
