"""Retry policy: facts about a failed attempt in, a decision and a delay out.

Nothing here reads a clock, sleeps or draws a random number: the plans supply those facts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from .errors import ConfigurationError
from .http_headers import LONGEST_DELAY

_RETRIED = frozenset({408, 409, 425, 429})
# The quota does not come back by waiting, whatever the status says.
_FINAL_CODES = frozenset({"insufficient_quota"})


class RetryPolicy(Struct, frozen=True, kw_only=True):
    """How often and how long a request is tried.

    Retried are broken connections, timeouts, and the statuses 408, 409, 425, 429 and 5xx. A delay that the
    server asks for (`retry-after-ms`, `Retry-After` in seconds or as a date) takes precedence over the
    backoff; its `x-should-retry: true` or `false` takes precedence over the status.

    Attributes:
        max_attempts: how often a request is sent in all; 1 means that it is never retried.
        initial_delay: seconds before the second attempt; doubled for each further one.
        max_delay: seconds that the backoff never exceeds.
        jitter: the share of the backoff that is drawn at random, 0 to 1.
        deadline: seconds for all attempts together. A delay that would pass it is not started: the error is
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
        _require("initial_delay", self.initial_delay, at_least=0, at_most=LONGEST_DELAY)
        _require("max_delay", self.max_delay, at_least=0, at_most=LONGEST_DELAY)
        _require("jitter", self.jitter, at_least=0, at_most=1)
        _require("deadline", self.deadline, at_least=0)

    def within(self, seconds: float) -> RetryPolicy:
        """Return the same policy for a call that has only `seconds` left."""
        return replace(self, deadline=min(self.deadline, max(seconds, 0.0)))

    def backoff(self, attempt: int, draw: float) -> float:
        """Return the seconds to wait after attempt number `attempt` (from 1), where the server names none.

        `draw` is a random number from 0 to 1; it only ever shortens the wait.
        """
        # The exponent is bounded so that no number of attempts overflows a float.
        delay = min(self.initial_delay * 2.0 ** min(attempt - 1, 60), self.max_delay)
        return delay * (1.0 - self.jitter * draw)


def is_retried(status: int, headers: Mapping[str, str], code: str | None) -> bool:
    """Tell whether an error response is worth another attempt."""
    wish = headers.get("x-should-retry", "").strip().lower()
    if wish in ("true", "false"):
        return wish == "true"
    if code in _FINAL_CODES:
        return False
    return status in _RETRIED or status >= 500


def is_number(value: object) -> bool:
    """Tell whether the value is a real number that a float can hold: no boolean, no NaN."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return not math.isnan(value)
    except OverflowError:
        return False


def _require(name: str, value: float, *, at_least: float, at_most: float = math.inf) -> None:
    if not is_number(value) or not at_least <= value <= at_most:
        bound = "" if math.isinf(at_most) else f", at most {at_most:g}"
        raise ConfigurationError(f"{name} must be a number, at least {at_least:g}{bound}, not {value!r}")
