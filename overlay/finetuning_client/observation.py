"""What a client lets be seen of its requests: log lines, two hooks, and the last answer. Never a key.

Log records come under the name `finetuning_client`: each exchange at DEBUG, each retry at INFO.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeAlias

from .errors import ConfigurationError
from .plans.effects import Answer, Broken, Outcome, Request

__all__ = ["Observer", "OnRequest", "OnResponse", "last_answer"]

OnRequest: TypeAlias = Callable[[Request], object]
"""Called with each request before it is sent; `str(request)` is its method and path."""

OnResponse: TypeAlias = Callable[[Request, Outcome, float], object]
"""Called after each exchange with the request, the `Answer` or what `Broken` it, and the seconds it took."""

_log = logging.getLogger("finetuning_client")
_last: ContextVar[Answer | None] = ContextVar("finetuning_client_last_answer", default=None)


def last_answer() -> Answer | None:
    """The last answer that came in this thread or task, whatever its status."""
    return _last.get()


@dataclass(frozen=True, slots=True)
class Observer:
    """The hooks of a client; both may be left out."""

    on_request: OnRequest | None = None
    on_response: OnResponse | None = None

    def __post_init__(self) -> None:
        for name in ("on_request", "on_response"):
            hook = getattr(self, name)
            if hook is not None and not callable(hook):
                raise ConfigurationError(f"{name} must be a function, not {type(hook).__name__}")

    def sent(self, request: Request) -> None:
        """Tell that a request is about to be sent."""
        if self.on_request is not None:
            self.on_request(request)

    def done(self, request: Request, outcome: Outcome, seconds: float) -> None:
        """Tell how an exchange ended."""
        if isinstance(outcome, Answer):
            _last.set(outcome)
        if _log.isEnabledFor(logging.DEBUG):
            _log.debug("%s: %s in %.3f s", request, _words(outcome), seconds)
        if self.on_response is not None:
            self.on_response(request, outcome, seconds)


def _words(outcome: Outcome) -> str:
    if isinstance(outcome, Broken):
        return outcome.reason
    return f"{outcome.status}, request id {outcome.request_id or 'unknown'}"
