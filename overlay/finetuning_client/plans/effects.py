"""What a plan may yield, and what it receives for each.

A plan is a generator that runs one operation without touching the network, a clock or a source of
randomness. It yields effects and is sent the reply:

    yield Send(request)   ->  Answer | Broken     one HTTP exchange
    yield Pause(seconds)  ->  None                let that much time pass
    yield Now()           ->  float               the time, in Unix seconds
    yield Draw()          ->  float               a random number, 0 <= x < 1
    yield Work(function)  ->  what it returns     a long computation or disk access, off the event loop
    yield Together(plans) ->  list                run plans at the same time; a result or an error for each
    yield Emit(item)      ->  None                hand an item to whoever iterates; only in streams

A plan ends by `return`, with the result of the operation, or by raising an error of the package. Plans nest
by `yield from`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, ParamSpec, Protocol, TypeAlias, TypeVar

from ..errors import InvalidRequestError
from ..policies import Event

__all__ = [
    "Answer",
    "Broken",
    "Draw",
    "Effect",
    "Emit",
    "Now",
    "Outcome",
    "Pause",
    "Plan",
    "Request",
    "Send",
    "Sink",
    "Stream",
    "Together",
    "Work",
]

_URL_SHOWN = 300

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request: what a `build_request` of the generated library gave.

    Attributes:
        options: the keyword arguments `method`, `url` (a path), and `params`, `json`, `files` where needed.
        admin: whether the admin key signs it.
    """

    options: Mapping[str, Any]
    admin: bool = False

    @classmethod
    def of(cls, build: Callable[P, dict[str, Any]], *args: P.args, **kwargs: P.kwargs) -> Request:
        """The request that `build` makes of its arguments.

        Raises `InvalidRequestError` for an id that would lead to another endpoint.
        """
        for value in args:
            if not isinstance(value, str) or not value.isprintable():
                rule = "the text of an id"
                raise InvalidRequestError(
                    f"an id must be {rule}, such as job.id, not {repr(value)[:80]}", limit=rule, value=value
                )
        try:
            return cls(build(*args, **kwargs))
        except ValueError as error:
            raise InvalidRequestError(str(error)) from None

    @property
    def for_admin(self) -> Request:
        """The same request, signed by the admin key."""
        return replace(self, admin=True)

    def with_headers(self, headers: Mapping[str, str]) -> Request:
        """The same request with further headers."""
        return replace(self, options={**self.options, "headers": dict(headers)})

    def __str__(self) -> str:
        return f"{str(self.options['method']).upper()} {str(self.options['url'])[:_URL_SHOWN]}"


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete HTTP answer, whatever its status.

    Attributes:
        status: the HTTP status code.
        headers: by lower-case name.
        body: the body; empty when the `Send` had a sink and the status is 2xx.
        is_cut: whether the body was too large to be kept whole.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    is_cut: bool = False

    @property
    def ok(self) -> bool:
        """Whether it reports a success."""
        return 200 <= self.status < 300

    @property
    def request_id(self) -> str | None:
        """The service's id of the request."""
        return self.headers.get("x-request-id")


@dataclass(frozen=True, slots=True)
class Broken:
    """An exchange without a complete answer.

    Attributes:
        reason: what happened, in a few words.
        delivered: whether the server may have received the request, and acted on it.
        timed_out: whether time ran out.
        cause: the exception of the HTTP library, to be shown as the cause.
    """

    reason: str
    delivered: bool
    timed_out: bool = False
    cause: Exception | None = None


Outcome: TypeAlias = Answer | Broken


class Sink(Protocol):
    """Where the body of a success goes that is not to be held in memory."""

    def begin(self, answer: Answer) -> None:
        """Take the status and the headers, before the first piece."""
        ...

    def write(self, piece: bytes) -> None:
        """Take the next piece."""
        ...


@dataclass(frozen=True, slots=True)
class Send:
    """Send `request`; a 2xx body goes to `sink` piece by piece, where there is one."""

    request: Request
    sink: Sink | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Pause:
    """Let `seconds` pass, or fewer if `until` is set before."""

    seconds: float
    until: Event | None = None


@dataclass(frozen=True, slots=True)
class Now:
    """Ask for the time."""


@dataclass(frozen=True, slots=True)
class Draw:
    """Ask for a random number."""


@dataclass(frozen=True, slots=True)
class Work:
    """Call `function` and give its result; it may raise errors of the package, which end the plan."""

    function: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Together:
    """Run `plans` at the same time; the reply has the result of each, or the error it ended by, in order."""

    plans: Sequence[Generator[Any, Any, Any]]


@dataclass(frozen=True, slots=True)
class Emit(Generic[T]):
    """Hand `item` to whoever iterates."""

    item: T


Effect: TypeAlias = Send | Pause | Now | Draw | Work | Together
Plan: TypeAlias = Generator[Effect, Any, T]
Stream: TypeAlias = Generator[Effect | Emit[T], Any, None]
