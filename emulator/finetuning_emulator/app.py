"""The emulator as an ASGI application: authorisation, errors and headers around the routes.

Every answer says that it is simulated. Whatever goes wrong, the answer is the error envelope.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from finetuning_emulator import (
    routes_control,
    routes_files,
    routes_graders,
    routes_jobs,
    routes_models,
    routes_permissions,
    routes_uploads,
)
from finetuning_emulator.addresses import is_loopback
from finetuning_emulator.answers import json_answer, stamp
from finetuning_emulator.errors import Refusal
from finetuning_emulator.interference import Interference
from finetuning_emulator.service import Service

__all__ = ["create_app"]

_LOG = logging.getLogger("finetuning_emulator")
_ROUTES = [
    *routes_jobs.ROUTES,
    *routes_permissions.ROUTES,
    *routes_graders.ROUTES,
    *routes_files.ROUTES,
    *routes_uploads.ROUTES,
    *routes_models.ROUTES,
]
_MOST_DRAINED = 2 * 1024**3


def create_app(service: Service) -> ASGIApp:
    """The application that answers for a service."""
    api = Interference(_Envelope(service, _ROUTES, _authorise), service.faults)
    control = _Envelope(service, routes_control.ROUTES, _authorise_strangers)

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        ours = scope["type"] == "http" and scope["path"].startswith("/_emulator")
        await (control if ours else api)(scope, receive, send)

    return application


class _Envelope:
    """Lets authorised requests through to the routes, and answers for whatever they raise."""

    def __init__(
        self, service: Service, routes: Sequence[BaseRoute], authorise: Callable[[Scope], None]
    ) -> None:
        self._authorise = authorise
        self._application = Starlette(routes=routes)
        self._application.state.service = service
        self._router = self._application.router
        self._router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        scope["app"] = self._application
        reading = _Reading(receive)
        sending = _Sending(send)
        try:
            self._authorise(scope)
            await self._router(scope, reading, sending)
        except ClientDisconnect:
            return
        except Exception as error:
            if sending.started:
                raise
            refusal = self._refusal(error, scope)
            await reading.drain()
            answer = json_answer(refusal.envelope(), refusal.status, refusal.headers)
            await answer(scope, reading, sending)

    def _refusal(self, error: Exception, scope: Scope) -> Refusal:
        if isinstance(error, Refusal):
            return error
        method, path = scope["method"], scope["path"]
        if isinstance(error, HTTPException) and error.status_code == 404:
            return Refusal(404, f"Invalid URL ({method} {path})", code="unknown_url")
        if isinstance(error, HTTPException) and error.status_code == 405:
            return Refusal(
                405,
                f"Not allowed to {method} on {path}.",
                code="method_not_supported",
                headers={"allow": self._methods(scope)},
            )
        _LOG.error("%s %s failed", method, path, exc_info=error)
        return Refusal(
            500,
            "The emulator had an error while processing your request. Its log says more.",
            type="server_error",
        )

    def _methods(self, scope: Scope) -> str:
        """All the methods that this path has, where the router knows only of its first route."""
        found = (r for r in self._router.routes if isinstance(r, Route))
        here = [r.methods or set() for r in found if r.matches(scope)[0] is not Match.NONE]
        return ", ".join(sorted(set().union(*here)))


class _Reading:
    """A request's body, which can be read to its end, so that its sender reads the answer."""

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
        while not self._ended and self._size < _MOST_DRAINED:
            await self()


class _Sending:
    """An answer, with the headers that every answer has."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            message["headers"] = [*message.get("headers", ()), *stamp()]
        await self._send(message)


def _authorise(scope: Scope) -> None:
    header = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
    scheme, _, key = header.partition(" ")
    key = key.strip()
    if scheme.lower() != "bearer" or not key:
        raise Refusal(
            401,
            "You didn't provide an API key. Provide it in an Authorization header:"
            " 'Authorization: Bearer YOUR_KEY'.",
            code="invalid_api_key",
        )
    if key == "sk-invalid" or key.startswith("sk-expired"):
        shown = key if len(key) <= 12 else f"{key[:10]}***{key[-2:]}"
        raise Refusal(401, f"Incorrect API key provided: {shown}.", code="invalid_api_key")


def _authorise_strangers(scope: Scope) -> None:
    """Let this machine's own programs control the emulator without a key."""
    client = scope.get("client")
    if client is None or not is_loopback(client[0]):
        _authorise(scope)
