"""Clients of the HTTP library as this package uses them: without cookies, and with less work for a request.

The API needs no cookies, and a damaged one would break every call.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import httpx

# A job that is waited for is read at the same address again and again.
_parsed = lru_cache(maxsize=128)(httpx.URL)


class _NoCookies(httpx.Cookies):
    """Cookies of which none is kept or sent."""

    def extract_cookies(self, response: httpx.Response) -> None:
        """Keep nothing."""

    def set_cookie_header(self, request: httpx.Request) -> None:
        """Send nothing."""


class _Cookieless:
    cookies: Any = _NoCookies()


class CookielessClient(_Cookieless, httpx.Client):
    """A blocking client that keeps no cookies."""


class CookielessAsyncClient(_Cookieless, httpx.AsyncClient):
    """An asynchronous client that keeps no cookies."""


class _OfPool:
    """A client whose requests name everything that another client would merge from its defaults."""

    headers: Any

    def build_request(
        self,
        method: str,
        url: str,
        *,
        headers: Any = None,
        timeout: Any = None,
        extensions: Any = None,
        **content: Any,
    ) -> httpx.Request:
        """Return a request with the headers of the client and those given; `url` is complete."""
        merged = httpx.Headers(self.headers)
        if headers:
            merged.update(headers)
        extensions = {**extensions, "timeout": httpx.Timeout(timeout).as_dict()}
        return httpx.Request(method, _parsed(url), headers=merged, extensions=extensions, **content)


class PoolClient(_OfPool, CookielessClient):  # type: ignore[misc]  # takes what this package gives
    """The blocking client of a pool of ours."""


class AsyncPoolClient(_OfPool, CookielessAsyncClient):  # type: ignore[misc]  # likewise
    """The asynchronous client of a pool of ours."""
