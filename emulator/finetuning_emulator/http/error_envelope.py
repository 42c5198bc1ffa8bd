"""Errors as responses: every exception of a route becomes the hosted service's error envelope."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Message, Receive, Scope, Send

from finetuning_emulator.errors import ApiError, StateDamaged
from finetuning_emulator.http.responses import json_response, standard_headers
from finetuning_emulator.operations.organization import Organization

__all__ = ["ErrorEnvelope"]

_LOG = logging.getLogger("finetuning_emulator")
_MAX_DRAINED = 2 * 1024**3


class ErrorEnvelope:
    """Application that routes the requests that `authenticate` accepts, and turns errors into responses."""

    def __init__(
        self,
        organization: Organization,
        routes: Sequence[BaseRoute],
        authenticate: Callable[[Scope], None],
    ) -> None:
        self._authenticate = authenticate
        self._application = Starlette(routes=routes)
        self._application.state.organization = organization
        self._router = self._application.router
        self._router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to a request."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        scope["app"] = self._application
        body = _RequestBody(receive)
        response = _ResponseSender(send)
        try:
            self._authenticate(scope)
            await self._router(scope, body, response)
        except ClientDisconnect:
            return
        except Exception as error:
            if response.started:
                raise
            refusal = self._refusal(error, scope)
            await body.drain()
            refused = json_response(refusal.envelope(), refusal.status, refusal.headers)
            await refused(scope, body, response)

    def _refusal(self, error: Exception, scope: Scope) -> ApiError:
        if isinstance(error, ApiError):
            return error
        method, path = scope["method"], scope["path"]
        if isinstance(error, HTTPException) and error.status_code == 404:
            return ApiError(404, f"Invalid URL ({method} {path})", code="unknown_url")
        if isinstance(error, HTTPException) and error.status_code == 405:
            return ApiError(
                405,
                f"Not allowed to {method} on {path}.",
                code="method_not_supported",
                headers={"allow": self._allowed_methods(scope)},
            )
        if isinstance(error, StateDamaged):
            _LOG.error("%s", error)
            return ApiError(500, f"The emulator cannot continue: {error}.", type="server_error")
        _LOG.error("%s %s failed", method, path[:200], exc_info=error)
        return ApiError(
            500,
            "The emulator had an error while processing your request. Its log has the details.",
            type="server_error",
        )

    def _allowed_methods(self, scope: Scope) -> str:
        """Return all methods of this path, since the router reports only those of its first route."""
        routes = (r for r in self._router.routes if isinstance(r, Route))
        matching = [r.methods or set() for r in routes if r.matches(scope)[0] is not Match.NONE]
        return ", ".join(sorted(set().union(*matching)))


class _RequestBody:
    """The body of a request; it can be drained, since a client that is still sending reads no response."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._ended = False
        self._size = 0

    async def __call__(self) -> Message:
        message = await self._receive()
        self._size += len(message.get("body", b""))
        self._ended = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    async def drain(self) -> None:
        while not self._ended and self._size < _MAX_DRAINED:
            await self()


class _ResponseSender:
    """Sender of a response, which adds the standard headers."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            message["headers"] = [*message.get("headers", ()), *standard_headers()]
        await self._send(message)
