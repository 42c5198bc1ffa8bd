"""Requests that must not be carried out twice: `create_once` and others for creations, `act`, `remove`.

The API has no idempotency key. So when an attempt to create an object ends without a success that certainly
belongs to it, the client searches the service for the object that the attempt may have created. If the object
is found, it is the result. The request is sent again only if the object is absent: throughout a search that
lasts as long as the lost attempt took, at least 2 and at most 30 seconds, every object created since must
certainly belong to another request. A server that broke the connection may still be at work, so a single look
that finds nothing proves nothing. If the search cannot decide, or the deadline of the retry policy ends it,
the error of the attempt is raised, with `may_exist`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..errors import ApiError, FineTuningError, InvalidResponse
from ..operation_settings import Settings
from ..retry import is_retried
from ..schemas import constant_fields, field_names
from ..statuses import JobStatus
from .attempts import Attempts, is_doubtful, may_have_acted, reader
from .effects import SHORTEST_EXCHANGE, Now, Outcome, Pause, Plan, Request, Response, by_deadline
from .responses import JsonObject, invalid_response, read_json_object, read_object

if TYPE_CHECKING:
    from finetuning_api.types import ApiObject

T = TypeVar("T")
M = TypeVar("M", bound="ApiObject")

_SHORTEST_SEARCH, _LONGEST_SEARCH = 2.0, 30.0
_FIRST_LOOK = 0.5
_NOT_READY_PAUSE = 2.0
# Times in responses are in whole seconds.
_ROUNDING = 2.0


class Creation(Generic[T]):
    """The creation of one object, for `create_once`. Subclasses define how to send and find it.

    Attributes:
        noun: the name of the object in messages, such as `job`.
        advice: how a person can find the object, for the message of an error after which it may exist.
        settings: of the client.
        clock_skew: seconds by which the clocks may differ if the server does not send its time.
        has_file: whether a file is sent, so that the deadline of the retry policy does not end the search.
        began: when the first attempt was sent, in Unix seconds.
    """

    noun: str
    advice: str
    clock_skew = 300.0
    has_file = False
    began = 0.0

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def request(self) -> Request:
        """Return the request for the next attempt."""
        raise NotImplementedError

    def read(self, response: Response) -> T:
        """Read the object from a success. Raises `InvalidResponse`."""
        raise NotImplementedError

    def read_as(self, model: type[M], response: Response, object_id: str | None = None) -> M:
        """Read a success as a `model` of the generated library; see `read_object`."""
        strict = self.settings.strict
        return read_object(response, self.request(), model, object_id=object_id, strict=strict)

    def invalid(self, response: Response, reason: str, *, field: str | None = None) -> InvalidResponse:
        """Return the error for a success that is not the object; with a `field`, it is not sent again."""
        return invalid_response(response, self.request(), reason, field=field)

    def look(self) -> Plan[T | None]:
        """Look once for the object that a lost attempt may have made; `None` if it certainly does not exist.

        Raises `Unclear` if that cannot be decided, or any error of the requests it makes.
        """
        raise NotImplementedError

    def before_retry(self, outcome: Outcome) -> Plan[None]:  # noqa: ARG002  an outcome may not matter
        """Check, after a failed attempt, whether another one makes sense; raise if it does not."""
        yield from ()

    def is_not_ready(self, outcome: Outcome) -> bool:  # noqa: ARG002
        """Return whether the service refuses for now because it is still processing what the object needs."""
        return False

    def since(self, date: float | None, now: float) -> float:
        """Return the time, by the server's clock, before which this creation cannot have made an object.

        `date` is the server's time at the time `now`; `None` if it does not say.
        """
        return self.began - self.clock_skew if date is None else self.began + date - now - _ROUNDING


class Unclear(FineTuningError):
    """Raised by a look that cannot decide whether an object is the one being created."""


def create_once(creation: Creation[T], *, lost: FineTuningError | None = None) -> Plan[T]:
    """Create an object at most once, and return it.

    `lost` is the failure of an earlier call that may have created it already. With `exactly_once` off, an
    attempt without a readable response raises at once. Raises `ApiError`, `ConnectionFailed` or
    `InvalidResponse`, whose `may_exist` tells whether the object may exist nevertheless.
    """
    attempts = Attempts(creation.request(), creation.settings)
    began: float = yield Now()
    creation.began = creation.began or began
    deadline = began + creation.settings.retry.deadline
    while True:
        attempts.request = creation.request()
        sent: float = yield Now()
        try:
            outcome = yield from attempts.send()
        except FineTuningError as error:
            error.may_exist = lost is not None
            raise
        result, failure = yield from _judge(creation, attempts, outcome)
        if failure is None and result is not None:
            return result
        if failure is None and sent < deadline and creation.is_not_ready(outcome):
            attempts.made -= 1
            now: float = yield Now()
            yield Pause(max(min(_NOT_READY_PAUSE, deadline - now), 0.0))
            continue
        was_lost, lost = lost is not None, failure or lost
        if lost is not None:
            end = math.inf if creation.has_file else deadline
            result = yield from _find_lost(creation, lost, sent, end)
            if result is not None:
                return result
        is_certain = not was_lost and (failure is None or is_doubtful(outcome))
        yield from _pause(attempts, creation, outcome, failure, is_certain=is_certain)


def _judge(
    creation: Creation[T], attempts: Attempts, outcome: Outcome
) -> Plan[tuple[T | None, FineTuningError | None]]:
    """Classify the outcome of an attempt: the object, the error after which it may exist, or neither."""
    if isinstance(outcome, Response) and outcome.ok:
        try:
            return creation.read(outcome), None
        except InvalidResponse as error:
            return None, error
    # Without a search these statuses are refusals, as they are for other requests.
    has_doubt = is_doubtful(outcome) and attempts.settings.exactly_once
    if not may_have_acted(outcome) and not has_doubt:
        return None, None
    failure = yield from attempts.error(outcome)
    is_final = isinstance(failure, ApiError) and not is_retried(failure.status, {}, failure.code)
    return None, None if is_final and not may_have_acted(outcome) else failure


def _pause(
    attempts: Attempts,
    creation: Creation[Any],
    outcome: Outcome,
    failure: FineTuningError | None,
    *,
    is_certain: bool,
) -> Plan[None]:
    """Pause before the next attempt; raise if there is to be no further attempt.

    `is_certain` means that no attempt can have created the object.
    """
    try:
        yield from creation.before_retry(outcome)
        unreadable = failure if isinstance(failure, InvalidResponse) else None
        yield from attempts.pause_or_raise(outcome, unreadable)
    except FineTuningError as error:
        if is_certain and failure is None:
            error.may_exist = False
            raise
        found = "it was not found, but may appear later"
        noted = _with_note(error, creation, may_exist=not is_certain, reason=found)
        raise noted from error.__cause__


def _find_lost(creation: Creation[T], lost: FineTuningError, sent: float, deadline: float) -> Plan[T | None]:
    """Look until the object is found or the search has lasted long enough; `None` if it is not there.

    `sent` is when the lost attempt was sent. Raises `lost` if a look could not decide and no other look found
    the object, if a look fails, if the deadline ends the search too early, or if the settings do not ask for
    a search.
    """
    if not creation.settings.exactly_once:
        raise _with_note(lost, creation)
    now: float = yield Now()
    enough = now + min(max(now - sent, _SHORTEST_SEARCH), _LONGEST_SEARCH)
    until = min(enough, deadline)
    pause = _FIRST_LOOK
    doubt: Unclear | None = None
    while True:
        found: T | None = None
        now = yield Now()
        yield Pause(max(min(pause, until - now), 0.0))
        pause *= 2
        # A slow look shows the state at its beginning.
        now = yield Now()
        try:
            found = yield from by_deadline(creation.look(), max(deadline, now + SHORTEST_EXCHANGE))
        except Unclear as error:
            doubt = doubt or error
        except FineTuningError as error:
            raise _with_note(lost, creation, reason=f"the search for it failed ({error})") from error
        if found is None and now >= until:
            if doubt is not None:
                raise _with_note(lost, creation, reason=str(doubt)) from doubt
            if until < enough:
                raise _with_note(lost, creation, reason="the deadline ended the search for it")
        if found is not None or now >= until:
            return found


def _with_note(
    error: FineTuningError,
    creation: Creation[Any] | type[Creation[Any]],
    *,
    may_exist: bool = True,
    reason: str = "",
) -> FineTuningError:
    """Return the error with `may_exist` set, and a sentence in its message that says so."""
    error.may_exist = may_exist
    if may_exist:
        because = f": {reason}" if reason else ""
        note = f"The {creation.noun} may exist{because}. {creation.advice} before trying again."
    else:
        note = f"No {creation.noun} was created."
    error.args = (f"{error.args[0]}. {note}", *error.args[1:])
    return error


def act(
    request: Request,
    settings: Settings,
    schema: str | None,
    *,
    object_id: str | None = None,
    look: Callable[[], Plan[JsonObject]] | None = None,
    reaches: Collection[str] = (),
) -> Plan[Any]:
    """Send an action on an object until a response comes; return the object, or `None` without a `schema`.

    A refusal (400 or 409) after an attempt that may have worked may just mean that it did. The object is then
    read by `look`, and is the result if its status is one that the action `reaches`.
    """
    attempts = Attempts(request, settings)

    def recover(outcome: Outcome) -> Plan[JsonObject | None]:
        if look is None or not attempts.may_have_worked or not _is_status(outcome, 400, 409):
            return None
        now: float = yield Now()
        found = yield from by_deadline(look(), attempts.end(now))
        return found if _has_reached(found.get("status"), reaches, settings) else None

    return attempts.until_read(reader(request, settings, schema, object_id), recover)


def _has_reached(status: object, reaches: Collection[str], settings: Settings) -> bool:
    """Return whether a status is one of `reaches`, or means the same on this server."""
    if status in reaches:
        return True
    meanings = {JobStatus.of(reached, {}).meaning for reached in reaches}
    meaning = JobStatus.of(status, settings.statuses).meaning
    # On some servers a refused second request to cancel finds the object still being cancelled.
    return (meaning is not None and meaning in meanings) or (
        meaning == "cancelling" and "cancelled" in meanings
    )


def complete_once(
    request: Request, settings: Settings, schema: str, *, object_id: str, creates: type[Creation[Any]]
) -> Plan[Any]:
    """Send a request that the service carries out once at most, however often it comes; return its object.

    For one that `creates` another object, which cannot be looked up: an error after an attempt that may have
    worked says that it may exist.
    """
    attempts = Attempts(request, settings)
    try:
        return (yield from attempts.until_read(reader(request, settings, schema, object_id)))
    except FineTuningError as error:
        reason = "an attempt whose response was lost may have created it"
        noted = _with_note(error, creates, may_exist=attempts.may_have_worked, reason=reason)
        raise noted from error.__cause__


def remove(
    request: Request, settings: Settings, schema: str | None, *, object_id: str | None = None
) -> Plan[Any]:
    """Delete an object; return the response, or `None` without a `schema`.

    Only a response that names the object and says that it is deleted counts. A 404 after a lost response
    counts as deleted.
    """
    attempts = Attempts(request, settings)

    def read(response: Response) -> Any:
        return response if schema is None else _read_deletion(response, request, schema, object_id, settings)

    def recover(outcome: Outcome) -> Plan[Any]:
        yield from ()
        if not attempts.was_lost or not _is_status(outcome, 404):
            return None
        if schema is None:
            return outcome
        return {"id": object_id, **constant_fields(schema), "deleted": True}

    result = yield from attempts.until_read(read, recover)
    return None if schema is None else result


def _read_deletion(
    response: Response, request: Request, schema: str, object_id: str | None, settings: Settings
) -> JsonObject:
    result = read_json_object(response, request, schema, object_id=object_id, strict=settings.strict)
    if "deleted" in field_names(schema) and result.get("deleted") is not True:
        raise invalid_response(response, request, "the body does not say that the object was deleted")
    return result


def _is_status(outcome: Outcome, *statuses: int) -> bool:
    return isinstance(outcome, Response) and outcome.status in statuses
