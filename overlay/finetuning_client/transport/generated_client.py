"""The generated client on another client's connection pool: same keys, same headers, same connections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from .connection import ACCEPT, Connection
from .http_client import CookielessAsyncClient, CookielessClient
from .pool import AsyncPool, Pool

if TYPE_CHECKING:
    from finetuning_api import AuthenticatedClient


class _Transport(httpx.BaseTransport):
    """Transport that sends through a pool that it does not own, and so does not close."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with self._pool.exchange() as http:
            return http.send(request, auth=None, stream=True, follow_redirects=False)


class _AsyncTransport(httpx.AsyncBaseTransport):
    """Asynchronous form of `_Transport`."""

    def __init__(self, pool: AsyncPool) -> None:
        self._pool = pool

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        async with self._pool.exchange() as http:
            return await http.send(request, auth=None, stream=True, follow_redirects=False)


def generated_client_on(connection: Connection, pool: Pool | AsyncPool) -> AuthenticatedClient:
    """Return a generated client that uses the connections of `pool`."""
    from finetuning_api import AuthenticatedClient

    # The token is never used: each request is signed when it is sent, with a key that may be short-lived.
    api = AuthenticatedClient(base_url=connection.base_url, token="")
    options: dict[str, Any] = {
        "base_url": connection.base_url,
        "auth": connection.credentials.signer(),
        "headers": {**connection.headers, "accept": _accept(connection)},
        "timeout": connection.timeout,
    }
    if isinstance(pool, Pool):
        api.set_httpx_client(CookielessClient(**options, transport=_Transport(pool)))
    else:
        api.set_async_httpx_client(CookielessAsyncClient(**options, transport=_AsyncTransport(pool)))
    return api


def _accept(connection: Connection) -> str:
    """Return the media types of all operations, since the functions do not say which ones they read."""
    given = connection.headers.get("accept", ACCEPT)
    return f"{ACCEPT}, */*;q=0.5" if given == ACCEPT else given
