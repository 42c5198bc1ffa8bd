"""One request until it has a response: sent, awaited, and sent again as the retry policy says.

`exchange` and `fetch` are for requests that may safely be carried out twice; `exactly_once` has the others,
which use the same loop.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

from ..errors import ApiError, FineTuningError, InvalidResponse
from ..operation_settings import Settings
from ..retry import is_retried
from ..retry_after_header import retry_after
from .effects import (
    SHORTEST_EXCHANGE,
    Draw,
    NoResponse,
    Now,
    Outcome,
    Pause,
    Plan,
    Request,
    Response,
    Send,
    Sink,
)
from .responses import JsonObject, read_json_object

_log = logging.getLogger("finetuning_client")

# The result is elsewhere (303), or a timeout or a proxy ended the request before the server did (408, 499).
_AFTER_ACTING = (303, 408, 499)

T = TypeVar("T")

_Recover: TypeAlias = Callable[[Outcome], Plan[T | None]]


class Attempts:
    """Attempts at one request: their count, and the pauses between them.

    Attributes:
        request: what is sent; may change between attempts.
        made: how many attempts were made.
        was_lost: whether an attempt may have been carried out without a response.
        may_have_worked: whether one may have been carried out, even if its response says otherwise.
    """

    def __init__(self, request: Request, settings: Settings) -> None:
        self.request = request
        self.settings = settings
        self.made = 0
        self.was_lost = False
        self.may_have_worked = False
        self._deadline: float | None = None

    def until_read(self, read: Callable[[Response], T], recover: _Recover[T] | None = None) -> Plan[T]:
        """Send the request until a 2xx response comes that `read` accepts, and return what it reads.

        `recover` may find the result after a failed attempt, which then counts as success; else it returns
        `None`. Raises `ApiError`, `ConnectionFailed` or `InvalidResponse` once the retry policy gives up.
        """
        while True:
            outcome = yield from self.send()
            unreadable: InvalidResponse | None = None
            if isinstance(outcome, Response) and outcome.ok:
                try:
                    return read(outcome)
                except InvalidResponse as error:
                    unreadable = error
            if recover is not None and (found := (yield from recover(outcome))) is not None:
                return found
            yield from self.pause_or_raise(outcome, unreadable)

    def send(self, sink: Sink | None = None) -> Plan[Outcome]:
        """Make one attempt, which ends by the deadline unless it transfers a file."""
        now: float = yield Now()
        self.made += 1
        outcome: Outcome = yield Send(self.request, sink, self.end(now))
        return outcome

    def end(self, now: float) -> float:
        """Return when an exchange that begins `now` must end: at the deadline, or soon after it."""
        if self._deadline is None:
            self._deadline = now + self.settings.retry.deadline
        return max(self._deadline, now + SHORTEST_EXCHANGE)

    def error(self, outcome: Outcome) -> Plan[FineTuningError]:
        """Return the error for an outcome that is not a success."""
        now: float = yield Now()
        from .failures import error_of

        return error_of(outcome, self.request, attempts=self.made, now=now)

    def pause_or_raise(self, outcome: Outcome, unreadable: InvalidResponse | None = None) -> Plan[None]:
        """Pause until the next attempt is due; raise the error of `outcome` if that was the last attempt.

        `unreadable` is the error of a success that could not be read, which is retried as a 502 would be.
        """
        retry = self.settings.retry
        self.was_lost = self.was_lost or may_have_acted(outcome)
        self.may_have_worked = self.was_lost or self.may_have_worked or is_doubtful(outcome)
        error = unreadable or (yield from self.error(outcome))
        now: float = yield Now()
        if self.made >= retry.max_attempts or not _is_worth_retrying(outcome, error):
            raise error
        delay = retry_after(outcome.headers, now) if isinstance(outcome, Response) else None
        if delay is None:
            draw: float = yield Draw()
            delay = retry.backoff(self.made, draw)
        if self._deadline is not None and now + delay > self._deadline:
            raise error
        _log.info("%s: retrying in %.1f s (attempt %d failed: %s)", self.request, delay, self.made, error)
        yield Pause(delay)


def exchange(request: Request, settings: Settings, read: Callable[[Response], T]) -> Plan[T]:
    """Send `request` until a 2xx response comes that `read` accepts, and return what it reads.

    Raises `ApiError`, `ConnectionFailed` or `InvalidResponse` once the retry policy gives up.
    """
    return Attempts(request, settings).until_read(read)


def fetch(
    request: Request, settings: Settings, schema: str | None, *, object_id: str | None = None
) -> Plan[Any]:
    """Send `request` by `exchange`, and read the response as an object `schema`; see `reader`."""
    return exchange(request, settings, reader(request, settings, schema, object_id))


def reader(
    request: Request, settings: Settings, schema: str | None, object_id: str | None
) -> Callable[[Response], JsonObject | None]:
    """Return a function that reads a response to `request` as an object `schema`; see `read_json_object`.

    A `schema` of `None` stands for a response without a body, which is read as `None`.
    """

    def read(response: Response) -> JsonObject | None:
        if schema is None:
            return None
        return read_json_object(response, request, schema, object_id=object_id, strict=settings.strict)

    return read


def may_have_acted(outcome: Outcome) -> bool:
    """Return whether the server may have carried out the request of an attempt that gave no result.

    A success counts too: it was not readable, or belonged to another request.
    """
    if isinstance(outcome, NoResponse):
        return outcome.delivered
    return outcome.ok or outcome.status in _AFTER_ACTING or outcome.status >= 500


def is_doubtful(outcome: Outcome) -> bool:
    """Return whether servers and proxies send this response also after a request was carried out."""
    return isinstance(outcome, Response) and outcome.status in (409, 425, 429)


def _is_worth_retrying(outcome: Outcome, error: FineTuningError) -> bool:
    if isinstance(outcome, NoResponse):
        return True
    if isinstance(error, InvalidResponse):
        # A field that breaks the contract would do so again.
        return error.field is None
    code = error.code if isinstance(error, ApiError) else None
    return is_retried(outcome.status, outcome.headers, code)
