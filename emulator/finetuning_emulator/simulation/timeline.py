"""A job's whole life as a pure function of time: nothing runs in the background.

A `Plan` is the undisturbed life, in milliseconds since the creation of the job. A `Timeline` places
it on the emulator's clock: a pause shifts the rest, a cancellation ends it. Every state is computed
by arithmetic, so a long history costs no more than a short one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal

import msgspec

from finetuning_emulator.controls.clock import Milliseconds
from finetuning_emulator.simulation.job_error import JobError

__all__ = ["Action", "Event", "EventKind", "Interruption", "Plan", "Status", "Timeline"]

Action = Literal["pause", "resume", "cancel"]
Status = Literal["validating_files", "queued", "running", "paused", "succeeded", "failed", "cancelled"]


class EventKind(Enum):
    """Kind of an event; `event_messages.py` has the messages."""

    CREATED = 0
    VALIDATING = 1
    FAILED = 2
    QUEUED = 3
    STARTED = 4
    STEP = 5
    CHECKPOINT = 6
    MODEL = 7
    COMPLETED = 8
    PAUSED = 9
    RESUMED = 10
    CANCELLED = 11


class Event(msgspec.Struct, frozen=True):
    """An event of a job; `step` is 0 except for steps and checkpoints."""

    at: Milliseconds
    kind: EventKind
    step: int = 0


class Interruption(msgspec.Struct, frozen=True, rename={"action": "what"}):
    """An action of a user on a job, and its time."""

    at: Milliseconds
    action: Action


class Plan(msgspec.Struct, frozen=True):
    """The undisturbed life of a job. All times are milliseconds since its creation.

    Attributes:
        validated: end of validation.
        started: start of training.
        step_time: duration of a step.
        finishing: time from the last step to the end.
        epochs: number of epochs.
        steps_per_epoch: number of steps in each.
        stride: every `stride`-th step of an epoch is reported, as is its last step.
        problem: the error with which the job fails.
        failing_step: the step after which it fails; None for the end of validation.
        stops: the time beyond which the job never progresses.
    """

    validated: Milliseconds
    started: Milliseconds = 0
    step_time: Milliseconds = 0
    finishing: Milliseconds = 0
    epochs: int = 0
    steps_per_epoch: int = 0
    stride: int = 1
    problem: JobError | None = None
    failing_step: int | None = None
    stops: Milliseconds | None = None

    @property
    def is_invalid(self) -> bool:
        """True if the job fails in validation."""
        return self.problem is not None and self.failing_step is None

    @property
    def last_step(self) -> int:
        """The last step that will be done."""
        return self.total_steps if self.failing_step is None else self.failing_step

    @property
    def total_steps(self) -> int:
        """The number of steps of the whole training."""
        return self.epochs * self.steps_per_epoch

    @property
    def end(self) -> Milliseconds:
        """The end of the job."""
        if self.is_invalid:
            return self.validated
        if self.problem is not None:
            return self.step_end(self.last_step)
        return self.step_end(self.total_steps) + self.finishing

    @property
    def reports_per_epoch(self) -> int:
        """The number of steps of an epoch that are reported."""
        return -(-self.steps_per_epoch // self.stride)

    @property
    def reports(self) -> int:
        """The number of steps that are reported in all."""
        return self.epochs * self.reports_per_epoch

    def reported_step(self, number: int) -> int:
        """Return the step of report `number`, counted from 0."""
        epoch, report = divmod(number, self.reports_per_epoch)
        within = min((report + 1) * self.stride, self.steps_per_epoch)
        return epoch * self.steps_per_epoch + within

    def status(self, at: Milliseconds) -> Status:
        """Return the status at a time."""
        if at < self.validated:
            return "validating_files"
        if at >= self.end:
            return "succeeded" if self.problem is None else "failed"
        return "queued" if at < self.started else "running"

    def steps_done(self, at: Milliseconds) -> int:
        """Return the number of steps that are done at a time."""
        if self.is_invalid or at < self.started:
            return 0
        return min(self.last_step, (at - self.started) // self.step_time)

    def step_end(self, step: int) -> Milliseconds:
        """Return the time at which a step, counted from 1, is done."""
        return self.started + step * self.step_time

    def event_count(self, at: Milliseconds) -> int:
        """Return the number of events up to and including a time."""
        if at < self.validated:
            return 2
        if self.is_invalid or at < self.started:
            return 3
        count = 4 + self._training_events(self.steps_done(at))
        if at < self.end:
            return count
        return count + 2 if self.problem is None else count + 1

    def event(self, position: int) -> Event:
        """Return the event at a position; 0 is the oldest."""
        if position < 4:
            return self._early_event(position)
        position -= 4
        training = self._training_events(self.last_step)
        if position >= training:
            if self.problem is not None:
                return Event(self.end, EventKind.FAILED)
            last = EventKind.MODEL if position == training else EventKind.COMPLETED
            return Event(self.end, last)
        epoch, within = divmod(position, self.reports_per_epoch + 1)
        if within == self.reports_per_epoch:
            step = (epoch + 1) * self.steps_per_epoch
            return Event(self.step_end(step), EventKind.CHECKPOINT, step)
        step = self.reported_step(epoch * self.reports_per_epoch + within)
        return Event(self.step_end(step), EventKind.STEP, step)

    def _training_events(self, steps: int) -> int:
        """Return the number of events of this many steps: reports, and all checkpoints except the last."""
        epochs, rest = divmod(steps, self.steps_per_epoch)
        return epochs * self.reports_per_epoch + rest // self.stride + min(epochs, self.epochs - 1)

    def _early_event(self, position: int) -> Event:
        if position < 2:
            return Event(0, EventKind.CREATED if position == 0 else EventKind.VALIDATING)
        if self.is_invalid:
            return Event(self.validated, EventKind.FAILED)
        if position == 2:
            return Event(self.validated, EventKind.QUEUED)
        return Event(self.started, EventKind.STARTED)


_EVENT_KINDS = {
    "pause": EventKind.PAUSED,
    "resume": EventKind.RESUMED,
    "cancel": EventKind.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Timeline:
    """A plan on the emulator's clock, with its interruptions, oldest first."""

    plan: Plan
    created: Milliseconds
    interruptions: tuple[Interruption, ...] = ()

    def elapsed(self, at: Milliseconds) -> Milliseconds:
        """Return how much of the plan has elapsed at a time of the clock."""
        passed, since = 0, self.created
        running = True
        for interruption in self.interruptions:
            if interruption.at > at:
                break
            if running:
                passed += interruption.at - since
            since = interruption.at
            running = interruption.action == "resume"
        if running:
            passed += at - since
        return passed if self.plan.stops is None else min(passed, self.plan.stops)

    def reached(self, elapsed: Milliseconds) -> Milliseconds | None:
        """Return the time by the clock at which this much of the plan has elapsed; None if never."""
        if self.plan.stops is not None and elapsed > self.plan.stops:
            return None
        passed, since = 0, self.created
        running = True
        for interruption in self.interruptions:
            if running:
                if passed + interruption.at - since >= elapsed:
                    break
                passed += interruption.at - since
            since = interruption.at
            running = interruption.action == "resume"
        return since + elapsed - passed if running else None

    def status(self, at: Milliseconds) -> Status:
        """Return the status at a time of the clock."""
        last = next((i for i in reversed(self.interruptions) if i.at <= at), None)
        if last is not None and last.action != "resume":
            return "paused" if last.action == "pause" else "cancelled"
        return self.plan.status(self.elapsed(at))

    def steps_done(self, at: Milliseconds) -> int:
        """Return the number of steps that are done at a time of the clock."""
        return self.plan.steps_done(self.elapsed(at))

    @property
    def end(self) -> Milliseconds | None:
        """The end of the job; None while it is paused, or if it never ends."""
        if self.interruptions and self.interruptions[-1].action == "cancel":
            return self.interruptions[-1].at
        return self.reached(self.plan.end)

    @property
    def settled(self) -> Milliseconds:
        """The time after which nothing happens without a user: the end, a pause, or `plan.stops`."""
        if (end := self.end) is not None:
            return end
        if self.interruptions and self.interruptions[-1].action == "pause":
            return self.interruptions[-1].at
        stopped = None if self.plan.stops is None else self.reached(self.plan.stops)
        assert stopped is not None, "only a pause or a stop keeps a job from its end"
        return stopped

    def event_count(self, at: Milliseconds) -> int:
        """Return the number of events up to and including a time of the clock."""
        interrupted = sum(interruption.at <= at for interruption in self.interruptions)
        return self.plan.event_count(self.elapsed(at)) + interrupted

    def event(self, position: int) -> Event:
        """Return the event at a position, 0 is the oldest; it must have happened."""
        earlier = 0
        for interruption in self.interruptions:
            interrupted = self.plan.event_count(self.elapsed(interruption.at)) + earlier
            if interrupted == position:
                return Event(interruption.at, _EVENT_KINDS[interruption.action])
            if interrupted > position:
                break
            earlier += 1
        event = self.plan.event(position - earlier)
        at = self.reached(event.at)
        assert at is not None, "this event has not happened"
        return Event(at, event.kind, event.step)
