"""Scenarios: the course of a job, set in the job's metadata or for the next jobs.

A job stores its scenario, so the scenario is as deterministic as the rest of the job and survives
restarts.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from finetuning_emulator.controls.options import OptionError, convert, invalid_name
from finetuning_emulator.errors import ApiError

__all__ = ["Scenario", "ScenarioQueue", "make_scenario"]

_PREFIX = "emulator."
_STATUSES = ("validating_files", "queued", "running", "paused", "succeeded", "failed", "cancelled")
_EARLIER: dict[str, tuple[str, ...]] = {
    "validating_files": (),
    "queued": ("validating_files",),
    "running": ("queued", "validating_files"),
}
_BEFORE_THE_END = ("running", "queued", "validating_files")
_TERMINAL = ("succeeded", "failed", "cancelled")
_Step = Annotated[int, Meta(ge=0, le=10**9)]
_Seconds = Annotated[float, Meta(ge=0, le=10**9)]


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """Scenario of a job; by default, nothing out of the ordinary happens to it.

    Attributes:
        fail_at_step: the job fails when this step (or its last) is done; 0 means as soon as it starts
            running.
        error_code: code of `job.error`; without `fail_at_step` the job fails at the end of validation.
        error_message: message of `job.error`; without `fail_at_step` the job fails in the same way.
        error_param: field that `job.error` names.
        stay_queued: the job never leaves the queue.
        pause_at_step: the job pauses when this step (or its last) is done.
        status: status to show in place of each status before the end; or a list of replacements such
            as `queued=pending,succeeded=done`.
        lose_status: statuses, separated by commas, that are never shown: the previous one stays.
        slow_validation: extra seconds of validation, by the emulator's clock.
        training_closed: creation of the job is refused, as on a platform that is closed for training.
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

    @property
    def fails(self) -> bool:
        """True if the job ends with an error."""
        return self.fail_at_step is not None or self.error_code is not None or self.error_message is not None

    def shown(self, status: str) -> str:
        """Return the status to show in place of a status."""
        lost = _names(self.lose_status)
        if status in lost:
            others = (*_EARLIER.get(status, _BEFORE_THE_END), *_BEFORE_THE_END[::-1])
            status = next((other for other in others if other not in lost), status)
        if self.status is None:
            return status
        if "=" not in self.status:
            return status if status in _TERMINAL else self.status
        return _replacements(self.status).get(status, status)

    def check_open(self) -> None:
        """Refuse the request if the platform is closed for training."""
        if self.training_closed:
            raise ApiError(
                403,
                "This organization can no longer create fine-tuning jobs: fine-tuning is being discontinued.",
                code="training_not_available",
            )


class _WithTimes(msgspec.Struct):
    times: Annotated[int, Meta(ge=1, le=10**9)] | None = 1


def make_scenario(options: Mapping[str, Any], *, from_text: bool = False, prefix: str = "") -> Scenario:
    """Return the scenario with these options; `convert` explains the arguments.

    Raises:
        OptionError: a name, a value or a status is unknown.
    """
    scenario = convert(options, Scenario, from_text=from_text, prefix=prefix)
    for status in _names(scenario.lose_status):
        _check_status("lose_status", status)
    if scenario.status is not None and "=" not in scenario.status:
        _check_shown(scenario.status)
    elif scenario.status is not None:
        for pair in scenario.status.split(","):
            old, _, new = pair.partition("=")
            _check_status("status", old.strip())
            _check_shown(new.strip())
    if scenario.error_param is not None and not scenario.fails:
        raise OptionError(
            "error_param: has no effect without fail_at_step, error_code or error_message", "error_param"
        )
    return scenario


class ScenarioQueue:
    """The scenarios of the next jobs: some for a limited number of jobs, then one for all others."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: deque[tuple[Scenario, int]] = deque()
        self._rest: Scenario | None = None

    def add(self, options: Mapping[str, Any]) -> None:
        """Add a scenario for the next `times` jobs, after those already waiting, or for all others (None).

        Raises:
            OptionError: a name, a value or a status is unknown.
        """
        times = convert({"times": options.get("times", 1)}, _WithTimes).times
        scenario = make_scenario({name: value for name, value in options.items() if name != "times"})
        with self._lock:
            if times is None:
                self._rest = scenario
            else:
                self._next.append((scenario, times))

    def clear(self) -> None:
        """Remove all scenarios."""
        with self._lock:
            self._next.clear()
            self._rest = None

    def take(self, metadata: Mapping[str, str] | None) -> Scenario:
        """Return the scenario of a job with this metadata, and count it as used; its own options win.

        Raises:
            ApiError: the metadata has a bad option; then nothing is counted.
        """
        with self._lock:
            scenario, times = self._next[0] if self._next else (self._rest or Scenario(), None)
            result = _with_metadata(scenario, metadata)
            if times is not None:
                self._next.popleft()
                if times > 1:
                    self._next.appendleft((scenario, times - 1))
        return result

    def view(self) -> list[dict[str, Any]]:
        """Return the waiting scenarios in order, as JSON values."""
        with self._lock:
            waiting: list[tuple[Scenario, int | None]] = [*self._next]
            if self._rest is not None:
                waiting.append((self._rest, None))
        return [{"times": times, **msgspec.to_builtins(scenario)} for scenario, times in waiting]


def _with_metadata(scenario: Scenario, metadata: Mapping[str, str] | None) -> Scenario:
    """Return the scenario with the options in a job's metadata, whose keys begin with `emulator.`."""
    options = {
        key.removeprefix(_PREFIX): value for key, value in (metadata or {}).items() if key.startswith(_PREFIX)
    }
    if not options:
        return scenario
    try:
        return make_scenario({**msgspec.to_builtins(scenario), **options}, from_text=True, prefix=_PREFIX)
    except OptionError as error:
        raise ApiError(
            400,
            f"Invalid scenario in the metadata: {error}",
            param="metadata",
            code="invalid_value",
        ) from None


def _check_status(option: str, status: str) -> None:
    if status not in _STATUSES:
        raise OptionError(f"{option}: {invalid_name('status', status, _STATUSES)}", option)


def _check_shown(status: str) -> None:
    if not status or "," in status:
        raise OptionError(
            "status: expected one status, or replacements such as 'queued=pending,succeeded=done'", "status"
        )


def _replacements(text: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in text.split(","))
    return {old.strip(): new.strip() for old, _, new in pairs}


def _names(text: str | None) -> list[str]:
    return [] if text is None else [name.strip() for name in text.split(",")]
