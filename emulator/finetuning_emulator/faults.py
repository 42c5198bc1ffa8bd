"""What a test wants to go wrong between a client and the service, and with which requests.

Here it is only decided; `interference` does it to the answers.
"""

from __future__ import annotations

import email.utils
import math
import threading
import time
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from finetuning_emulator.checks import sensible
from finetuning_emulator.errors import Refusal
from finetuning_emulator.operations import OPERATIONS, operation_at

__all__ = ["ArmedFault", "Fault", "FaultKind", "Faults", "RetryAfterForm"]

FaultKind = Literal[
    "error", "rate_limit", "html", "truncated", "reset_before", "reset_within", "reset_after", "slow"
]
RetryAfterForm = Literal["seconds", "date", "milliseconds"]

_Count = Annotated[int, Meta(ge=0, le=10**9)]
_Seconds = Annotated[float, Meta(ge=0, le=10**6)]
_STATUSES = {"error": 500, "rate_limit": 429, "html": 502}


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """Something that goes wrong with some requests under `/v1`.

    Attributes:
        kind: what goes wrong: `error`, an error envelope with `status` (500); `rate_limit`, the same
            with 429; `html`, a page of HTML with `status` (502) as proxies send; `truncated`, JSON
            that ends in the middle; `reset_before`, the connection is reset and the operation not
            carried out; `reset_within`, carried out, then reset in the middle of the answer;
            `reset_after`, carried out, then reset before the answer; `slow`, the answer's bytes
            come spread over `seconds`.
        operation: only requests for this operation, by its name in the contract.
        after: how many such requests go well first.
        times: how many then go wrong; None for all of them.
        status: of an `error` or `html`.
        code: of an `error` or `rate_limit`.
        message: of an `error` or `rate_limit`.
        retry_after: seconds that an `error`, `rate_limit` or `html` asks to wait.
        retry_after_form: how it says so: in the header `Retry-After` in seconds, or as a date, or in
            the header `retry-after-ms`.
        carried_out: whether an operation that is answered with an `error` or `html` was carried out.
        seconds: how long a `slow` answer takes, in real time.
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

    def __post_init__(self) -> None:
        if self.operation is not None and self.operation not in OPERATIONS:
            raise ValueError(f"operation is one of {', '.join(OPERATIONS)}; not {self.operation!r}")

    def checked(self) -> Fault:
        """The same, if its values make sense. Raises `ValueError` otherwise."""
        checked: Fault = sensible(msgspec.structs.asdict(self), Fault)
        return checked

    @property
    def answer_status(self) -> int:
        """The status of an answer that the fault makes up."""
        return self.status or _STATUSES.get(self.kind, 500)

    def refusal(self) -> Refusal:
        """The error envelope of an `error` or `rate_limit`."""
        status = self.answer_status
        usual: tuple[str, str, str | None]
        if status == 429:
            usual = ("Rate limit reached, as a fault asked for.", "requests", "rate_limit_exceeded")
        elif status >= 500:
            usual = ("The server had an error, as a fault asked for.", "server_error", None)
        else:
            usual = ("Refused, as a fault asked for.", "invalid_request_error", None)
        return Refusal(
            status,
            self.message or usual[0],
            type=usual[1],
            code=self.code or usual[2],
            headers=self.headers(),
        )

    def headers(self) -> dict[str, str]:
        """The headers that ask for a pause."""
        if self.retry_after is None:
            return {}
        if self.retry_after_form == "milliseconds":
            return {"retry-after-ms": f"{self.retry_after * 1000:g}"}
        seconds = math.ceil(self.retry_after)
        if self.retry_after_form == "date":
            # By the wall clock, which is the one that the client measures it from.
            return {"retry-after": email.utils.formatdate(math.ceil(time.time()) + seconds, usegmt=True)}
        return {"retry-after": str(seconds)}


class ArmedFault:
    """A fault that waits for its requests; `hits` counts those that it struck."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.hits = 0
        self._spared = 0

    @property
    def is_spent(self) -> bool:
        """Whether it strikes no more."""
        return self.fault.times is not None and self.hits >= self.fault.times

    def strikes(self, operation: str | None) -> bool:
        """Whether a request for this operation goes wrong; counts it."""
        if self.is_spent or self.fault.operation not in (None, operation):
            return False
        if self._spared < self.fault.after:
            self._spared += 1
            return False
        self.hits += 1
        return True

    def view(self) -> dict[str, Any]:
        """The fault as the emulator's own answers show it."""
        return {**msgspec.to_builtins(self.fault), "hits": self.hits}


class Faults:
    """All faults that were asked for; the first that strikes a request is the one that it meets."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._armed: list[ArmedFault] = []

    def arm(self, fault: Fault) -> ArmedFault:
        """Have this fault happen from now on."""
        armed = ArmedFault(fault)
        with self._lock:
            self._armed.append(armed)
        return armed

    def clear(self) -> None:
        """Have nothing go wrong any more."""
        with self._lock:
            self._armed.clear()

    def striking(self, method: str, path: str) -> Fault | None:
        """The fault that a request meets, if any."""
        if not self._armed:
            return None
        operation = operation_at(method, path)
        with self._lock:
            return next((armed.fault for armed in self._armed if armed.strikes(operation)), None)

    def view(self) -> list[dict[str, Any]]:
        """All faults, spent ones too, in the order in which they were asked for."""
        with self._lock:
            return [armed.view() for armed in self._armed]
