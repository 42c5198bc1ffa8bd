"""Faults: requests that fail, and their failures. `http/fault_middleware.py` applies them to responses."""

from __future__ import annotations

import email.utils
import math
import threading
import time
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from finetuning_emulator.controls.operation_names import OPERATIONS, operation_at
from finetuning_emulator.controls.options import OptionError, convert, invalid_name
from finetuning_emulator.errors import ApiError

__all__ = ["ArmedFault", "Fault", "FaultKind", "FaultSet", "RetryAfterForm", "make_fault"]

FaultKind = Literal[
    "error", "rate_limit", "html", "truncated", "reset_before", "reset_within", "reset_after", "slow"
]
RetryAfterForm = Literal["seconds", "date", "milliseconds"]

_Count = Annotated[int, Meta(ge=0, le=10**9)]
_Seconds = Annotated[float, Meta(ge=0, le=10**6)]
_DEFAULT_STATUS = {"error": 500, "rate_limit": 429, "html": 502}
# HTTP allows no body in a response with one of these.
_WITHOUT_BODY = (204, 205, 304)


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A fault of some requests under `/v1`.

    Attributes:
        kind: `error`, an error envelope with `status` (500); `rate_limit`, the same with 429; `html`,
            an HTML page with `status` (502), as proxies send it; `truncated`, the JSON is cut in the middle;
            `reset_before`, the connection is reset before the operation; `reset_within`, reset in the
            middle of the response; `reset_after`, reset after the operation, before the response;
            `slow`, the bytes of the response are spread over `seconds`.
        operation: the contract's name of the operation to which the fault applies; None for all.
        after: number of such requests that succeed first.
        times: number of requests that fail after that; None for all.
        status: HTTP status of `error` and `html`.
        code: code of the error envelope.
        message: message of the error envelope.
        retry_after: pause in seconds that `error`, `rate_limit` and `html` ask for.
        retry_after_form: `Retry-After` in seconds or as a date, or `retry-after-ms`.
        carried_out: whether `error` and `html` replace the response after the operation is done.
        seconds: duration of a `slow` response, in real time.
    """

    kind: FaultKind
    operation: str | None = None
    after: _Count = 0
    times: Annotated[int, Meta(ge=1, le=10**9)] | None = 1
    status: Annotated[int, Meta(ge=200, le=599)] | None = None
    code: str | None = None
    message: str | None = None
    retry_after: _Seconds | None = None
    retry_after_form: RetryAfterForm = "seconds"
    carried_out: bool = False
    seconds: _Seconds = 1.0

    @property
    def response_status(self) -> int:
        """The status of a response that replaces the operation's."""
        return self.status or _DEFAULT_STATUS.get(self.kind, 500)

    def error(self) -> ApiError:
        """Return the error response of an `error` or `rate_limit`."""
        status = self.response_status
        default: tuple[str, str, str | None]
        if status == 429:
            default = ("Rate limit reached (simulated by a fault).", "requests", "rate_limit_exceeded")
        elif status >= 500:
            default = ("The server had an error (simulated by a fault).", "server_error", None)
        else:
            default = ("The request was refused (simulated by a fault).", "invalid_request_error", None)
        return ApiError(
            status,
            self.message or default[0],
            type=default[1],
            code=self.code or default[2],
            headers=self.retry_headers(),
        )

    def retry_headers(self) -> dict[str, str]:
        """Return the headers that ask for a pause."""
        if self.retry_after is None:
            return {}
        if self.retry_after_form == "milliseconds":
            return {"retry-after-ms": f"{self.retry_after * 1000:g}"}
        seconds = math.ceil(self.retry_after)
        if self.retry_after_form == "date":
            # By the wall clock: clients compare the date with it, not with the emulator's clock.
            return {"retry-after": email.utils.formatdate(math.ceil(time.time()) + seconds, usegmt=True)}
        return {"retry-after": str(seconds)}


def make_fault(options: Mapping[str, Any]) -> Fault:
    """Return the fault with these options.

    Raises:
        OptionError: a name or a value is unknown, or the status cannot have a body.
    """
    fault = convert(options, Fault)
    if fault.operation is not None and fault.operation not in OPERATIONS:
        raise OptionError(invalid_name("operation", fault.operation, OPERATIONS), "operation")
    if fault.status is not None and fault.kind not in _DEFAULT_STATUS:
        raise OptionError(
            f"status: has no effect on faults of kind {fault.kind!r}, only on {', '.join(_DEFAULT_STATUS)}",
            "status",
        )
    if fault.status in _WITHOUT_BODY:
        raise OptionError(f"status: a response with {fault.status} has no body; use another status", "status")
    return fault


class ArmedFault:
    """A fault that waits for matching requests; `hits` counts the requests that failed."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.hits = 0
        self._spared = 0

    def __repr__(self) -> str:
        options = ", ".join(f"{name}={value!r}" for name, value in self.view().items())
        return f"<ArmedFault {options}>"

    @property
    def is_spent(self) -> bool:
        """True if no more requests will fail."""
        return self.fault.times is not None and self.hits >= self.fault.times

    def applies_to(self, operation: str | None) -> bool:
        """Return whether a request for this operation fails, and count it."""
        if self.is_spent or self.fault.operation not in (None, operation):
            return False
        if self._spared < self.fault.after:
            self._spared += 1
            return False
        self.hits += 1
        return True

    def view(self) -> dict[str, Any]:
        """Return the fault's options that differ from the defaults, and its hits, as JSON values."""
        default = msgspec.structs.asdict(Fault(kind=self.fault.kind)) | {"kind": None}
        options = msgspec.structs.asdict(self.fault).items()
        return {**{name: value for name, value in options if value != default[name]}, "hits": self.hits}


class FaultSet:
    """All faults of an emulator; the oldest one that applies to a request is used."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._armed: list[ArmedFault] = []

    def arm(self, options: Mapping[str, Any]) -> ArmedFault:
        """Add a fault.

        Raises:
            OptionError: a name or a value is unknown.
        """
        armed = ArmedFault(make_fault(options))
        with self._lock:
            self._armed.append(armed)
        return armed

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._armed.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault of a request, or None, and count it."""
        if not self._armed:
            return None
        operation = operation_at(method, path)
        with self._lock:
            return next((armed.fault for armed in self._armed if armed.applies_to(operation)), None)

    def view(self) -> list[dict[str, Any]]:
        """Return all faults in order of creation, including spent ones, as JSON values."""
        with self._lock:
            return [armed.view() for armed in self._armed]
