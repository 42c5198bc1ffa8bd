"""What a test wants to happen to a job: asked for in the job's metadata, or for the next jobs.

A scenario becomes part of the job that is created under it, so it is as deterministic, and survives
restarts as well, as everything else about the job.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from finetuning_emulator.checks import sensible
from finetuning_emulator.dataset import Problem
from finetuning_emulator.errors import Refusal

__all__ = ["Scenario", "ScenarioQueue", "Times", "in_metadata"]

_PREFIX = "emulator."
_EARLIER: dict[str, tuple[str, ...]] = {
    "validating_files": (),
    "queued": ("validating_files",),
    "running": ("queued", "validating_files"),
}
_BEFORE_THE_END = ("running", "queued", "validating_files")
_ENDS = ("succeeded", "failed", "cancelled")
_Step = Annotated[int, Meta(ge=0, le=10**9)]
_Seconds = Annotated[float, Meta(ge=0, le=10**9)]
Times = Annotated[int, Meta(ge=1, le=10**9)] | None


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """What happens to a job; by default, nothing but its plain life.

    Attributes:
        fail_at_step: the job fails when this step (or its last) is done, 0 as soon as it runs.
        error_code: the code of its error; without `fail_at_step` it fails when validation ends.
        error_message: the message of its error; makes it fail in the same way.
        error_param: the field that its error names.
        stay_queued: it never leaves the queue.
        pause_at_step: it pauses by itself when this step (or its last) is done.
        status: the status that it shows instead of each one before its end; or a list of
            replacements such as `queued=pending,succeeded=done`.
        lose_status: statuses, separated by commas, that are never seen: the one before stays.
        slow_validation: seconds of the emulator's clock that validation takes longer.
        training_closed: it is refused as on a platform that trains no longer.
    """

    fail_at_step: _Step | None = None
    error_code: str | None = None
    error_message: str | None = None
    error_param: str | None = None
    stay_queued: bool = False
    pause_at_step: _Step | None = None
    status: str | None = None
    lose_status: str | None = None
    slow_validation: _Seconds = 0
    training_closed: bool = False

    def checked(self) -> Scenario:
        """The same, if its values make sense. Raises `ValueError` otherwise."""
        checked: Scenario = sensible(msgspec.structs.asdict(self), Scenario)
        return checked

    @property
    def problem(self) -> Problem | None:
        """The error that the job ends with, or None when it is not to fail."""
        if self.fail_at_step is None and self.error_code is None and self.error_message is None:
            return None
        message = self.error_message or "The job failed, as its scenario asked for."
        return Problem(self.error_code or "server_error", message, self.error_param)

    def shown(self, status: str) -> str:
        """The status that is shown for a status."""
        lost = _names(self.lose_status)
        if status in lost:
            others = (*_EARLIER.get(status, _BEFORE_THE_END), *_BEFORE_THE_END[::-1])
            status = next((other for other in others if other not in lost), status)
        if self.status is None:
            return status
        if "=" not in self.status:
            return status if status in _ENDS else self.status
        replaced = {old: new for old, _, new in (pair.partition("=") for pair in _names(self.status))}
        return replaced.get(status, status)

    def allow_training(self) -> None:
        """Refuse when the platform is closed."""
        if self.training_closed:
            raise Refusal(
                403,
                "This organization can no longer create fine-tuning jobs: training is being closed.",
                code="training_not_available",
            )


class ScenarioQueue:
    """The scenarios of the jobs to come: some for the next few, then one for all others."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: deque[tuple[Scenario, int]] = deque()
        self._then: Scenario | None = None

    def add(self, scenario: Scenario, times: int | None) -> None:
        """Have a scenario for the next `times` jobs, after those that wait already; None is for all.

        Raises:
            ValueError: `times` is not a number of jobs.
        """
        sensible(times, Times)
        with self._lock:
            if times is None:
                self._then = scenario
            else:
                self._next.append((scenario, times))

    def clear(self) -> None:
        """Have nothing happen to the jobs to come."""
        with self._lock:
            self._next.clear()
            self._then = None

    def take(self) -> Scenario:
        """The scenario of a job that is being created."""
        with self._lock:
            if not self._next:
                return self._then or Scenario()
            scenario, times = self._next.popleft()
            if times > 1:
                self._next.appendleft((scenario, times - 1))
            return scenario

    def view(self) -> list[dict[str, Any]]:
        """Those that wait, in their order."""
        with self._lock:
            waiting: list[tuple[Scenario, int | None]] = [*self._next]
            if self._then is not None:
                waiting.append((self._then, None))
        return [{"times": times, **msgspec.to_builtins(scenario)} for scenario, times in waiting]


def in_metadata(metadata: Mapping[str, str] | None, scenario: Scenario) -> Scenario:
    """The scenario, changed by the keys of a job's metadata that begin with `emulator.`."""
    asked = {
        key.removeprefix(_PREFIX): value for key, value in (metadata or {}).items() if key.startswith(_PREFIX)
    }
    if not asked:
        return scenario
    try:
        return msgspec.convert({**msgspec.structs.asdict(scenario), **asked}, Scenario, strict=False)
    except msgspec.ValidationError as error:
        known = ", ".join(_PREFIX + name for name in Scenario.__struct_fields__)
        text = str(error).replace("`", "'").replace("$", "metadata")
        raise Refusal(
            400,
            f"Invalid scenario in the metadata: {text}. Known are {known}.",
            param="metadata",
            code="invalid_value",
        ) from None


def _names(text: str | None) -> list[str]:
    return [name.strip() for name in (text or "").split(",")]
