"""A job's whole life as a pure function of time: nothing runs, a question at time t reads t.

A `Plan` is the undisturbed life in milliseconds since its creation. A `Timeline` lays it on the
emulator's clock, with pauses, which shift what is left, and a cancellation, which cuts it.
Everything is found by arithmetic, so a long history costs no more than a short one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal

import msgspec

from finetuning_emulator.clock import Millis
from finetuning_emulator.dataset import Problem

__all__ = ["Event", "Happening", "Interruption", "Plan", "Status", "Timeline"]

Status = Literal["validating_files", "queued", "running", "paused", "succeeded", "failed", "cancelled"]


class Happening(Enum):
    """What an event tells; the wording is not the timeline's concern."""

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
    """Something that happened to a job; `step` is 0 but for steps and checkpoints."""

    at: Millis
    what: Happening
    step: int = 0


class Interruption(msgspec.Struct, frozen=True):
    """What a user did to a job, and when."""

    at: Millis
    what: Literal["pause", "resume", "cancel"]


class Plan(msgspec.Struct, frozen=True):
    """An undisturbed life. Times are milliseconds since creation.

    It trains `epochs` times `steps_per_epoch` steps, reports every `stride`-th and the last of each
    epoch, and ends `finishing` after the last. With a `problem` it fails when step `failing_step`
    is done, or when validation ends where that is None. It never gets beyond `stops`.
    """

    validated: Millis
    started: Millis = 0
    step_time: Millis = 0
    finishing: Millis = 0
    epochs: int = 0
    steps_per_epoch: int = 0
    stride: int = 1
    problem: Problem | None = None
    failing_step: int | None = None
    stops: Millis | None = None

    @property
    def is_invalid(self) -> bool:
        """Whether validation refuses the files."""
        return self.problem is not None and self.failing_step is None

    @property
    def last_step(self) -> int:
        """The last step that is done."""
        return self.total_steps if self.failing_step is None else self.failing_step

    @property
    def total_steps(self) -> int:
        """All the steps of the training."""
        return self.epochs * self.steps_per_epoch

    @property
    def end(self) -> Millis:
        """When the job has ended."""
        if self.is_invalid:
            return self.validated
        if self.problem is not None:
            return self.step_end(self.last_step)
        return self.step_end(self.total_steps) + self.finishing

    @property
    def reports_per_epoch(self) -> int:
        """How many steps of an epoch are reported."""
        return -(-self.steps_per_epoch // self.stride)

    @property
    def reports(self) -> int:
        """How many steps are reported in all."""
        return self.epochs * self.reports_per_epoch

    def reported_step(self, number: int) -> int:
        """The step that report `number` (from 0) is about."""
        epoch, place = divmod(number, self.reports_per_epoch)
        within = min((place + 1) * self.stride, self.steps_per_epoch)
        return epoch * self.steps_per_epoch + within

    def status(self, at: Millis) -> Status:
        """The status at a time."""
        if at < self.validated:
            return "validating_files"
        if at >= self.end:
            return "succeeded" if self.problem is None else "failed"
        return "queued" if at < self.started else "running"

    def steps_done(self, at: Millis) -> int:
        """How many steps are behind at a time."""
        if self.is_invalid or at < self.started:
            return 0
        return min(self.last_step, (at - self.started) // self.step_time)

    def step_end(self, step: int) -> Millis:
        """When a step, counted from 1, is done."""
        return self.started + step * self.step_time

    def event_count(self, at: Millis) -> int:
        """How many events there are up to and including a time."""
        if at < self.validated:
            return 2
        if self.is_invalid or at < self.started:
            return 3
        count = 4 + self._events_of_training(self.steps_done(at))
        if at < self.end:
            return count
        return count + 2 if self.problem is None else count + 1

    def event(self, place: int) -> Event:
        """The event at a place, counted from 0, the oldest."""
        if place < 4:
            return self._early_event(place)
        place -= 4
        training = self._events_of_training(self.last_step)
        if place >= training:
            if self.problem is not None:
                return Event(self.end, Happening.FAILED)
            last = Happening.MODEL if place == training else Happening.COMPLETED
            return Event(self.end, last)
        epoch, within = divmod(place, self.reports_per_epoch + 1)
        if within == self.reports_per_epoch:
            step = (epoch + 1) * self.steps_per_epoch
            return Event(self.step_end(step), Happening.CHECKPOINT, step)
        step = self.reported_step(epoch * self.reports_per_epoch + within)
        return Event(self.step_end(step), Happening.STEP, step)

    def _events_of_training(self, steps: int) -> int:
        """How many events there are of so many steps: those reported, and all checkpoints but the last."""
        epochs, rest = divmod(steps, self.steps_per_epoch)
        return epochs * self.reports_per_epoch + rest // self.stride + min(epochs, self.epochs - 1)

    def _early_event(self, place: int) -> Event:
        if place < 2:
            return Event(0, Happening.CREATED if place == 0 else Happening.VALIDATING)
        if self.is_invalid:
            return Event(self.validated, Happening.FAILED)
        if place == 2:
            return Event(self.validated, Happening.QUEUED)
        return Event(self.started, Happening.STARTED)


_WORDING = {
    "pause": Happening.PAUSED,
    "resume": Happening.RESUMED,
    "cancel": Happening.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Timeline:
    """A plan laid on the emulator's clock, as its interruptions left it (oldest first)."""

    plan: Plan
    created: Millis
    interruptions: tuple[Interruption, ...] = ()

    def elapsed(self, at: Millis) -> Millis:
        """How much of the plan is lived through at a time of the clock."""
        lived, since = 0, self.created
        running = True
        for interruption in self.interruptions:
            if interruption.at > at:
                break
            if running:
                lived += interruption.at - since
            since = interruption.at
            running = interruption.what == "resume"
        if running:
            lived += at - since
        return lived if self.plan.stops is None else min(lived, self.plan.stops)

    def reached(self, elapsed: Millis) -> Millis | None:
        """When, by the clock, that much of the plan is lived through; None if never so far."""
        if self.plan.stops is not None and elapsed > self.plan.stops:
            return None
        lived, since = 0, self.created
        running = True
        for interruption in self.interruptions:
            if running:
                if lived + interruption.at - since >= elapsed:
                    break
                lived += interruption.at - since
            since = interruption.at
            running = interruption.what == "resume"
        return since + elapsed - lived if running else None

    def status(self, at: Millis) -> Status:
        """The job's status."""
        last = next((i for i in reversed(self.interruptions) if i.at <= at), None)
        if last is not None and last.what != "resume":
            return "paused" if last.what == "pause" else "cancelled"
        return self.plan.status(self.elapsed(at))

    def steps_done(self, at: Millis) -> int:
        """How many training steps are behind."""
        return self.plan.steps_done(self.elapsed(at))

    @property
    def end(self) -> Millis | None:
        """When the job ends, or ended; None while it is paused, or if it never does."""
        if self.interruptions and self.interruptions[-1].what == "cancel":
            return self.interruptions[-1].at
        return self.reached(self.plan.end)

    @property
    def rest(self) -> Millis:
        """After which nothing more happens by itself: its end, a pause, or where it stops."""
        if (end := self.end) is not None:
            return end
        if self.interruptions and self.interruptions[-1].what == "pause":
            return self.interruptions[-1].at
        stopped = None if self.plan.stops is None else self.reached(self.plan.stops)
        assert stopped is not None, "only a pause or a stop keeps a job from its end"
        return stopped

    def event_count(self, at: Millis) -> int:
        """How many events there are at a time."""
        interrupted = sum(interruption.at <= at for interruption in self.interruptions)
        return self.plan.event_count(self.elapsed(at)) + interrupted

    def event(self, place: int) -> Event:
        """The event at a place, counted from 0, the oldest; it must have happened."""
        earlier = 0
        for interruption in self.interruptions:
            position = self.plan.event_count(self.elapsed(interruption.at)) + earlier
            if position == place:
                return Event(interruption.at, _WORDING[interruption.what])
            if position > place:
                break
            earlier += 1
        event = self.plan.event(place - earlier)
        at = self.reached(event.at)
        assert at is not None, "this event has not happened"
        return Event(at, event.what, event.step)
