"""The connection pool of a client: its own, or one supplied by the user.

Its own pool keeps no cookies, obeys bounds in real time (see `backend`), does not use a proxy from the
environment for a server on this machine, is replaced in a forked process, and is replaced when interrupted
calls may have used up its connections. A pool supplied by the user is not closed; interrupted calls return
the connections that they used up.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import httpx

from ..errors import ConfigurationError
from .connection import ACCEPT_ENCODING, Connection
from .http_client import AsyncPoolClient, PoolClient
from .loop_guard import LoopGuard
from .loopback import is_loopback
from .time_bounds import Bound, Stopped

if TYPE_CHECKING:
    import anyio

Http = TypeVar("Http", bound=httpx.Client | httpx.AsyncClient)

# An exchange that is cancelled between two steps of the HTTP library can leave its connection in a state in
# which it is neither used again nor closed.
_MAX_LOST = 16
# The limit of the HTTP library for a pool.
_CONNECTIONS = 100


class _UsedClient(Generic[Http]):
    """A client of the HTTP library, with the exchanges that use it and the number that were cut off.

    Threads share it without a lock, which an interrupt could leave locked: each step is atomic.
    """

    def __init__(self, http: Http, streams: Collection[Any] = ()) -> None:
        self.http = http
        self.streams = streams
        self.exchanges: set[object] = set()
        self.lost = 0
        self.is_retired = False

    def take_lost(self, bound: Bound | None, *, idle_too: bool) -> list[Any]:
        """Remove the connections that an interrupted exchange has left unusable; return them."""
        from .backend import take_lost_connections

        return take_lost_connections(self.http, bound, idle_too=idle_too)


class _Pool(Generic[Http]):
    """Common base of both pools: the client of the HTTP library in use, and its replacement."""

    def __init__(self, given: Http | None, make: Callable[[], _UsedClient[Http]]) -> None:
        self._given = given
        self._make = make
        self._process = os.getpid()
        self._is_closed = False
        self._use = make() if given is None else _UsedClient(given)

    @property
    def http(self) -> Http:
        """The client of the HTTP library in use."""
        return self._use.http

    @property
    def is_closed(self) -> bool:
        """True if requests can no longer be sent."""
        return self._is_closed or self.http.is_closed

    def _begin(self, exchange: object) -> _UsedClient[Http]:
        while True:
            use = self._use
            use.exchanges.add(exchange)
            # It is only certain after `add` that no other thread closes it.
            if not use.is_retired:
                return use
            use.exchanges.discard(exchange)

    def _end(self, use: _UsedClient[Http], exchange: object, lost: int) -> bool:
        """Note the end of an exchange; return whether its client is to be closed now."""
        use.exchanges.discard(exchange)
        use.lost += lost
        is_dead = use.lost >= _MAX_LOST and use is self._use
        if is_dead and self._given is None and not self._is_closed:
            self._use = self._make()
            use.is_retired = True
        return use.is_retired and not use.exchanges

    def _renew_after_fork(self) -> None:
        """In a forked process, make a new client: responses on the parent's connections could be mixed up."""
        if self._process == os.getpid() or self._is_closed:
            return
        if self._given is not None:
            raise ConfigurationError(
                "the client cannot be used in a forked process: its http_client shares connections with the "
                "parent. Create one client for each process"
            )
        # The client of the parent is left alone: closing its connections properly would end them there too.
        self._use = self._make()
        self._process = os.getpid()


class Pool(_Pool[httpx.Client]):
    """The connections of a blocking client; `given` is the user's own pool."""

    def __init__(self, given: httpx.Client | None, connection: Connection) -> None:
        super().__init__(given, _maker(PoolClient, connection))

    @contextmanager
    def exchange(self, bound: Bound | None = None) -> Iterator[httpx.Client]:
        """Lend the client of the HTTP library for one exchange, whose requests carry `bound`."""
        self._renew_after_fork()
        exchange = object()
        use = self._begin(exchange)
        lost = 0
        try:
            yield use.http
        except httpx.PoolTimeout:
            lost = 1
            raise
        except (Exception, Stopped):
            raise
        except BaseException:
            # An interrupt can occur between two dependent steps, so no connection can be trusted.
            lost = _MAX_LOST
            raise
        finally:
            if lost == _MAX_LOST:
                for connection in use.take_lost(bound, idle_too=True):
                    connection.close()
            if self._end(use, exchange, lost):
                # Not through the client, whose locks an interrupt may have left locked.
                for stream in list(use.streams):
                    stream.close()

    def close(self) -> None:
        """Close the connections, unless the pool was supplied by the user."""
        if self._given is None:
            self._is_closed = True
            self.http.close()


class AsyncPool(_Pool[httpx.AsyncClient]):
    """The connections of an asynchronous client, in one event loop; `given` is the user's own pool."""

    def __init__(self, given: httpx.AsyncClient | None, connection: Connection) -> None:
        super().__init__(given, _maker(AsyncPoolClient, connection))
        self._guard = LoopGuard()
        self._turns: anyio.Semaphore | None = None

    @asynccontextmanager
    async def exchange(self, bound: Bound | None = None) -> AsyncIterator[httpx.AsyncClient]:
        """Lend the client of the HTTP library for one exchange, whose requests carry `bound`."""
        self._renew_after_fork()
        self._guard.require()
        async with self._turn(bound), self._lent(bound) as http:
            yield http

    @asynccontextmanager
    async def _turn(self, bound: Bound | None) -> AsyncIterator[None]:
        """Wait here for a free connection: for each response, the HTTP library scans all waiting requests."""
        import anyio

        if self._given is not None:
            yield
            return
        if self._turns is None:
            self._turns = anyio.Semaphore(_CONNECTIONS)
        turns = self._turns
        try:
            turns.acquire_nowait()
        except anyio.WouldBlock:
            with anyio.move_on_after(None if bound is None else bound.left()) as scope:
                await turns.acquire()
            if scope.cancelled_caught:
                raise httpx.PoolTimeout("no connection became free") from None
        try:
            yield
        finally:
            turns.release()

    @asynccontextmanager
    async def _lent(self, bound: Bound | None) -> AsyncIterator[httpx.AsyncClient]:
        exchange = object()
        use = self._begin(exchange)
        lost = 0
        try:
            yield use.http
        except httpx.PoolTimeout:
            lost = 1
            raise
        except Exception:
            raise
        except (KeyboardInterrupt, SystemExit):
            # Unlike a cancellation, these can occur between dependent steps: no connection can be trusted.
            lost = _MAX_LOST
            raise
        except BaseException:
            lost = 1
            raise
        finally:
            if lost:
                for connection in use.take_lost(bound, idle_too=lost == _MAX_LOST):
                    await connection.aclose()
            if self._end(use, exchange, lost):
                import anyio

                with anyio.CancelScope(shield=True):
                    await use.http.aclose()

    async def close(self) -> None:
        """Close the connections, unless the pool was supplied by the user."""
        if self._given is None:
            self._guard.require()
            self._is_closed = True
            await self.http.aclose()

    def _renew_after_fork(self) -> None:
        if self._process != os.getpid():
            super()._renew_after_fork()
            self._guard = LoopGuard()
            self._turns = None


def _maker(kind: Callable[..., Http], connection: Connection) -> Callable[[], _UsedClient[Http]]:
    """Return a function that makes a client of the HTTP library. It raises `ConfigurationError`."""
    host = httpx.URL(connection.base_url).host
    # A key for a server on this machine must not be sent to a proxy.
    mounts = {f"all://{f'[{host}]' if ':' in host else host}": None} if is_loopback(host) else None
    certificates: list[Any] = []

    def make() -> _UsedClient[Http]:
        # Loads a large part of the HTTP library, which importing this package does not need.
        from .backend import obey_bounds

        try:
            # Loaded once, since that takes longer than all the rest.
            certificates[:] = certificates or [httpx.create_ssl_context()]
            headers = {**connection.headers, **ACCEPT_ENCODING}
            http = kind(headers=headers, mounts=mounts, verify=certificates[0])
        except (ImportError, OSError, TypeError, ValueError, httpx.InvalidURL) as error:
            raise ConfigurationError(
                f"cannot create a connection pool from the environment (proxies, SSL_CERT_FILE): {error}"
            ) from None
        return _UsedClient(http, obey_bounds(http))

    return make
