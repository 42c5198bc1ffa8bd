"""Requests that must not be carried out twice: `create_once` for creations, `act` and `remove` for actions.

The API has no idempotency key. So when an attempt to create an object ends without a readable response, the
service is searched for what the attempt may have made; what is found is the result, and only what is absent
is sent again. A server that broke the connection may still be at work, so one look that finds nothing proves
nothing: the search lasts as long as the lost attempt took, at least 2 and at most 30 seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Generic, TypeVar

from finetuning_api.types import ApiObject

from ..errors import FineTuningError, InvalidResponse
from ..retry import is_retried
from ..settings import Settings
from ..validation import constant_fields
from .attempts import Attempts, may_have_acted
from .effects import Now, Outcome, Pause, Plan, Request, Response
from .responses import invalid_response, read_object

T = TypeVar("T")
M = TypeVar("M", bound=ApiObject)

_SHORTEST_SEARCH, _LONGEST_SEARCH = 2.0, 30.0
_FIRST_LOOK = 0.5
_NOT_READY_PAUSE = 2.0


class Creation(Generic[T]):
    """The creation of one object, as `create_once` needs to know it. Subclasses say how to send and find it.

    Attributes:
        noun: the name of the object in messages, such as `job`.
        advice: how a person finds the object, for the message of an error after which it may exist.
    """

    noun: str
    advice: str

    def began(self, now: float) -> None:
        """Take the time, in Unix seconds, before the first attempt is sent."""

    def request(self) -> Request:
        """Return the request for the next attempt."""
        raise NotImplementedError

    def read(self, response: Response) -> T:
        """Read the object from a success. Raises `InvalidResponse`."""
        raise NotImplementedError

    def look(self) -> Plan[T | None]:
        """Look once for what a lost attempt may have made; `None` if it is not there.

        Raises `Unclear` where that cannot be decided, or any error of the requests it makes.
        """
        raise NotImplementedError

    def before_retry(self, outcome: Outcome) -> Plan[None]:  # noqa: ARG002  an outcome may not matter
        """Check, after a failed attempt, whether another one makes sense; raise if it does not."""
        yield from ()

    def is_not_ready(self, outcome: Outcome) -> bool:  # noqa: ARG002
        """Tell whether the service refuses for now because it still works on what the object needs."""
        return False


class Unclear(FineTuningError):
    """Raised by a look that cannot decide whether an object is the one that was to be created."""


def create_once(creation: Creation[T], settings: Settings, *, lost: FineTuningError | None = None) -> Plan[T]:
    """Create an object at most once, and return it.

    `lost` is the failure of an earlier call that may have created it already. With `exactly_once` off, an
    attempt without a readable response raises at once. Raises `ApiError`, `ConnectionFailed` or
    `InvalidResponse`, whose `may_exist` tells whether the object may exist all the same.
    """
    attempts = Attempts(creation.request(), settings)
    began: float = yield Now()
    creation.began(began)
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
        if failure is None and sent - began < settings.retry.deadline and creation.is_not_ready(outcome):
            attempts.made -= 1
            yield Pause(_NOT_READY_PAUSE)
            continue
        lost = failure or lost
        if lost is not None and (failure is not None or _is_refusal(outcome)):
            result = yield from _find_lost(creation, settings, lost, sent)
            if result is not None:
                return result
            if isinstance(failure, InvalidResponse):
                raise _with_note(failure, creation, may_exist=False)
        yield from _pause(attempts, creation, outcome, was_lost=lost is not None)


def _judge(
    creation: Creation[T], attempts: Attempts, outcome: Outcome
) -> Plan[tuple[T | None, FineTuningError | None]]:
    """Classify the outcome of an attempt: the object, the error after which it may exist, or neither."""
    if isinstance(outcome, Response) and outcome.ok:
        try:
            return creation.read(outcome), None
        except InvalidResponse as error:
            return None, error
    if not may_have_acted(outcome):
        return None, None
    return None, (yield from attempts.error(outcome))


def _pause(attempts: Attempts, creation: Creation[Any], outcome: Outcome, *, was_lost: bool) -> Plan[None]:
    """Pause before the next attempt, which nothing stands against; raise if there is to be none."""
    try:
        yield from creation.before_retry(outcome)
        yield from attempts.pause_or_raise(outcome)
    except FineTuningError as error:
        if not was_lost:
            error.may_exist = False
            raise
        raise _with_note(error, creation, may_exist=False) from error.__cause__


def _find_lost(
    creation: Creation[T], settings: Settings, lost: FineTuningError, sent: float
) -> Plan[T | None]:
    """Look until the object is found or the search has lasted long enough; `None` if it is not there.

    `sent` is when the lost attempt was sent. Raises `lost` where a look cannot decide, or where the settings
    do not ask for a search.
    """
    if not settings.exactly_once:
        raise _with_note(lost, creation)
    now: float = yield Now()
    until = now + min(max(now - sent, _SHORTEST_SEARCH), _LONGEST_SEARCH)
    pause = _FIRST_LOOK
    while True:
        now = yield Now()
        yield Pause(max(min(pause, until - now), 0.0))
        pause *= 2
        try:
            found = yield from creation.look()
        except FineTuningError as error:
            reason = str(error) if isinstance(error, Unclear) else f"the search for it failed ({error})"
            raise _with_note(lost, creation, reason=reason) from error
        now = yield Now()
        if found is not None or now >= until:
            return found


def _with_note(
    error: FineTuningError, creation: Creation[Any], *, may_exist: bool = True, reason: str = ""
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
    model: type[M] | None,
    *,
    object_id: str | None = None,
    look: Callable[[], Plan[M]] | None = None,
    reaches: Collection[str] = (),
) -> Plan[Any]:
    """Send an action on an object until a response comes; return the object, or `None` without a `model`.

    A refusal (400 or 409) after an attempt whose response was lost may only mean that the lost attempt
    worked: so the object is read by `look`, and is the result if its status is one that the action `reaches`.
    """
    attempts = Attempts(request, settings)
    while True:
        outcome = yield from attempts.send()
        if isinstance(outcome, Response) and outcome.ok:
            if model is None:
                return None
            return read_object(outcome, request, model, object_id=object_id, strict=settings.strict)
        if attempts.was_lost and look is not None and _is_status(outcome, 400, 409):
            found = yield from look()
            if getattr(found, "status", None) in reaches:
                return found
        yield from attempts.pause_or_raise(outcome)


def remove(
    request: Request, settings: Settings, model: type[M] | None, *, object_id: str | None = None
) -> Plan[Any]:
    """Delete an object; return the response, or `None` without a `model`.

    A 404 after a lost response counts as deleted.
    """
    attempts = Attempts(request, settings)
    while True:
        outcome = yield from attempts.send()
        is_gone = attempts.was_lost and _is_status(outcome, 404)
        if model is None and (is_gone or (isinstance(outcome, Response) and outcome.ok)):
            return None
        if model is not None and isinstance(outcome, Response) and outcome.ok:
            result = read_object(outcome, request, model, strict=settings.strict)
            if getattr(result, "deleted", None) is False:
                raise invalid_response(outcome, request, "it says that nothing was deleted")
            return result
        if model is not None and is_gone:
            return model.from_dict({"id": object_id, **constant_fields(model.__name__), "deleted": True})
        yield from attempts.pause_or_raise(outcome)


def _is_status(outcome: Outcome, *statuses: int) -> bool:
    return isinstance(outcome, Response) and outcome.status in statuses


def _is_refusal(outcome: Outcome) -> bool:
    return isinstance(outcome, Response) and not is_retried(outcome.status, outcome.headers, None)
