"""Clients of the HTTP library as this package uses them: without cookies, and with less work per request.

The API needs no cookies, and a damaged one would break every call.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import httpx

# Waiting for a job reads the same URL again and again.
_parsed = lru_cache(maxsize=128)(httpx.URL)


class _NoCookies(httpx.Cookies):
    """A cookie jar that neither keeps nor sends any."""

    def extract_cookies(self, response: httpx.Response) -> None:
        """Keep nothing."""

    def set_cookie_header(self, request: httpx.Request) -> None:
        """Send nothing."""


_NO_COOKIES = _NoCookies()


class _Cookieless:
    @property
    def cookies(self) -> httpx.Cookies:
        return _NO_COOKIES

    @cookies.setter
    def cookies(self, cookies: Any) -> None:
        pass

    def __reduce__(self) -> Any:
        # Users hold this object through `client.api`.
        raise TypeError(
            "the HTTP client of client.api cannot be pickled: it holds keys and connections; create a client "
            "where it is needed"
        )


class CookielessClient(_Cookieless, httpx.Client):
    """A blocking client that keeps no cookies."""


class CookielessAsyncClient(_Cookieless, httpx.AsyncClient):
    """An asynchronous client that keeps no cookies."""


class _CompleteRequests:
    """A client whose requests specify everything that another client would merge from its defaults."""

    def build_request(self: Any, method: str, url: httpx.URL | str, **options: Any) -> httpx.Request:
        """Return a request with the headers of the client and those given; `url` is complete."""
        headers = httpx.Headers(self.headers)
        if given := options.pop("headers"):
            headers.update(given)
        timeout = httpx.Timeout(options.pop("timeout")).as_dict()
        extensions = {**options.pop("extensions"), "timeout": timeout}
        return httpx.Request(method, _parsed(url), headers=headers, extensions=extensions, **options)


class PoolClient(_CompleteRequests, CookielessClient):
    """The blocking client of one of our own pools."""


class AsyncPoolClient(_CompleteRequests, CookielessAsyncClient):
    """The asynchronous client of one of our own pools."""
