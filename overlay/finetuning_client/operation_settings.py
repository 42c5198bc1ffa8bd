"""Settings of the operations of a client: retries, checks and the reading of responses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .errors import ConfigurationError
from .limits_setting import Limits
from .record import Record, replace
from .retry import RetryPolicy

if TYPE_CHECKING:
    from .open_status import Meaning


class Settings(Record, kw_only=True):
    """Settings of the operations of a client.

    Attributes:
        retry: how often and how long a request is tried.
        exactly_once: whether to mark an object on creation, and to search for it if the creation gets no
            readable response.
        strict: whether every response must satisfy the contract.
        statuses: meanings of this server's statuses, as `declared_statuses` returns them.
        limits: whether requests must obey the bounds, lengths, patterns and enumerated values of the
            contract.
        refuses_bad_data: whether this server is known to fail jobs for errors in their data, as the hosted
            service, Azure and the emulator do.
        job_fields: fields, in addition to those of the contract, that every request to create a job has.
    """

    retry: RetryPolicy = RetryPolicy()
    exactly_once: bool = True
    strict: bool = False
    statuses: Mapping[str, Meaning] = {}
    limits: Limits = "contract"
    refuses_bad_data: bool = True
    job_fields: Mapping[str, Any] = {}

    def __post_init__(self) -> None:
        if not isinstance(self.retry, RetryPolicy):
            raise ConfigurationError(f"retry must be a RetryPolicy, not {type(self.retry).__name__}")
        if self.limits not in ("contract", "none"):
            raise ConfigurationError(f"limits must be 'contract' or 'none', not {self.limits!r:.80}")

    def within(self, seconds: float) -> Settings:
        """Return the same settings for a call that has only `seconds` left."""
        return self.changed(retry=self.retry.within(seconds))

    def changed(self, **changes: Any) -> Settings:
        """Return the settings with some of them changed."""
        return replace(self, **changes)
