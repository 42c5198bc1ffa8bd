"""Effects: what a plan may yield, and what it receives in reply.

A plan is a generator that runs one operation without touching the network, a clock, the disk or a source of
randomness. It yields effects and is sent the reply:

    yield Send(request)   ->  Response | NoResponse   one HTTP exchange
    yield Pause(seconds)  ->  None                    let that much time pass
    yield Now()           ->  float                   the time, in Unix seconds
    yield Draw()          ->  float                   a random number, 0 <= x < 1
    yield Work(function)  ->  its result              a long computation or disk access, off the event loop
    yield Together(plans) ->  list                    run plans concurrently; a result or an error for each
    yield Emit(item)      ->  None                    hand an item to the caller; only in streams

An effect that fails raises its error, one of this package's, in the plan. A plan ends with `return`, giving
the result of the operation, or by raising an error of this package. Plans are nested with `yield from`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from math import inf
from typing import Any, Generic, ParamSpec, Protocol, TypeAlias, TypeVar

from ..errors import FineTuningError, InvalidRequestError, shown
from ..record import Record, replace

SHORTEST_EXCHANGE = 0.8
"""Minimum seconds for the exchange of a call, however short its deadline, as for the last read of a wait."""

BODY_KEPT = 65_536
"""Number of bytes of a body that an error keeps."""

_URL_SHOWN = 300

P = ParamSpec("P")
T = TypeVar("T")


class Request(Record):
    """One HTTP request, as a `build_request` of the generated library describes it.

    Attributes:
        options: the keyword arguments `method`, `url` (a path), and `params`, `json`, `files` where needed.
        admin: whether it is signed with the admin key.
    """

    options: Mapping[str, Any]
    admin: bool = False

    @classmethod
    def of(cls, build: Callable[P, dict[str, Any]], *args: P.args, **kwargs: P.kwargs) -> Request:
        """Return the request that `build` makes from its arguments.

        Raises `InvalidRequestError` for an id that would lead to another endpoint.
        """
        ids: Any = tuple(map(_once_encoded, args))
        for value in ids:
            if not isinstance(value, str) or not value.isprintable():
                rule = "a printable string"
                text = f"an id must be {rule}, such as job.id, not {shown(value)}"
                raise InvalidRequestError(text, limit=rule, value=value)
        try:
            return cls(build(*ids, **kwargs))
        except ValueError as error:
            raise InvalidRequestError(str(error)) from None

    @property
    def for_admin(self) -> Request:
        """The same request, signed with the admin key."""
        return replace(self, admin=True)

    def with_headers(self, headers: Mapping[str, str]) -> Request:
        """Return the same request with further headers."""
        return replace(self, options={**self.options, "headers": dict(headers)})

    def __str__(self) -> str:
        return f"{str(self.options['method']).upper()} {str(self.options['url'])[:_URL_SHOWN]}"


def _once_encoded(value: object) -> object:
    """Return an id in the form to be encoded for a path.

    Gateways give out encoded URLs and names of resources, such as `gs%3A%2F%2Fb%2Ft`, and expect them in the
    path as they are: encoding them again would name another object.
    """
    if not isinstance(value, str) or not value.lower().partition("%3a")[0].isalnum() or "%" not in value:
        return value
    from urllib.parse import unquote

    decoded = unquote(value)
    return decoded if ":" in decoded and "\ufffd" not in decoded else value


class Response(Record):
    """A complete HTTP response, whatever its status.

    Attributes:
        status: the HTTP status code.
        headers: by lower-case name.
        body: the body; empty when the `Send` had a sink and the status is 2xx.
        is_cut: whether the body was too large to be kept whole.
        note: an explanation that the server does not give, such as why a redirect was not followed.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    is_cut: bool = False
    note: str = ""

    @property
    def ok(self) -> bool:
        """True for a 2xx status."""
        return 200 <= self.status < 300

    @property
    def request_id(self) -> str | None:
        """The service's id of the request."""
        return self.headers.get("x-request-id")


class NoResponse(Record):
    """An exchange without a complete response.

    Attributes:
        reason: what happened, in a few words.
        delivered: whether the server may have received the request, and acted on it.
        timed_out: whether the time limit was exceeded.
        cause: the exception of the HTTP library, to be shown as the cause.
    """

    reason: str
    delivered: bool
    timed_out: bool = False
    cause: Exception | None = None


Outcome: TypeAlias = Response | NoResponse


class Sink(Protocol):
    """Receiver of the body of a successful response that should not be held in memory.

    Its methods may access the disk: drivers call them off the event loop.
    """

    def begin(self, response: Response) -> None:
        """Receive the status and the headers, before the first piece."""
        ...

    def write(self, piece: bytes) -> None:
        """Receive the next piece."""
        ...


class Send(Record):
    """Send `request`; a 2xx body goes to `sink`, if there is one, piece by piece.

    An exchange without a file ends by the `deadline`, which is given on the clock of `Now` but kept in real
    time; the transfer of a file may last as long as it makes progress.
    """

    request: Request
    sink: Sink | None = None
    deadline: float | None = None


class Pause(Record):
    """Let `seconds` pass, or fewer if `until` is set before."""

    seconds: float
    until: Any = None


class Now(Record):
    """Ask for the time."""


class Draw(Record):
    """Ask for a random number."""


class Work(Record):
    """Call `function` and reply with its result; it may raise errors of this package."""

    function: Callable[[], Any]


def work(function: Callable[[], T]) -> Plan[T]:
    """Return the plan of one `Work`."""
    result: T = yield Work(function)
    return result


class Together(Record):
    """Run `plans` concurrently; the reply has the result of each, or the error that ended it, in order."""

    plans: Sequence[Generator[Any, Any, Any]]


class Emit(Record, Generic[T]):
    """Hand `item` to the caller of the stream."""

    item: T


Effect: TypeAlias = Send | Pause | Now | Draw | Work | Together
Plan: TypeAlias = Generator[Effect, Any, T]
Stream: TypeAlias = Generator[Effect | Emit[T], Any, None]


def by_deadline(plan: Plan[T], deadline: float | None) -> Plan[T]:
    """Run `plan`, ending its exchanges and pauses at `deadline`, by the clock of `Now`.

    No request is sent after it.
    """
    if deadline is None or deadline == inf:
        return (yield from plan)
    with closing(plan):
        steps = Steps(plan)
        for effect in steps:
            bounded = effect
            if isinstance(effect, Send | Pause):
                now: float = yield Now()
                left = max(deadline - now, 0.0)
                if isinstance(effect, Pause):
                    bounded = replace(effect, seconds=min(effect.seconds, left))
                elif left:
                    earliest = deadline if effect.deadline is None else min(deadline, effect.deadline)
                    bounded = replace(effect, deadline=earliest)
                else:
                    steps.reply = NoResponse(
                        "no time is left for the request", delivered=False, timed_out=True
                    )
                    continue
            try:
                steps.reply = yield bounded
            except FineTuningError as error:
                steps.failure = error
    return steps.result  # type: ignore[no-any-return]


class Steps:
    """The steps of a plan, for a driver: iterate for its effects, and set the reply to each.

    Attributes:
        reply: what the plan receives for the last effect.
        failure: the error of this package that is raised in the plan instead.
        result: the result of the plan, once the iteration has ended.
    """

    __slots__ = ("_plan", "failure", "reply", "result")

    def __init__(self, plan: Generator[Any, Any, Any]) -> None:
        self._plan = plan
        self.failure: FineTuningError | None = None
        self.reply: Any = None
        self.result: Any = None

    def __iter__(self) -> Iterator[Any]:
        try:
            while True:
                reply, failure = self.reply, self.failure
                self.reply = self.failure = None
                yield self._plan.send(reply) if failure is None else self._plan.throw(failure)
        except StopIteration as stop:
            self.result = stop.value
