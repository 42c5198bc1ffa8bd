"""Retry policy: derives a decision and a delay from facts about a failed attempt.

Nothing here reads a clock, sleeps or draws a random number: the plans supply those facts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from .arguments import is_number
from .errors import ConfigurationError
from .record import Record, replace
from .retry_after_header import LONGEST_DELAY

_RETRIED = frozenset({408, 409, 425, 429})
# Waiting does not restore the quota, whatever the status says.
_FINAL_CODES = frozenset({"insufficient_quota"})


class RetryPolicy(Record, kw_only=True):
    """Retry policy: how often and for how long a request is tried.

    A request is retried after a broken connection, a timeout, the status 408, 409, 425, 429 or 5xx (except
    with the error code `insufficient_quota`), or a success whose body is not the requested object. A delay
    that the
    server asks for (`retry-after-ms`, `Retry-After` in seconds or as a date) takes precedence over the
    backoff, and `x-should-retry: true` or `false` takes precedence over the status and the code.

    Attributes:
        max_attempts: maximum number of attempts; 1 means that a request is never retried.
        initial_delay: seconds before the second attempt; doubled for each further one.
        max_delay: maximum backoff, in seconds.
        jitter: fraction of the backoff that is random, 0 to 1.
        deadline: seconds for all attempts together, in real time. It ends an attempt that is still under way,
            but one that begins near the deadline gets up to a second. If a delay would exceed it,
            the error is raised at once, with its `retry_after`. Attempts that transfer a file may
            last longer.
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
        _require("initial_delay", self.initial_delay, at_least=0, at_most=LONGEST_DELAY)
        _require("max_delay", self.max_delay, at_least=0, at_most=LONGEST_DELAY)
        _require("jitter", self.jitter, at_least=0, at_most=1)
        _require("deadline", self.deadline, at_least=0)

    def within(self, seconds: float) -> RetryPolicy:
        """Return the same policy for a call that has only `seconds` left."""
        return replace(self, deadline=min(self.deadline, max(seconds, 0.0)))

    def backoff(self, attempt: int, draw: float) -> float:
        """Return the seconds to wait after attempt number `attempt` (from 1) if the server requests no delay.

        `draw` is a random number from 0 to 1; it only ever shortens the wait.
        """
        # The exponent is bounded so that no number of attempts overflows a float.
        delay = min(self.initial_delay * 2.0 ** min(attempt - 1, 60), self.max_delay)
        return delay * (1.0 - self.jitter * draw)


def is_retried(status: int, headers: Mapping[str, str], code: str | None) -> bool:
    """Return whether an error response is retried."""
    wish = headers.get("x-should-retry", "").strip().lower()
    if wish in ("true", "false"):
        return wish == "true"
    if code in _FINAL_CODES:
        return False
    return status in _RETRIED or status >= 500


def _require(name: str, value: float, *, at_least: float, at_most: float = math.inf) -> None:
    if not is_number(value) or not at_least <= value <= at_most:
        rule = f", at least {at_least:g}," if math.isinf(at_most) else f" from {at_least:g} to {at_most:g}"
        raise ConfigurationError(f"{name} must be a number{rule}, not {value!r:.120}")
