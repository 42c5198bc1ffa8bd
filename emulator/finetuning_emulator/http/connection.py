"""An HTTP/1.1 connection with limits: closed when its client stalls, refused when there are too many."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
import time
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["Connection", "max_connections"]

# Seconds from the first byte of a request, or from the connection, to the end of its headers.
_HEADER_TIMEOUT = 20.0
# Seconds without a byte of a request's body, or without the client reading the response.
_STALL_TIMEOUT = 60.0
_MAX_CONNECTIONS = 2000
_RESERVED_FILES = 100
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_TOO_MANY = (
    b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-type: application/json\r\n"
    b"x-finetuning-emulator: simulated\r\nretry-after: 1\r\ncontent-length: 144\r\n\r\n"
    b'{"error":{"message":"The emulator has too many open connections. Close some.",'
    b'"type":"server_error","param":null,"code":"too_many_connections"}}'
)


class _LimitedLog(logging.Filter):
    """Filter that passes the first records, then one per minute, so that a client cannot fill the disk."""

    def __init__(self) -> None:
        super().__init__()
        self._left = 20
        self._next = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        now = time.monotonic()
        if self._left > 0:
            self._left -= 1
            if self._left == 0:
                self._next = now + 60
                record.msg = f"{record.msg} (from now on, one message a minute is logged)"
            return True
        if now < self._next:
            return False
        self._next = now + 60
        return True


_LOG = logging.getLogger("finetuning_emulator")
_LOG.addFilter(_LimitedLog())


def max_connections() -> int:
    """Return how many connections are served at once, leaving some of the process's file limit free."""
    try:
        import resource
    except ImportError:  # Windows has no such limit.
        return _MAX_CONNECTIONS
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return _MAX_CONNECTIONS
    return max(16, min(_MAX_CONNECTIONS, soft - _RESERVED_FILES))


class Connection(H11Protocol):
    """A connection of the server, which calls `close_if_stalled` about once a second."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.logger = _LOG
        self._is_refused = False
        self._last_data = 0.0
        self._waiting_since: float | None = None
        self._blocked_since: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept the connection, or refuse it when there are too many."""
        if len(self.connections) >= max_connections():
            self._is_refused = True
            self.transport = transport
            transport.write(_TOO_MANY)
            transport.close()
            return
        self._waiting_since = self.loop.time()
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Handle received bytes."""
        if self._is_refused:
            return
        self._last_data = self.loop.time()
        if self._waiting_since is None and self._is_idle():
            self._waiting_since = self._last_data
        super().data_received(data)
        if not self._is_idle():
            self._waiting_since = None

    def pause_writing(self) -> None:
        """Note that the client does not read as fast as the response is sent."""
        self._blocked_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        """Note that the client has read."""
        self._blocked_since = None
        super().resume_writing()

    def close_if_stalled(self) -> None:
        """Close the connection if its client has been silent for too long in the middle of an exchange."""
        now = self.loop.time()
        if self._waiting_since is not None:
            stalled = now - self._waiting_since > _HEADER_TIMEOUT
        elif self._blocked_since is not None:
            stalled = now - self._blocked_since > _STALL_TIMEOUT
        else:
            reads_body = not self._is_idle() and self.cycle.more_body and not self.flow.read_paused
            stalled = reads_body and now - self._last_data > _STALL_TIMEOUT
        if stalled:
            self.transport.abort()

    def reset(self) -> None:
        """Close the connection so that the client gets "connection reset"."""
        self.transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE
        )
        self.transport.abort()

    def _is_idle(self) -> bool:
        """Return whether no request is being handled."""
        return self.cycle is None or self.cycle.response_complete
