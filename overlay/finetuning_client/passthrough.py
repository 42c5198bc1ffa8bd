"""The generated client on another client's connection pool: same keys, same headers, same connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from .target import Target

if TYPE_CHECKING:
    from finetuning_api import AuthenticatedClient

__all__ = ["client"]


class _Pool(httpx.BaseTransport):
    """Sends through a pool that belongs to somebody else, and so does not close it."""

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


def client(
    target: Target, *, sync: httpx.Client | None = None, awaited: httpx.AsyncClient | None = None
) -> AuthenticatedClient:
    """A generated client that reaches `target` through the pools given."""
    from finetuning_api import AuthenticatedClient

    # The token is never used: each request is signed as it leaves, by a key that may be short-lived.
    api = AuthenticatedClient(base_url=target.base_url, token="")
    auth, headers = target.credentials.signer(), dict(target.headers)
    if sync is not None:
        api.set_httpx_client(
            httpx.Client(
                base_url=target.base_url,
                auth=auth,
                headers=headers,
                timeout=target.timeout,
                transport=_Pool(sync),
            )
        )
    if awaited is not None:
        api.set_async_httpx_client(
            httpx.AsyncClient(
                base_url=target.base_url,
                auth=auth,
                headers=headers,
                timeout=target.timeout,
                transport=_AsyncPool(awaited),
            )
        )
    return api
