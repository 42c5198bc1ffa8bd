"""When to try again and when to look again, as values: facts go in, a number of seconds or `None` comes out.

Nothing here reads a clock, sleeps or draws a random number: the plans bring those facts along.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Protocol, runtime_checkable

from .errors import ConfigurationError, InvalidRequestError

__all__ = [
    "Conduct",
    "Event",
    "PollPolicy",
    "RetryPolicy",
    "Watch",
    "allowed_time",
    "callback",
    "http_date",
    "is_retried",
    "retry_after",
]


@runtime_checkable
class Event(Protocol):
    """What ends a pause early: `threading.Event`, `asyncio.Event`, or one like them."""

    def is_set(self) -> bool:
        """Whether it has come."""
        ...

    def clear(self) -> None:
        """Make ready for the next time."""
        ...

    def wait(self) -> object:
        """Wait until it comes."""
        ...


_RETRIED = frozenset({408, 409, 425, 429})
# The quota does not come back by waiting, whatever the status says.
_FINAL_CODES = frozenset({"insufficient_quota"})
# A server that asks for more than a day has a clock or a unit wrong.
_LONGEST_BELIEVABLE = 86_400.0


def _require(name: str, value: float, *, at_least: float, at_most: float = math.inf) -> None:
    if not _is_number(value) or not at_least <= value <= at_most:
        bound = "" if math.isinf(at_most) else f", at most {at_most:g}"
        raise ConfigurationError(f"{name} must be a number, at least {at_least:g}{bound}, not {value!r}")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and not math.isnan(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often and how long a request is tried.

    Tried again are broken connections, timeouts, and the statuses 408, 409, 425, 429 and 5xx. A delay that
    the server asks for (`retry-after-ms`, `Retry-After` in seconds or as a date) wins over the backoff; its
    `x-should-retry: true` or `false` wins over the status.

    Attributes:
        max_attempts: how often a request is sent in all; 1 means never again.
        initial_delay: seconds before the second attempt; doubled for each further one.
        max_delay: seconds that the backoff never exceeds.
        jitter: the share of the backoff that is drawn at random, 0 to 1.
        deadline: seconds for all attempts together. A delay that would pass it is not begun: the error is
            raised at once, with `retry_after` on it.
    """

    max_attempts: int = 5
    initial_delay: float = 0.5
    max_delay: float = 8.0
    jitter: float = 0.25
    deadline: float = 600.0

    def __post_init__(self) -> None:
        _require("max_attempts", self.max_attempts, at_least=1)
        if not isinstance(self.max_attempts, int):
            raise ConfigurationError(f"max_attempts must be a whole number, not {self.max_attempts!r}")
        _require("initial_delay", self.initial_delay, at_least=0, at_most=_LONGEST_BELIEVABLE)
        _require("max_delay", self.max_delay, at_least=0, at_most=_LONGEST_BELIEVABLE)
        _require("jitter", self.jitter, at_least=0, at_most=1)
        _require("deadline", self.deadline, at_least=0)

    def within(self, seconds: float) -> RetryPolicy:
        """The same policy where there are only `seconds` left."""
        return replace(self, deadline=min(self.deadline, max(seconds, 0.0)))

    def backoff(self, attempt: int, draw: float) -> float:
        """Seconds to wait after attempt number `attempt` (from 1), where the server names none.

        `draw` is a random number from 0 to 1; it only ever shortens the wait.
        """
        # The exponent is bounded so that no number of attempts overflows a float.
        delay = min(self.initial_delay * 2.0 ** min(attempt - 1, 60), self.max_delay)
        return delay * (1.0 - self.jitter * draw)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """How a client conducts its operations.

    Attributes:
        retry: how requests are tried.
        exactly_once: whether a creation whose answer was lost is looked up, and marked so that it can be.
        strict: whether every answer must satisfy the contract to the letter.
    """

    retry: RetryPolicy = RetryPolicy()
    exactly_once: bool = True
    strict: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.retry, RetryPolicy):
            raise ConfigurationError(f"retry must be a RetryPolicy, not {type(self.retry).__name__}")

    def within(self, seconds: float) -> Conduct:
        """The same conduct where there are only `seconds` left."""
        return replace(self, retry=self.retry.within(seconds))


@dataclass(frozen=True, slots=True, kw_only=True)
class PollPolicy:
    """How often a job or a file is looked at while it is waited for.

    Attributes:
        initial_interval: seconds between the first looks.
        max_interval: seconds that the interval grows to.
        growth: by what factor it grows from look to look.
    """

    initial_interval: float = 0.5
    max_interval: float = 15.0
    growth: float = 1.2

    def __post_init__(self) -> None:
        _require("growth", self.growth, at_least=1)

    @classmethod
    def every(cls, seconds: float | None) -> PollPolicy:
        """The same interval each time; the default policy for `None`. Raises `InvalidRequestError`."""
        if seconds is None:
            return cls()
        if not _is_number(seconds) or seconds <= 0:
            raise _refused("poll_interval", "more than 0 seconds, or None", seconds)
        return cls(initial_interval=seconds, max_interval=seconds, growth=1.0)

    def interval(self, looks: int) -> float:
        """Seconds to pause after look number `looks` (from 1)."""
        # The exponent is bounded so that a wait of weeks does not overflow a float.
        return min(self.initial_interval * self.growth ** min(looks - 1, 200), self.max_interval)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """How a job is waited for.

    Attributes:
        poll: how often it is looked at.
        timeout: seconds to wait at most; `None` waits for ever.
        patience: seconds for which looks may fail in a row before the failure is raised.
        notified: ends a pause early when it is set, and is cleared then.
    """

    poll: PollPolicy = PollPolicy()
    timeout: float | None = None
    patience: float = 30.0
    notified: Event | None = None

    @classmethod
    def of(
        cls, timeout: float | None, poll_interval: float | None, patience: float, notified: object
    ) -> Watch:
        """From the arguments of a waiting call. Raises `InvalidRequestError` for those that make no sense."""
        if not _is_number(patience) or patience < 0:
            raise _refused("patience", "a number of seconds, at least 0", patience)
        if notified is not None and not isinstance(notified, Event):
            raise _refused("notified", "an event with is_set(), clear() and wait(), or None", notified)
        return cls(
            poll=PollPolicy.every(poll_interval),
            timeout=allowed_time(timeout),
            patience=patience,
            notified=notified,
        )


def callback(name: str, function: object) -> None:
    """Refuse what cannot be called back by a plan. Raises `InvalidRequestError`."""
    if function is None:
        return
    if not callable(function) or inspect.iscoroutinefunction(function):
        raise _refused(name, "an ordinary function, not a coroutine function, or None", function)


def allowed_time(timeout: float | None) -> float | None:
    """The `timeout` of a waiting call, checked; `None` for no end. Raises `InvalidRequestError`."""
    if timeout is None:
        return None
    if not _is_number(timeout) or timeout < 0:
        raise _refused("timeout", "a number of seconds, at least 0, or None", timeout)
    return None if math.isinf(timeout) else timeout


def _refused(name: str, limit: str, value: object) -> InvalidRequestError:
    message = f"{name}: must be {limit}, not {value!r}"
    return InvalidRequestError(message, field=name, limit=limit, value=value)


def is_retried(status: int, headers: Mapping[str, str], code: str | None) -> bool:
    """Whether an error answer is worth another attempt."""
    wish = headers.get("x-should-retry", "").strip().lower()
    if wish in ("true", "false"):
        return wish == "true"
    if code in _FINAL_CODES:
        return False
    return status in _RETRIED or status >= 500


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """The delay in seconds that an answer asks for, or `None` where it names none that makes sense.

    `now` is the time in Unix seconds, which a date in `Retry-After` is measured from.
    """
    milliseconds = _seconds(headers.get("retry-after-ms"), scale=0.001)
    if milliseconds is not None:
        return milliseconds
    value = headers.get("retry-after")
    seconds = _seconds(value)
    if seconds is not None or value is None:
        return seconds
    moment = http_date(value)
    if moment is None:
        return None
    delay = moment - now
    # A date just past means "now is fine"; one long past is a wrong clock.
    return max(delay, 0.0) if -60.0 <= delay <= _LONGEST_BELIEVABLE else None


def http_date(text: str | None) -> float | None:
    """A date in a header as Unix seconds, or `None` where it is none."""
    try:
        moment = parsedate_to_datetime(text or "")
    except (TypeError, ValueError, OverflowError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _seconds(text: str | None, scale: float = 1.0) -> float | None:
    try:
        value = float(text or "") * scale
    except ValueError:
        return None
    return value if 0.0 <= value <= _LONGEST_BELIEVABLE else None
