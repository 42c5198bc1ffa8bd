"""Bounds of an exchange in real time, which its socket operations obey, and the signal that stops threads.

A timeout of the HTTP library bounds one socket operation, so a server that sends a byte from time to time
could block a call for ever. A `Bound` is for a whole exchange: `backend` limits each socket operation to
the remaining time. It is kept in a context variable, so each thread and each task has its own.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal, TypeAlias

EXTENSION = "finetuning_client.bound"
"""The name under which a request carries the bound of its exchange, by which it is recognised."""

LONGEST_STALL = 600.0
"""Seconds for which the transfer of a file may make no progress, whatever else the server sends; and for an
exchange without a file, where nothing else is said."""

_LONGEST = 7 * 86_400.0

Transfer: TypeAlias = Literal["upload", "download"]


class Bound:
    """The time that an exchange may take.

    The transfer of a file may last as long as it makes progress. What comes before the first byte of a
    download, and after the last byte of an upload, is bounded like any other exchange.

    Args:
        seconds: seconds left for it; `None` for no limit. They do not apply to transfers.
        transfer: the direction in which it moves a file, if it does.
        attempt: seconds that it may take once it has a connection; `None` for no limit.
    """

    __slots__ = ("_attempt", "_end", "_transfer")

    def __init__(
        self, seconds: float | None, *, transfer: Transfer | None = None, attempt: float | None = None
    ) -> None:
        self._transfer = transfer
        self._attempt = attempt
        # A socket takes no timeout of a month or more.
        allowed = LONGEST_STALL if seconds is None or transfer else min(seconds, _LONGEST)
        self._end = time.monotonic() + allowed

    def progress(self, transfer: Transfer) -> None:
        """Note that a piece was sent or received: the transfer of a file may continue."""
        if self._transfer == transfer:
            self._end = time.monotonic() + LONGEST_STALL

    def left(self, timeout: float | None = None) -> float:
        """Return the seconds for an operation that may take `timeout`; not above 0 when time is up."""
        left = self._end - time.monotonic()
        return left if timeout is None else min(timeout, left)

    def operate(self, timeout: float | None = None, *, is_read: bool = False) -> float:
        """Return what `left` does, for an operation that begins now: the first one starts the attempt.

        The attempt of an upload starts when the response is awaited.
        """
        if self._attempt is not None and (is_read or self._transfer != "upload"):
            self._end = min(self._end, time.monotonic() + self._attempt)
            self._attempt = None
        return self.left(timeout)


_bound: ContextVar[Bound | None] = ContextVar("finetuning_client_bound", default=None)


def current_bound() -> Bound | None:
    """Return the bound of the exchange in this thread or task."""
    return _bound.get()


@contextmanager
def bounding(bound: Bound) -> Iterator[Bound]:
    """Bound the exchange in the block."""
    token = _bound.set(bound)
    try:
        yield bound
    finally:
        _bound.reset(token)


class Stopped(BaseException):
    """Ends the plan of a thread whose call was interrupted. Never reaches a caller."""


class StopSignal:
    """Tells the threads of a call that it was interrupted; wakes those that wait for a socket or a pause."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._sockets: set[socket.socket] = set()

    def set(self) -> None:
        """Stop the threads."""
        self._event.set()
        for one in self._sockets.copy():
            try:
                # Not the method of the socket itself, which for TLS would discard state that a reader uses.
                socket.socket.shutdown(one, socket.SHUT_RDWR)
            except OSError:
                continue

    def check(self) -> None:
        """Raise `Stopped` if the signal is set."""
        if self._event.is_set():
            raise Stopped

    def sleep(self, seconds: float) -> None:
        """Let time pass; raise `Stopped` as soon as the signal is set."""
        if self._event.wait(seconds):
            raise Stopped

    @contextmanager
    def waking(self, sock: socket.socket | None) -> Iterator[None]:
        """Make an operation on the socket end when the signal is set."""
        if sock is None:
            yield
            return
        self._sockets.add(sock)
        try:
            self.check()
            yield
        finally:
            self._sockets.discard(sock)


_stop: ContextVar[StopSignal | None] = ContextVar("finetuning_client_stop", default=None)


def current_stop() -> StopSignal | None:
    """Return the signal that may stop this thread."""
    return _stop.get()


@contextmanager
def stopped_by(signal: StopSignal) -> Iterator[None]:
    """Let the signal stop the block."""
    token = _stop.set(signal)
    try:
        yield
    finally:
        _stop.reset(token)
