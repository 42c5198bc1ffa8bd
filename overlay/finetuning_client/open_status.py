"""Base of the status enums: a status keeps its text, also one that this release does not know."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import ClassVar, Literal, TypeAlias, TypeVar

from finetuning_api.types import OpenStrEnum

Outcome: TypeAlias = Literal["succeeded", "failed", "cancelled"]
"""Outcome of an object that has ended."""


class Status(OpenStrEnum):
    """State of an object. It compares equal to its text: `job.status == "failed"`.

    An unknown status is neither final nor an error: waiting continues until a status that is known to be
    final.
    """

    _outcomes: ClassVar[Mapping[str, Outcome]]
    _idle: ClassVar[Collection[str]]

    @property
    def outcome(self) -> Outcome | None:
        """Outcome: `succeeded`, `failed` or `cancelled`; `None` while the object has not ended."""
        return self._outcomes.get(self._value_)

    @property
    def is_terminal(self) -> bool:
        """True if the object has ended, and its status will not change again."""
        return self.outcome is not None

    @property
    def is_active(self) -> bool:
        """True if the service works on the object, or will: it has not ended, and is not paused."""
        return self.outcome is None and self._value_ not in self._idle


S = TypeVar("S", bound=Status)


def with_outcomes(
    outcomes: Mapping[str, Outcome], idle: Collection[str] = ()
) -> Callable[[type[S]], type[S]]:
    """Return a decorator that sets which values of a status enum are final, and which are idle."""

    def decorate(kind: type[S]) -> type[S]:
        # Set afterwards: what is assigned within an enum becomes a member of it.
        kind._outcomes = outcomes  # noqa: SLF001  its own attribute
        kind._idle = idle  # noqa: SLF001
        return kind

    return decorate
