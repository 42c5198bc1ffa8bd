"""API keys and request signing: keys are given as text or by a function, and put on each request.

A key is held so that no `repr`, log line or traceback shows it.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import httpx

from ..errors import ConfigurationError

Key: TypeAlias = str | Callable[[], str] | Callable[[], Awaitable[str]]
"""A key, or a function that gives one: it is called for every attempt, so short-lived tokens work. Only an
asynchronous client can use a coroutine function."""


# Shorter values could match ordinary words.
_SHORTEST_CONCEALED = 8
_CONCEALED = b"<hidden>"


class _Hidden:
    """A key that a display of local variables does not show."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __call__(self) -> str:
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return "<hidden>"


def hidden(key: object) -> Any:
    """Return the key in a form that tracebacks do not show; what is not text is returned as it is."""
    return _Hidden(key) if isinstance(key, str) else key


class Signer(httpx.Auth):
    """Puts one key on a request: as a bearer token, or by itself in a header of another name."""

    __slots__ = ("_header", "_key", "_last", "_name", "_prefix")

    def __init__(self, key: Key, name: str, header: str) -> None:
        key = hidden(key)
        if isinstance(key, _Hidden):
            _require_usable(key, name)
        elif not callable(key):
            raise ConfigurationError(f"{name} must be a string or a function, not {type(key).__name__}")
        self._key = key
        self._last = key if isinstance(key, _Hidden) else None
        self._name = name
        self._header = header
        self._prefix = "Bearer " if header.lower() == "authorization" else ""

    def __repr__(self) -> str:
        return f"<{self._name}: hidden>"

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign the request."""
        key = self._key
        if not isinstance(key, _Hidden):
            value = self._called(key)
            if inspect.isawaitable(value):
                if inspect.iscoroutine(value):
                    value.close()
                raise ConfigurationError(f"{self._name} is a coroutine function, which needs AsyncFineTuning")
            key = _require_usable(value, self._name)
        self._sign(request, key)
        yield request

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Sign the request."""
        key = self._key
        if not isinstance(key, _Hidden):
            value = self._called(key)
            if inspect.isawaitable(value):
                with self._naming_failures():
                    value = hidden(await value)
            key = _require_usable(value, self._name)
        self._sign(request, key)
        yield request

    def keys(self, request: httpx.Request | None = None) -> set[str]:
        """Return the key as it was last used, and as `request` has it."""
        sent = "" if request is None else request.headers.get(self._header, "").removeprefix("Bearer ")
        return {sent, "" if self._last is None else self._last()}

    def _called(self, function: Callable[[], object]) -> Any:
        with self._naming_failures():
            return hidden(function())

    @contextmanager
    def _naming_failures(self) -> Iterator[None]:
        """Keep an exception from a key function from being mistaken for a failure of the request."""
        try:
            yield
        except Exception as error:
            message = f"{self._name}: the function that provides it failed: {type(error).__name__}: {error}"
            raise ConfigurationError(message) from error

    def _sign(self, request: httpx.Request, key: _Hidden) -> None:
        self._last = key
        request.headers[self._header] = self._prefix + key()


class Credentials:
    """The keys of a client.

    Args:
        api_key: signs every request except those of administrators.
        admin_key: signs those; they cannot be sent without one.
        header: carries the key; any other than `Authorization` carries it without `Bearer`.
    """

    __slots__ = ("_admin", "_user")

    def __init__(self, api_key: Key, admin_key: Key | None = None, header: str = "Authorization") -> None:
        api_key, admin_key = hidden(api_key), hidden(admin_key)
        self._user = Signer(api_key, "api_key", header)
        self._admin = None if admin_key is None else Signer(admin_key, "admin_key", header)

    def signer(self, *, admin: bool = False) -> Signer:
        """Return what puts the right key on a request."""
        if not admin:
            return self._user
        if self._admin is None:
            raise ConfigurationError(
                "this operation needs an admin key: pass admin_key= or set OPENAI_ADMIN_KEY"
            )
        return self._admin

    def concealer(self, request: httpx.Request | None = None) -> Callable[[bytes], bytes]:
        """Return a function that removes the keys, which some servers echo, from what a server sent.

        `request` may carry a key that came from a function and is no longer the latest one.
        """
        keys = self._user.keys(request)
        if self._admin is not None:
            keys |= self._admin.keys(request)
        keys = {key for key in keys if len(key) >= _SHORTEST_CONCEALED}

        # Not a `partial`, whose display would show the keys.
        def conceal(text: bytes) -> bytes:
            for key in keys:
                text = text.replace(key.encode(), _CONCEALED)
                if b"\\" in text or b"%" in text:  # it may have escaped characters, as JSON and URLs do
                    text = _escaped(key).sub(_CONCEALED, text)
            return text

        return conceal


def _escaped(key: str) -> re.Pattern[bytes]:
    """Return a pattern of the key with any of its characters escaped, as in JSON or in a URL."""
    of_each = (
        rb"(?:\\u%04x|%%%02x|\\?%b)" % (byte, byte, re.escape(byte.to_bytes())) for byte in key.encode()
    )
    return re.compile(b"".join(of_each), re.IGNORECASE)


def _require_usable(value: object, name: str) -> _Hidden:
    """Return the key, if a request can carry it. Raises `ConfigurationError`."""
    if not isinstance(value, _Hidden):
        raise ConfigurationError(f"{name} must return a string, not {type(value).__name__}")
    if not value().strip():
        raise ConfigurationError(f"{name} is empty")
    # Checked here, since the error of the HTTP library would contain the key.
    if not value().isascii() or not value().isprintable() or value() != value().strip():
        raise ConfigurationError(
            f"{name} has a character that a key cannot contain, such as a line break or a trailing space: "
            "copy it again"
        )
    return value
