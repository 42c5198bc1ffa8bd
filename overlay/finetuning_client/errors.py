"""Exceptions of this package, in one tree; no exception from another library reaches a caller.

    FineTuningError
    ├── ConfigurationError          the client is configured wrongly, or closed
    ├── InvalidRequestError         an invalid argument, such as a value that breaks a limit of the contract
    │   └── DatasetError            a file that cannot be used, with the lines at fault
    ├── ConnectionFailed            no complete response was received
    │   └── RequestTimedOut         … within the timeout
    ├── ApiError                    the service responded with an error
    │   ├── BadRequest              400
    │   ├── AuthenticationFailed    401
    │   ├── PermissionDenied        403
    │   │   └── TrainingUnavailable     code `training_not_available`
    │   ├── NotFound                404
    │   ├── Conflict                409
    │   ├── UnprocessableEntity     422
    │   ├── RateLimited             429
    │   └── ServerError             5xx
    ├── InvalidResponse             a 2xx response that is not the documented object
    ├── InvalidWebhook              a webhook request that cannot be trusted
    ├── ArchiveError                an archive that cannot be read or written
    ├── JobFailed                   the job ended as `failed`
    ├── JobCancelled                the job ended as `cancelled`
    └── WaitTimeout                 the timeout passed before the job ended or the file was processed

Errors carry facts as attributes; the message says what was wrong, where, and what to do. Every error has
`may_exist`: whether the object that the call was to create may exist on the service.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

_LONGEST_SHOWN = 120


class Problem:
    """A problem in a file: the `line`, from 1 (0 for the whole file), and a `message` about it."""

    __slots__ = ("line", "message")
    __match_args__ = ("line", "message")

    line: int
    message: str

    def __init__(self, line: int, message: str) -> None:
        object.__setattr__(self, "line", line)
        object.__setattr__(self, "message", message)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("Problem cannot be changed: create a new one")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("Problem cannot be changed: create a new one")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Problem):
            return NotImplemented
        return (self.line, self.message) == (other.line, other.message)

    def __hash__(self) -> int:
        return hash((self.line, self.message))

    def __reduce__(self) -> tuple[Any, ...]:
        return Problem, (self.line, self.message)

    def __repr__(self) -> str:
        return f"Problem(line={self.line!r}, message={self.message!r})"

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}" if self.line else self.message


def printable(text: str) -> str:
    """Return the text without lone surrogates, which JSON may contain but which cannot be printed."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def shown(value: object) -> str:
    """Return the beginning of a value's `repr` for a message, whatever the value."""
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001  a class of the caller's may raise anything
        return f"a value of type {type(value).__name__}"
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


class FineTuningError(Exception):
    """Base of this package's errors: catch it to catch everything the package raises.

    Attributes:
        may_exist: whether the object that the call was meant to create may exist. `True`: it may have been
            created; `False`: it was not; `None`: the call creates nothing.
    """

    may_exist: bool | None = None

    def __init__(self, message: str = "", **facts: Any) -> None:
        super().__init__(printable(message))
        for name, value in facts.items():
            if not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} has no attribute {name!r}")
            setattr(self, name, value)

    def __reduce__(self) -> tuple[Any, ...]:
        # A fact may be any value of the caller: if it cannot be pickled, the copy has its repr.
        facts = {name: value if _pickles(value) else repr(value) for name, value in self.__dict__.items()}
        return type(self), self.args, facts


def _pickles(value: object) -> bool:
    import pickle

    try:
        pickle.dumps(value)
    except Exception:  # noqa: BLE001  objects raise what they like
        return False
    return True


class ConfigurationError(FineTuningError):
    """The client is misconfigured (no key, an unusable base URL), or closed."""


class InvalidRequestError(FineTuningError, ValueError):
    """An invalid argument. Raised before the request is sent, except for a file that cannot be written.

    Attributes:
        field: path of the value in the request, such as `method.supervised.hyperparameters.n_epochs`.
        limit: the rule it breaks, such as `at most 50`.
        value: the value itself.
    """

    may_exist = False
    field: str | None = None
    limit: str | None = None
    value: Any = None

    @staticmethod
    def of(field: str, limit: str, value: Any, end: str | None = None) -> InvalidRequestError:
        """Return the error for a value that must be `limit`; the message ends with `end` or the value."""
        text = f"{field}: must be {limit}{f', not {shown(value)}' if end is None else end}"
        return InvalidRequestError(text, field=field, limit=limit, value=value)


class DatasetError(InvalidRequestError):
    """A training or validation file that cannot be used.

    Attributes:
        path: the file.
        problems: what is wrong, in file order; empty if the file could not be read at all.
    """

    path: str | None = None
    problems: Sequence[Problem] = ()

    def __init__(self, message: str = "", *, path: str | None = None, **facts: Any) -> None:
        super().__init__(message, field="file", value=path, path=path, **facts)


class ConnectionFailed(FineTuningError):
    """No complete response was received: the server was not reached, or the connection broke.

    Attributes:
        request: method and URL of the request.
        attempts: how many times it was sent.
        delivered: whether the request may have reached the server.
    """

    request: str = ""
    attempts: int = 1
    delivered: bool = False


class RequestTimedOut(ConnectionFailed):
    """The server did not respond within the timeout (`timeout=` of the client)."""


class ApiError(FineTuningError):
    """The service responded with an error.

    Attributes:
        status: the HTTP status code.
        code, param, type: the fields of the error envelope, `None` if it has none.
        request_id: the service's id for the request, to quote when contacting support.
        retry_after: seconds the service asks to wait before the next attempt, or `None`.
        attempts: how many times the request was sent.
        body: the response's body, at most 64 KiB of it.
    """

    status: int = 0
    code: str | None = None
    param: str | None = None
    type: str | None = None
    request_id: str | None = None
    retry_after: float | None = None
    attempts: int = 1
    body: bytes = b""


class BadRequest(ApiError):
    """400: the request is invalid; `param` names the field."""


class AuthenticationFailed(ApiError):
    """401: the key is missing, wrong or expired."""


class PermissionDenied(ApiError):
    """403: the key is valid, but has no permission for this operation."""


class TrainingUnavailable(PermissionDenied):
    """403 `training_not_available`: this organization can no longer create fine-tuning jobs here."""


class NotFound(ApiError):
    """404: the object does not exist, or the key has no access to it."""


class Conflict(ApiError):
    """409: the object was changed concurrently."""


class UnprocessableEntity(ApiError):
    """422: the request is well-formed but cannot be processed."""


class RateLimited(ApiError):
    """429: too many requests, or the quota is exhausted (code `insufficient_quota`)."""


class ServerError(ApiError):
    """5xx: the service failed."""


class InvalidResponse(FineTuningError):
    """A 2xx response whose body is not the documented object: HTML, an empty body, another object.

    Attributes:
        status, request_id: as in `ApiError`.
        body: the response's body, at most 64 KiB of it.
        field: path of the wrong value, if there is one: `id` if the object belongs to another request; for a
            strict client, what breaks the contract, such as `data[0].status`.
    """

    status: int = 0
    request_id: str | None = None
    body: bytes = b""
    field: str | None = None


class InvalidWebhook(FineTuningError):
    """A webhook request that the service did not send, that is too old, or that is not an event."""


class ArchiveError(FineTuningError):
    """An archive that cannot be read, written or continued: damaged, too new, in use, or on a full disk.

    Attributes:
        path: the directory or file.
        problems: what `verify` found, in order of path; each has `path`, `line` and `message`.
    """

    path: str | None = None
    problems: Sequence[Any] = ()


class _JobError(FineTuningError):
    """An error about a job.

    Attributes:
        job: its handle, as last seen; `None` in a copy, and in a timeout of several jobs or a file.
    """

    job: Any = None

    def __reduce__(self) -> tuple[Any, ...]:
        # A handle holds a connection pool, so the copy keeps the message and the facts alone.
        facts = {name: value for name, value in self.__dict__.items() if name != "job"}
        return type(self), self.args, facts


class JobFailed(_JobError):
    """The job ended as `failed`.

    Attributes:
        code, param: those of the job's own error, such as `invalid_training_file` and `training_file`.
    """

    code: str | None = None
    param: str | None = None


class JobCancelled(_JobError):
    """The job ended as `cancelled`."""


class WaitTimeout(_JobError, TimeoutError):
    """The timeout passed before the job ended or the file was processed; the service carries on."""


_BY_STATUS: Mapping[int, type[ApiError]] = {
    400: BadRequest,
    401: AuthenticationFailed,
    403: PermissionDenied,
    404: NotFound,
    409: Conflict,
    422: UnprocessableEntity,
    429: RateLimited,
}


def _api_error_class(status: int, code: str | None) -> type[ApiError]:
    """Return the class for an error status, or `ApiError` if the tree has none."""
    if status == 403 and code == "training_not_available":
        return TrainingUnavailable
    if status >= 500:
        return ServerError
    return _BY_STATUS.get(status, ApiError)
