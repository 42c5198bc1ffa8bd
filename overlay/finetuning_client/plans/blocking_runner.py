"""The loop of the drivers that block: it does what a plan yields, one effect after the other.

A driver derives from it, and adds how requests are sent and where the time comes from: one uses the network,
another the files of an archive.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from typing import Any, Generic, TypeVar

from ..errors import FineTuningError
from .effects import Draw, Effect, Emit, Now, Outcome, Pause, Plan, Send, Steps, Stream, Together, Work

T = TypeVar("T")
N = TypeVar("N", bound=Callable[[], float])


class BlockingRunner(Generic[N]):
    """Runs plans by blocking. A subclass sends the requests, and tells the time of each call."""

    def run(self, plan: Plan[T]) -> T:
        """Do what `plan` yields, and return its result."""
        with closing(plan):
            steps, now = Steps(plan), self._started()
            for effect in steps:
                try:
                    steps.reply = self._perform(effect, now)
                except FineTuningError as error:
                    steps.failure = error
            result: T = steps.result
            return result

    def stream(self, plan: Stream[T]) -> Generator[T, None, None]:
        """Do what `plan` yields, and yield what it emits."""
        with closing(plan):
            steps, now = Steps(plan), self._started()
            for effect in steps:
                if isinstance(effect, Emit):
                    yield effect.item
                    continue
                try:
                    steps.reply = self._perform(effect, now)
                except FineTuningError as error:
                    steps.failure = error

    def _perform(self, effect: Effect, now: N) -> Any:
        match effect:
            case Send():
                return self._send(effect, now)
            case Pause():
                return self._pause(effect, now)
            case Now():
                return now()
            case Draw():
                return random.random()  # noqa: S311  spreads retries; nothing secret depends on it
            case Work(function):
                return function()
            case Together(plans):
                return self._together(plans)

    def _started(self) -> N:
        """Return what tells the time of a call that begins now."""
        raise NotImplementedError

    def _send(self, send: Send, now: N) -> Outcome:
        raise NotImplementedError

    def _pause(self, effect: Pause, now: N) -> None:
        raise NotImplementedError

    def _together(self, plans: Sequence[Plan[Any]]) -> list[Any]:
        return [self._result(plan) for plan in plans]

    def _result(self, plan: Plan[T]) -> T | FineTuningError:
        try:
            return self.run(plan)
        except FineTuningError as error:
            return error
