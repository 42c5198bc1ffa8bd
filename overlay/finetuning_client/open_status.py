"""Base of the status enums: a status keeps its text, even if this release does not know it.

The meaning of a status is looked up by its letters and digits alone, so that `CANCELLATION_REQUESTED`,
`cancellation-requested` and `cancellationRequested` are the same: first in the statuses that were declared
for the client, then among those of its enum, then in `OTHER_SPELLINGS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Any, ClassVar, Literal, Self, TypeAlias, TypeVar, get_args

from finetuning_api.types import OpenStrEnum

from .errors import ConfigurationError

Outcome: TypeAlias = Literal["succeeded", "failed", "cancelled"]
"""Outcome of an object that has ended."""

Meaning: TypeAlias = Literal["succeeded", "failed", "cancelled", "cancelling", "active", "paused"]
"""Meaning of a status: an outcome, or for an object that has not ended, its state."""

OTHER_SPELLINGS: Mapping[Meaning, Collection[str]] = {
    "succeeded": ("succeeded", "success", "successful", "complete", "completed"),
    "failed": (
        *("failed", "failure", "error", "errored", "user_error", "system_error", "internal_error"),
        *("failed_validation", "validation_failed", "expired", "timeout", "timed_out"),
    ),
    "cancelled": ("cancelled", "canceled", "aborted", "stopped", "terminated", "deleted"),
    "cancelling": (
        *("cancelling", "canceling", "cancel_requested", "cancellation_requested"),
        *("stopping", "aborting", "terminating", "deleting"),
    ),
    "active": (
        *("accepted", "created", "creating", "submitted", "scheduled", "pending", "queued", "enqueued"),
        *("waiting", "not_running", "not_started", "initializing", "preparing", "provisioning"),
        *("validating_files", "validating", "validated", "uploading", "uploaded", "processing"),
        *("starting", "started", "running", "in_progress", "training", "evaluating", "resuming"),
        *("pausing", "compressing", "saving", "finalizing", "deploying"),
    ),
    "paused": ("paused", "suspended", "on_hold"),
}
"""Statuses of compatible servers, by meaning."""

_OUTCOMES = get_args(Outcome)
_NOT_LETTERS = re.compile(r"[\W_]+")
# Some clouds write the type before the value: JOB_STATE_SUCCEEDED.
_PREFIX = "jobstate"


class Status(OpenStrEnum):
    """State of an object. It compares equal to its text: `job.status == "failed"`.

    An unknown status is neither final nor an error: waiting continues until the status is one that is known
    to be final.
    """

    _meanings: ClassVar[Mapping[str, Meaning]]
    _declared: Mapping[str, Meaning]

    @property
    def meaning(self) -> Meaning | None:
        """Meaning of the status; `None` for an unknown one.

        `succeeded`, `failed` and `cancelled` are final. `cancelling`, `active` and `paused` are not, and a
        paused object stays paused until somebody resumes it.
        """
        known = self._meanings.get(self._value_)
        if known is not None and not self._declared:
            return known
        name = _folded(self._value_)
        return self._declared.get(name) or self._meanings.get(name)

    @property
    def outcome(self) -> Outcome | None:
        """Outcome: `succeeded`, `failed` or `cancelled`; `None` while the object has not ended."""
        meaning = self.meaning
        return meaning if meaning in _OUTCOMES else None  # type: ignore[return-value]

    @property
    def is_terminal(self) -> bool:
        """True if the object has ended, and its status will not change again."""
        return self.outcome is not None

    @property
    def is_active(self) -> bool:
        """True if the service is working on the object, or will: it has not ended, and is not paused."""
        return self.meaning in ("active", "cancelling", None)

    @classmethod
    def of(cls, text: object, declared: Mapping[str, Meaning]) -> Self:
        """Return the status that a server sent, for a client with declared statuses; `unknown` if empty.

        `declared` is what `declared_statuses` returns.
        """
        return cls(text if isinstance(text, str) and text else "unknown").with_declared(declared)

    def with_declared(self, declared: Mapping[str, Meaning]) -> Self:
        """Return the same status, which carries the statuses that were declared for a client."""
        is_documented = _folded(self._value_) not in declared and self.is_known
        if not declared or is_documented:
            # A documented value stays the member of the enum.
            return self
        found: Self = self._of(str.__new__(type(self), self._value_), self._value_)
        found._declared = declared
        return found

    def __reduce_ex__(self, protocol: object) -> tuple[Any, ...]:
        return _restored, (type(self), self._value_, dict(self._declared))


# Set here, since an assignment within an enum creates a member.
Status._declared = {}  # noqa: SLF001  its own attribute

S = TypeVar("S", bound=Status)


def with_outcomes(
    outcomes: Mapping[str, Outcome], idle: Collection[str] = ()
) -> Callable[[type[S]], type[S]]:
    """Return a decorator that sets which values of a status enum are final, and which are paused."""

    def decorate(kind: type[S]) -> type[S]:
        own: dict[str, Meaning] = {member.value: "active" for member in kind}
        own.update((value, "paused") for value in idle)
        own.update(outcomes)
        known = dict(_spellings())
        known.update((_folded(value), meaning) for value, meaning in own.items())
        known.update(own)
        kind._meanings = known  # noqa: SLF001
        return kind

    return decorate


def declared_statuses(given: Mapping[Any, Any]) -> Mapping[str, Meaning]:
    """Return the statuses that a client declares, by their folded text. Raises `ConfigurationError`."""
    words = ", ".join(map(repr, get_args(Meaning)))
    example = "statuses={'done': 'succeeded'}"
    if not isinstance(given, Mapping):
        raise ConfigurationError(f"statuses must be a dict such as {example}, not {type(given).__name__}")
    found: dict[str, Meaning] = {}
    for text, meaning in given.items():
        name = _folded(text) if isinstance(text, str) else ""
        if not name:
            raise ConfigurationError(
                f"statuses: a status must be a string with a letter or a digit, as in {example}, "
                f"not {text!r:.80}"
            )
        if not isinstance(meaning, str) or meaning not in get_args(Meaning):
            raise ConfigurationError(f"statuses[{text!r:.80}] must be one of {words}, not {meaning!r:.80}")
        if found.setdefault(name, str(meaning)) != meaning:  # type: ignore[arg-type]
            raise ConfigurationError(f"statuses[{text!r:.80}] is declared twice, with different meanings")
    return found


def _folded(text: str) -> str:
    """Return the letters and digits of a status, in lower case."""
    folded = _NOT_LETTERS.sub("", text).casefold()
    return folded.removeprefix(_PREFIX) or folded


@cache
def _spellings() -> dict[str, Meaning]:
    return {_folded(text): meaning for meaning, texts in OTHER_SPELLINGS.items() for text in texts}


def _restored(kind: type[S], text: str, declared: Mapping[str, Meaning]) -> S:
    """Return a status from a pickle or a copy."""
    return kind(text).with_declared(declared)
