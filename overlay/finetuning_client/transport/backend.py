"""Network backends of httpcore whose socket operations obey the bound of their exchange.

Where there is no bound (the generated client on our pool), they change nothing.
"""

from __future__ import annotations

import select
import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import suppress
from threading import Lock
from typing import Any

import httpcore
import httpx

from .time_bounds import EXTENSION, Bound, current_bound, current_stop

# Long request bodies are sent in pieces, so that the bound is checked between them.
_WRITTEN_AT_ONCE = 64 * 1024


def obey_bounds(http: httpx.Client | httpx.AsyncClient) -> set[_Stream]:
    """Make the connections of a new HTTP client obey bounds, including those through environment proxies.

    Return the set of its open blocking connections, which can be closed without the locks of the HTTP
    library. That library has no public name for its network backend. With a release that keeps it elsewhere,
    time is only checked between the pieces of a response.
    """
    streams: set[_Stream] = set()
    for pool in _pools(http):
        backend = getattr(pool, "_network_backend", None)
        if isinstance(backend, httpcore.NetworkBackend):
            pool._network_backend = _Backend(backend, streams, pool)  # noqa: SLF001
            # The lock of the library is acquired in a method; an interrupt there would leave it locked.
            pool._optional_thread_lock = Lock()  # noqa: SLF001
        elif isinstance(backend, httpcore.AsyncNetworkBackend):
            pool._network_backend = _AsyncBackend(backend, pool)  # noqa: SLF001
    return streams


def take_lost_connections(
    http: httpx.Client | httpx.AsyncClient, bound: Bound | None, *, idle_too: bool
) -> list[Any]:
    """Remove from a pool the connections that no request holds and that will never become free; return them.

    The HTTP library leaves one behind when a request is cancelled after it was given a connection but before
    it uses it, or while its response is being closed. `bound` is that of the cancelled exchange, whose
    requests are dead. An interrupt can also leave locks behind: idle connections are then removed too, and
    the pool of a blocking client gets a new lock. With a release that keeps all this elsewhere, nothing is
    found.
    """
    lost: list[Any] = []
    for pool in _pools(http):
        connections, requests = getattr(pool, "_connections", None), getattr(pool, "_requests", None)
        if not isinstance(connections, list) or not isinstance(requests, list):
            continue
        if isinstance(http, httpx.Client):
            pool._optional_thread_lock = Lock()  # noqa: SLF001
        # Copied first, so that a connection that is opened meanwhile is not among them.
        candidates = list(connections)
        if bound is not None:
            for dead in [one for one in requests if one.request.extensions.get(EXTENSION) is bound]:
                requests.remove(dead)
        held = {id(getattr(request, "connection", None)) for request in requests}
        for one in candidates:
            is_stuck = idle_too or not (one.is_idle() or one.is_closed())
            if id(one) not in held and is_stuck and one in connections:
                connections.remove(one)
                lost.append(one)
    return lost


def _pools(http: httpx.Client | httpx.AsyncClient) -> Iterator[Any]:
    transports = [getattr(http, "_transport", None), *getattr(http, "_mounts", {}).values()]
    return (transport._pool for transport in transports if hasattr(transport, "_pool"))  # noqa: SLF001


def _left(timeout: float | None, expired: type[Exception]) -> float | None:
    """Return the seconds for an operation, or raise `expired`, one of httpcore's, if none are left."""
    bound = current_bound()
    if bound is None:
        return timeout
    left = bound.operate(timeout, is_read=expired is httpcore.ReadTimeout)
    if left <= 0:
        raise expired("the time allowed for the whole call has run out")
    return left


def _addresses(host: str, port: int) -> list[str]:
    """Return the addresses of a host, since each attempt would otherwise get the whole time."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpcore.ConnectError(str(error)) from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found)) if len(found) > 1 else [host]


def _pieces(buffer: bytes) -> Iterable[bytes]:
    if len(buffer) <= _WRITTEN_AT_ONCE:
        return (buffer,) if buffer else ()
    view = memoryview(buffer)
    return (bytes(view[at : at + _WRITTEN_AT_ONCE]) for at in range(0, len(view), _WRITTEN_AT_ONCE))


def _note_progress(buffer: bytes) -> None:
    bound = current_bound()
    if bound is not None and buffer:
        bound.progress("upload")


class _Reuse:
    """Check of a connection before each request on it but the first.

    What follows the last response would be read as the response to this request. The HTTP library keeps such
    data in a private attribute; a connection that has any is not used again.
    """

    def __init__(self, pool: Any) -> None:
        self.pool = pool
        self.has_read = False
        # Searched for once, since a pool may have a hundred.
        self._connection: Any = None

    def require_clean(self, stream: object) -> None:
        """Refuse a connection with data that belongs to no request."""
        if not self.has_read:
            return
        self.has_read = False
        if self._connection is None:
            self._connection = self._connection_of(stream)
        if self._connection is not None and self._connection._h11_state.trailing_data[0]:  # noqa: SLF001
            raise httpcore.ConnectionNotAvailable

    def _connection_of(self, stream: object) -> Any:
        """Return the connection of the HTTP library that uses a stream; it uses it until it is closed."""
        for one in list(getattr(self.pool, "_connections", ())):
            connection: Any = one
            while connection is not None and not hasattr(connection, "_h11_state"):
                connection = getattr(connection, "_connection", None)
            if connection is not None and getattr(connection, "_network_stream", None) is stream:
                return connection
        return None


class _Backend(httpcore.NetworkBackend):
    def __init__(self, backend: httpcore.NetworkBackend, streams: set[_Stream], pool: Any) -> None:
        self._backend = backend
        self._streams = streams
        self._pool = pool

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *args: Any, **kwargs: Any
    ) -> httpcore.NetworkStream:
        *others, last = _addresses(host, port)
        for address in others:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return self._connected(address, port, timeout, *args, **kwargs)
        return self._connected(last, port, timeout, *args, **kwargs)

    def _connected(
        self, address: str, port: int, timeout: float | None, *args: Any, **kwargs: Any
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        stream = self._backend.connect_tcp(address, port, left, *args, **kwargs)
        return _Stream(stream, self._streams, _Reuse(self._pool))

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, *args: Any, **kwargs: Any
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        stream = self._backend.connect_unix_socket(path, left, *args, **kwargs)
        return _Stream(stream, self._streams, _Reuse(self._pool))

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(seconds)


class _Stream(httpcore.NetworkStream):
    """A blocking connection; `streams` are those that are open."""

    def __init__(self, stream: httpcore.NetworkStream, streams: set[_Stream], reuse: _Reuse) -> None:
        self._stream = stream
        self._streams = streams
        self._reuse = reuse
        streams.add(self)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what has arrived, at most `max_bytes`."""
        self._reuse.has_read = True
        left = _left(timeout, httpcore.ReadTimeout)
        stop = current_stop()
        if stop is None:
            return self._stream.read(max_bytes, left)
        with stop.waking(self._stream.get_extra_info("socket")):
            return self._stream.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of `buffer`."""
        self._reuse.require_clean(self)
        stop = current_stop()
        for piece in _pieces(buffer):
            left = _left(timeout, httpcore.WriteTimeout)
            if stop is None:
                self._stream.write(piece, left)
            else:
                with stop.waking(self._stream.get_extra_info("socket")):
                    self._stream.write(piece, left)
            _note_progress(piece)

    def close(self) -> None:
        """Close the connection."""
        self._streams.discard(self)
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Return the connection with TLS on it, which replaces this one."""
        left = _left(timeout, httpcore.ConnectTimeout)
        self._streams.discard(self)
        stream = self._stream.start_tls(ssl_context, server_hostname, left)
        return _Stream(stream, self._streams, _Reuse(self._reuse.pool))

    def get_extra_info(self, info: str) -> Any:
        """Return a property of the connection, such as its socket."""
        return self._stream.get_extra_info(info)


class _AsyncBackend(httpcore.AsyncNetworkBackend):
    def __init__(self, backend: httpcore.AsyncNetworkBackend, pool: Any) -> None:
        self._backend = backend
        self._pool = pool

    async def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *args: Any, **kwargs: Any
    ) -> httpcore.AsyncNetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        stream = await self._backend.connect_tcp(host, port, left, *args, **kwargs)
        return _AsyncStream(stream, _Reuse(self._pool))

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, *args: Any, **kwargs: Any
    ) -> httpcore.AsyncNetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        stream = await self._backend.connect_unix_socket(path, left, *args, **kwargs)
        return _AsyncStream(stream, _Reuse(self._pool))

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(seconds)


class _AsyncStream(httpcore.AsyncNetworkStream):
    def __init__(self, stream: httpcore.AsyncNetworkStream, reuse: _Reuse) -> None:
        self._stream = stream
        self._reuse = reuse
        # Kept, since the HTTP library reads it of all idle connections at each request.
        self._socket: Any = stream.get_extra_info("socket")

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._reuse.has_read = True
        return await self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._reuse.require_clean(self)
        for piece in _pieces(buffer):
            await self._stream.write(piece, _left(timeout, httpcore.WriteTimeout))
            _note_progress(piece)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        try:
            stream = await self._stream.start_tls(ssl_context, server_hostname, left)
        except ssl.SSLError as error:
            # Older releases of the library do not convert it.
            raise httpcore.ConnectError(str(error)) from error
        return _AsyncStream(stream, _Reuse(self._reuse.pool))

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable" and self._socket is not None:
            return _is_readable(self._socket)
        return self._stream.get_extra_info(info)


def _is_readable(sock: Any) -> bool:
    """Return whether a socket has data to read, as an idle one has once the server has closed it."""
    file = sock.fileno()
    if file < 0:
        return True
    if not hasattr(select, "poll"):
        return bool(select.select([file], [], [], 0)[0])
    poll = select.poll()
    poll.register(file, select.POLLIN)
    return bool(poll.poll(0))
