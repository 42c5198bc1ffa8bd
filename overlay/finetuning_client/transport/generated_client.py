"""The generated client on another client's connection pool: same keys, same headers, same connections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from .connection import Connection

if TYPE_CHECKING:
    from finetuning_api import AuthenticatedClient


class _Pool(httpx.BaseTransport):
    """Sends through a pool that it does not own, and so does not close."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._http.send(request, auth=None, stream=True, follow_redirects=False)


class _AsyncPool(httpx.AsyncBaseTransport):
    """`_Pool`, awaited."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._http.send(request, auth=None, stream=True, follow_redirects=False)


def generated_client_on(
    connection: Connection, http: httpx.Client | httpx.AsyncClient
) -> AuthenticatedClient:
    """Return a generated client that uses the pool `http`."""
    from finetuning_api import AuthenticatedClient

    # The token is never used: each request is signed as it leaves, by a key that may be short-lived.
    api = AuthenticatedClient(base_url=connection.base_url, token="")
    options: dict[str, Any] = {
        "base_url": connection.base_url,
        "auth": connection.credentials.signer(),
        "headers": dict(connection.headers),
        "timeout": connection.timeout,
    }
    if isinstance(http, httpx.Client):
        api.set_httpx_client(httpx.Client(**options, transport=_Pool(http)))
    else:
        api.set_async_httpx_client(httpx.AsyncClient(**options, transport=_AsyncPool(http)))
    return api
