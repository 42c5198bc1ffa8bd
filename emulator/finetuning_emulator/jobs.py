"""A fine-tuning job: planned once when it is created, then only read, at any time.

The times of a plan imitate the hosted service in small: about 20 s of validation, 30 s in the
queue and a second a step.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from finetuning_emulator import ids
from finetuning_emulator.catalogue import base_of, is_completions
from finetuning_emulator.clock import Millis
from finetuning_emulator.curves import Curve, fitted
from finetuning_emulator.dataset import Dataset, Problem
from finetuning_emulator.hyperparameters import Hyperparameters, resolve
from finetuning_emulator.requests import JobRequest
from finetuning_emulator.scenarios import Scenario
from finetuning_emulator.timeline import Interruption, Plan, Timeline

__all__ = ["ORGANIZATION", "Job", "planned"]

ORGANIZATION = "org-emulator"
_ORGANIZATION_NAME = "emulator"
_MOST_REPORTS = 10_000
_CHECKING = 16_000
_TERMINAL = ("succeeded", "failed", "cancelled")


class Job(msgspec.Struct):
    """Everything about a job; what it is at a time follows from it.

    `data`, `numbers` and `curve` are None when a file was refused.
    """

    id: str
    created: Millis
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

    def interrupted(self, what: Literal["pause", "resume", "cancel"], at: Millis) -> Job:
        """The same job after a user did this to it."""
        happened = [earlier for earlier in self.interruptions if earlier.at <= at]
        changed = msgspec.structs.replace(self, interruptions=(*happened, Interruption(at, what)))
        return changed if what == "cancel" else changed.foreseeing(at)

    def foreseeing(self, at: Millis) -> Job:
        """The same job with the pause that its scenario has in store, unless that is behind it."""
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
        """The name that the finished model has."""
        suffix = self.request.suffix or ""
        return f"ft:{base_of(self.model)}:{_ORGANIZATION_NAME}:{suffix}:{ids.name_tail(self.id)}"

    @property
    def result_file(self) -> str:
        """The identifier of the file of metrics that a finished job leaves."""
        return ids.derived("file-", "result", self.id)

    def checkpoint_steps(self) -> Sequence[int]:
        """The steps after which there is a checkpoint: the last of each epoch."""
        size = self.plan.steps_per_epoch
        # The last checkpoint is the finished model, which a job that fails does not have.
        last = self.plan.last_step - (self.plan.failing_step == self.plan.total_steps)
        return range(size, last + 1, size) if size else ()

    def checkpoint_model(self, step: int) -> str:
        """The name of the model that the checkpoint at a step holds."""
        last = step == self.plan.total_steps
        return self.fine_tuned_model if last else f"{self.fine_tuned_model}:ckpt-step-{step}"

    def checkpoint_time(self, step: int) -> Millis | None:
        """When the checkpoint at a step comes; the last one comes with the finished model."""
        last = step == self.plan.total_steps
        return self.timeline.reached(self.plan.end if last else self.plan.step_end(step))

    def checkpoints(self, at: Millis) -> list[tuple[int, Millis]]:
        """The steps and times of the checkpoints that there are, oldest first."""
        elapsed = self.timeline.elapsed(at)
        done = [
            step
            for step in self.checkpoint_steps()
            if (self.plan.end if step == self.plan.total_steps else self.plan.step_end(step)) <= elapsed
        ]
        times = ((step, self.checkpoint_time(step)) for step in done)
        return [(step, time) for step, time in times if time is not None]

    def view(self, at: Millis) -> dict[str, Any]:
        """The job as an answer shows it."""
        timeline, request = self.timeline, self.request
        status = timeline.status(at)
        succeeded = status == "succeeded"
        end = timeline.end
        hyperparameters = self._hyperparameters(at)
        problem = self.plan.problem if status == "failed" else None
        return {
            "object": "fine_tuning.job",
            "id": self.id,
            "model": self.model,
            "created_at": self.created // 1000,
            "finished_at": _seconds(end) if status in _TERMINAL else None,
            "estimated_finish": _seconds(end) if status == "running" else None,
            "fine_tuned_model": self.fine_tuned_model if succeeded else None,
            "organization_id": ORGANIZATION,
            "result_files": [self.result_file] if succeeded else [],
            "status": self.scenario.shown(status),
            "validation_file": request.validation_file,
            "training_file": request.training_file,
            "hyperparameters": _basic(hyperparameters) if request.kind == "supervised" else None,
            "trained_tokens": self._trained_tokens() if succeeded else None,
            "error": None if problem is None else msgspec.structs.asdict(problem),
            "user_provided_suffix": request.suffix,
            "seed": self.seed,
            "integrations": request.integrations or [],
            "metadata": request.metadata,
            "method": self._method(hyperparameters),
        }

    def _hyperparameters(self, at: Millis) -> dict[str, Any]:
        """As they were asked for until the job starts, then with every "auto" resolved."""
        asked = self.request.asked()
        if self.numbers is None or self.timeline.elapsed(at) < self.plan.started:
            return asked
        resolved = msgspec.structs.asdict(self.numbers)
        return {name: resolved.get(name, value) for name, value in asked.items()}

    def _method(self, hyperparameters: dict[str, Any]) -> dict[str, Any]:
        kind = self.request.kind
        settings: dict[str, Any] = {"hyperparameters": hyperparameters}
        if self.request.grader is not None:
            settings["grader"] = self.request.grader
        return {"type": kind, kind: settings}

    def _trained_tokens(self) -> int | None:
        return None if self.data is None else self.data.tokens * self.plan.epochs


def planned(
    identifier: str,
    created: Millis,
    model: str,
    seed: int,
    request: JobRequest,
    *,
    training: Dataset | Problem,
    validation: Dataset | Problem | None,
    scenario: Scenario,
) -> Job:
    """Plan a job's whole life from what it was asked, what its files hold and its scenario."""
    checking = _CHECKING + round(scenario.slow_validation * 1000)
    job = Job(identifier, created, model, seed, request, Plan(validated=checking), scenario=scenario)
    refused = next((outcome for outcome in (training, validation) if isinstance(outcome, Problem)), None)
    if refused is None and scenario.fail_at_step is None:
        refused = scenario.problem
    if refused is not None:
        return msgspec.structs.replace(job, plan=Plan(validated=checking, problem=refused))
    assert isinstance(training, Dataset)
    numbers = resolve(request, training, completions=is_completions(model))
    curve = fitted(request.kind, training, numbers, seed, validated=validation is not None)
    return msgspec.structs.replace(
        job,
        plan=_plan(training, numbers, curve, checking, scenario),
        data=training,
        numbers=numbers,
        curve=curve,
    )


def _plan(
    data: Dataset, numbers: Hyperparameters, curve: Curve, checking: Millis, scenario: Scenario
) -> Plan:
    """A life whose times differ a little from job to job, as the curve's key says."""
    total = numbers.n_epochs * curve.steps_per_epoch
    validated = checking + data.tokens // 500 + curve.key % 6_000
    failing = scenario.fail_at_step
    return Plan(
        validated=validated,
        started=validated + 25_000 + curve.key // 7 % 12_000,
        step_time=700 + 120 * (numbers.batch_size - 1) + curve.key // 11 % 400,
        finishing=8_000 + curve.key // 13 % 4_000,
        epochs=numbers.n_epochs,
        steps_per_epoch=curve.steps_per_epoch,
        stride=max(1, -(-total // _MOST_REPORTS)),
        problem=None if failing is None else scenario.problem,
        failing_step=None if failing is None else min(failing, total),
        stops=validated if scenario.stay_queued else None,
    )


def _basic(hyperparameters: dict[str, Any]) -> dict[str, Any]:
    names = ("n_epochs", "batch_size", "learning_rate_multiplier")
    return {name: hyperparameters[name] for name in names}


def _seconds(at: Millis | None) -> int | None:
    return None if at is None else at // 1000
