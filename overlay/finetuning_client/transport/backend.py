"""Network backends of httpcore whose socket operations obey the bound of their exchange.

Where there is no bound (the generated client on our pool), they change nothing.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from threading import Lock
from typing import Any
from weakref import WeakSet

import httpcore
import httpx

from .bounds import current_bound, current_stop

# So that time is looked at between the pieces of a long body that is sent.
_WRITTEN_AT_ONCE = 64 * 1024


def obey_bounds(http: httpx.Client | httpx.AsyncClient) -> WeakSet[Stream]:
    """Have the connections of a new HTTP client obey bounds, those through proxies of the environment too.

    Return the set of its open blocking connections, which can be closed without the locks of the HTTP
    library. That library has no public name for its network backend. With a release that keeps it elsewhere,
    time is only looked at between the pieces of a response.
    """
    streams: WeakSet[Stream] = WeakSet()
    transports = [getattr(http, "_transport", None), *getattr(http, "_mounts", {}).values()]
    for transport in transports:
        pool: Any = getattr(transport, "_pool", None)
        backend = getattr(pool, "_network_backend", None)
        if isinstance(backend, httpcore.NetworkBackend):
            pool._network_backend = _Backend(backend, streams)
            # The lock of the library is taken by a method, and stays locked when an interrupt strikes in it.
            pool._optional_thread_lock = Lock()
        elif isinstance(backend, httpcore.AsyncNetworkBackend):
            pool._network_backend = _AsyncBackend(backend)
    return streams


def _left(timeout: float | None, expired: type[Exception]) -> float | None:
    """Return the seconds for an operation, or raise `expired` where none are left."""
    bound = current_bound()
    if bound is None:
        return timeout
    left = bound.left(timeout)
    if left <= 0:
        raise expired("the time for the whole call is up")
    return left


def _pieces(buffer: bytes) -> Iterator[bytes]:
    view = memoryview(buffer)
    return (bytes(view[at : at + _WRITTEN_AT_ONCE]) for at in range(0, len(view), _WRITTEN_AT_ONCE))


def _note_progress(buffer: bytes) -> None:
    bound = current_bound()
    if bound is not None and buffer:
        bound.progress()


class _Backend(httpcore.NetworkBackend):
    def __init__(self, backend: httpcore.NetworkBackend, streams: WeakSet[Stream]) -> None:
        self._backend = backend
        self._streams = streams

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *args: Any, **kwargs: Any
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return Stream(self._backend.connect_tcp(host, port, left, *args, **kwargs), self._streams)

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, *args: Any, **kwargs: Any
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return Stream(self._backend.connect_unix_socket(path, left, *args, **kwargs), self._streams)

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(seconds)


class Stream(httpcore.NetworkStream):
    """A blocking connection; `streams` are those that are open."""

    def __init__(self, stream: httpcore.NetworkStream, streams: WeakSet[Stream]) -> None:
        self._stream = stream
        self._streams = streams
        streams.add(self)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = _left(timeout, httpcore.ReadTimeout)
        stop = current_stop()
        if stop is None:
            return self._stream.read(max_bytes, left)
        with stop.waking(self._stream.get_extra_info("socket")):
            return self._stream.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
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
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return Stream(self._stream.start_tls(ssl_context, server_hostname, left), self._streams)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _AsyncBackend(httpcore.AsyncNetworkBackend):
    def __init__(self, backend: httpcore.AsyncNetworkBackend) -> None:
        self._backend = backend

    async def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *args: Any, **kwargs: Any
    ) -> httpcore.AsyncNetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _AsyncStream(await self._backend.connect_tcp(host, port, left, *args, **kwargs))

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, *args: Any, **kwargs: Any
    ) -> httpcore.AsyncNetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _AsyncStream(await self._backend.connect_unix_socket(path, left, *args, **kwargs))

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(seconds)


class _AsyncStream(httpcore.AsyncNetworkStream):
    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for piece in _pieces(buffer):
            await self._stream.write(piece, _left(timeout, httpcore.WriteTimeout))
            _note_progress(piece)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _AsyncStream(await self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
