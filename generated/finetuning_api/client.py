"""The clients: settings shared by all requests, and one httpx client each for sync and async calls."""

from __future__ import annotations

import ssl
from typing import Any, Self

import httpx
from attrs import define, evolve, field


def _always(client: object, attribute: object, value: bool) -> None:
    if not value:
        raise ValueError(
            "raise_on_unexpected_status cannot be switched off: catch errors.UnexpectedStatus, which has the "
            "status_code and the content"
        )


@define
class Client:
    """Settings shared by all requests. The httpx clients are created when they are first needed.

    Attributes:
        base_url: The URL that the paths of the endpoints are appended to.
        cookies: Cookies to send with every request.
        headers: Headers to send with every request.
        timeout: How long each step of a request may take, after which httpx raises `TimeoutException`.
        verify_ssl: Whether to verify the server's certificate, or an `ssl.SSLContext` or path to verify it with.
        follow_redirects: Whether to follow redirects.
        httpx_args: More arguments for `httpx.Client` and `httpx.AsyncClient`.
        raise_on_unexpected_status: Always true. An undocumented status raises `errors.UnexpectedStatus`.
    """

    _base_url: str = field(alias="base_url")
    # Left out of repr, since both may contain secrets.
    _cookies: dict[str, str] = field(factory=dict, kw_only=True, alias="cookies", repr=False)
    _headers: dict[str, str] = field(factory=dict, kw_only=True, alias="headers", repr=False)
    _timeout: httpx.Timeout | None = field(default=None, kw_only=True, alias="timeout")
    _verify_ssl: str | bool | ssl.SSLContext = field(default=True, kw_only=True, alias="verify_ssl")
    _follow_redirects: bool = field(default=False, kw_only=True, alias="follow_redirects")
    _httpx_args: dict[str, Any] = field(factory=dict, kw_only=True, alias="httpx_args", repr=False)
    raise_on_unexpected_status: bool = field(default=True, kw_only=True, repr=False, validator=_always)
    _client: httpx.Client | None = field(default=None, init=False, repr=False)
    _async_client: httpx.AsyncClient | None = field(default=None, init=False, repr=False)

    def with_headers(self, headers: dict[str, str]) -> Self:
        """Return a client like this one with more headers, and its own connections."""
        return evolve(self, headers={**self._headers, **headers})

    def with_cookies(self, cookies: dict[str, str]) -> Self:
        """Return a client like this one with more cookies, and its own connections."""
        return evolve(self, cookies={**self._cookies, **cookies})

    def with_timeout(self, timeout: httpx.Timeout) -> Self:
        """Return a client like this one with another timeout, and its own connections."""
        return evolve(self, timeout=timeout)

    def _httpx_arguments(self) -> dict[str, Any]:
        return {
            "base_url": self._base_url,
            "cookies": self._cookies,
            "headers": self._headers,
            "timeout": self._timeout,
            "verify": self._verify_ssl,
            "follow_redirects": self._follow_redirects,
            **self._httpx_args,
        }

    def set_httpx_client(self, client: httpx.Client) -> Self:
        """Use this httpx client, with its own settings instead of this client's."""
        self._client = client
        return self

    def get_httpx_client(self) -> httpx.Client:
        """Return the httpx client for blocking calls; it is created by the first call."""
        if self._client is None:
            self._client = httpx.Client(**self._httpx_arguments())
        return self._client

    def __enter__(self) -> Self:
        self.get_httpx_client().__enter__()
        return self

    def __exit__(self, *args: Any) -> None:
        self.get_httpx_client().__exit__(*args)

    def set_async_httpx_client(self, async_client: httpx.AsyncClient) -> Self:
        """Use this httpx client, with its own settings instead of this client's."""
        self._async_client = async_client
        return self

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """Return the httpx client for async calls; it is created by the first call."""
        if self._async_client is None:
            self._async_client = httpx.AsyncClient(**self._httpx_arguments())
        return self._async_client

    async def __aenter__(self) -> Self:
        await self.get_async_httpx_client().__aenter__()
        return self

    async def __aexit__(self, *args: Any) -> None:
        await self.get_async_httpx_client().__aexit__(*args)


@define
class AuthenticatedClient(Client):
    """A client that sends an API key with every request.

    Attributes:
        token: The API key.
        prefix: Text before the token in the header; may be empty.
        auth_header_name: The header that carries the token.
    """

    token: str = field(repr=False)
    prefix: str = "Bearer"
    auth_header_name: str = "Authorization"

    def _key(self) -> dict[str, str]:
        return {self.auth_header_name: f"{self.prefix} {self.token}" if self.prefix else self.token}

    def _httpx_arguments(self) -> dict[str, Any]:
        arguments = Client._httpx_arguments(self)
        return {**arguments, "headers": {**arguments["headers"], **self._key()}}
