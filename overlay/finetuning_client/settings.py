"""Settings of a client that decide how its operations are carried out."""

from __future__ import annotations

from .errors import ConfigurationError
from .record import Record, replace
from .retry import RetryPolicy


class Settings(Record, kw_only=True):
    """Settings of the operations of a client.

    Attributes:
        retry: how often and how long a request is tried.
        exactly_once: whether to search for the object of a creation without a readable response, and to mark
            it for that.
        strict: whether every response must satisfy the contract.
    """

    retry: RetryPolicy = RetryPolicy()
    exactly_once: bool = True
    strict: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.retry, RetryPolicy):
            raise ConfigurationError(f"retry must be a RetryPolicy, not {type(self.retry).__name__}")

    def within(self, seconds: float) -> Settings:
        """Return the same settings for a call that has only `seconds` left."""
        return self.with_retry(self.retry.within(seconds))

    def with_retry(self, retry: RetryPolicy) -> Settings:
        """Return the same settings with another retry policy."""
        return replace(self, retry=retry)
