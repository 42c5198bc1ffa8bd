"""Logging, hooks and the last response of a client. None of them shows a key.

Log records come under the name `finetuning_client`: each exchange at DEBUG, each retry at INFO.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextvars import ContextVar
from typing import TypeAlias

from ..errors import ConfigurationError
from ..plans.effects import NoResponse, Outcome, Request, Response
from ..record import Record

OnRequest: TypeAlias = Callable[[Request], object]
"""Called with each request before it is sent; `str(request)` is its method and path."""

OnResponse: TypeAlias = Callable[[Request, Outcome, float], object]
"""Called after each exchange with the request, the `Response` or `NoResponse`, and the seconds it took."""

_log = logging.getLogger("finetuning_client")
_last: ContextVar[Response | None] = ContextVar("finetuning_client_last_response", default=None)


def last_response() -> Response | None:
    """Return the last response received in this thread or task, whatever its status."""
    return _last.get()


class Hooks(Record):
    """The hooks of a client; both are optional."""

    on_request: OnRequest | None = None
    on_response: OnResponse | None = None

    def __post_init__(self) -> None:
        for name in ("on_request", "on_response"):
            hook = getattr(self, name)
            if hook is not None and not callable(hook):
                raise ConfigurationError(f"{name} must be a function, not {type(hook).__name__}")

    def before(self, request: Request) -> None:
        """Call the hook before a request is sent."""
        if self.on_request is not None:
            self.on_request(request)

    def after(self, request: Request, outcome: Outcome, seconds: float) -> None:
        """Keep the response, log the outcome, and call the hook."""
        if isinstance(outcome, Response):
            _last.set(outcome)
        if _log.isEnabledFor(logging.DEBUG):
            _log.debug("%s: %s in %.3f s", request, _summary(outcome), seconds)
        if self.on_response is not None:
            self.on_response(request, outcome, seconds)


def _summary(outcome: Outcome) -> str:
    if isinstance(outcome, NoResponse):
        return outcome.reason
    return f"{outcome.status}, request id {outcome.request_id or 'unknown'}"
