"""Options of waiting calls: how often to look, how long to wait, what ends a pause early. Pure values."""

from __future__ import annotations

import math
from typing import Protocol, runtime_checkable

from .arguments import is_number
from .errors import InvalidRequestError
from .record import Record


@runtime_checkable
class WakeEvent(Protocol):
    """An event that ends a pause early: `threading.Event`, `asyncio.Event`, or a similar object."""

    def is_set(self) -> bool:
        """Return whether the event is set."""
        ...

    def clear(self) -> None:
        """Reset the event for the next pause."""
        ...

    def wait(self) -> object:
        """Wait until the event is set."""
        ...


class PollPolicy(Record, kw_only=True):
    """Intervals at which a job or a file is polled.

    Attributes:
        initial_interval: seconds between the first reads.
        max_interval: maximum interval, in seconds.
        growth: the factor by which it grows from read to read, at least 1.
    """

    initial_interval: float = 0.5
    max_interval: float = 15.0
    growth: float = 1.2

    def __post_init__(self) -> None:
        if not is_number(self.growth) or self.growth < 1:
            raise InvalidRequestError.of("growth", "a number, at least 1", self.growth)

    @classmethod
    def every(cls, seconds: float | None) -> PollPolicy:
        """Return a policy with a fixed interval, or the default one for `None`.

        Raises `InvalidRequestError`.
        """
        if seconds is None:
            return cls()
        if not is_number(seconds) or seconds <= 0:
            raise InvalidRequestError.of("poll_interval", "a number of seconds above 0, or None", seconds)
        return cls(initial_interval=seconds, max_interval=seconds, growth=1.0)

    def interval(self, reads: int) -> float:
        """Return the seconds to pause after read number `reads` (from 1)."""
        # The exponent is bounded so that a wait of weeks does not overflow a float.
        return min(self.initial_interval * self.growth ** min(reads - 1, 200), self.max_interval)


class WaitOptions(Record, kw_only=True):
    """Options for waiting for jobs.

    Attributes:
        poll: how often a job is read.
        timeout: maximum number of seconds to wait; `None` for no limit.
        patience: seconds for which reads may keep failing before the failure is raised.
        notified: ends a pause early when it is set, and is then cleared.
    """

    poll: PollPolicy = PollPolicy()
    timeout: float | None = None
    patience: float = 30.0
    notified: WakeEvent | None = None

    @classmethod
    def of(
        cls, timeout: float | None, poll_interval: float | None, patience: float, notified: object
    ) -> WaitOptions:
        """Return the options for the arguments of a waiting call. Raises `InvalidRequestError`."""
        if not is_number(patience) or patience < 0:
            raise InvalidRequestError.of("patience", "a number of seconds, at least 0", patience)
        if notified is not None and not isinstance(notified, WakeEvent):
            raise InvalidRequestError.of(
                "notified", "an event with is_set(), clear() and wait(), or None", notified
            )
        return cls(
            poll=PollPolicy.every(poll_interval),
            timeout=require_timeout(timeout),
            patience=patience,
            notified=notified,
        )


def require_timeout(timeout: float | None) -> float | None:
    """Return the `timeout` of a waiting call, checked; `None` for no limit. Raises `InvalidRequestError`."""
    if timeout is None:
        return None
    if not is_number(timeout) or timeout < 0:
        raise InvalidRequestError.of("timeout", "a number of seconds, at least 0, or None", timeout)
    return None if math.isinf(timeout) else timeout
