"""The emulator as an ASGI application: the API under /v1, the controls, and the root path."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from finetuning_emulator.http.authentication import check_control_access, check_key
from finetuning_emulator.http.error_envelope import ErrorEnvelope
from finetuning_emulator.http.fault_middleware import FaultMiddleware
from finetuning_emulator.http.routes import control, files, graders, jobs, models, permissions, root, uploads
from finetuning_emulator.operations.organization import Organization

__all__ = ["create_app"]

_API_ROUTES = [
    *jobs.ROUTES,
    *permissions.ROUTES,
    *graders.ROUTES,
    *files.ROUTES,
    *uploads.ROUTES,
    *models.ROUTES,
]


def create_app(organization: Organization) -> ASGIApp:
    """Return the application of an organization."""
    api = FaultMiddleware(ErrorEnvelope(organization, _API_ROUTES, check_key), organization.faults)
    controls = ErrorEnvelope(organization, control.ROUTES, check_control_access)
    description = ErrorEnvelope(organization, root.ROUTES, _accept)

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        if path.startswith("/_emulator"):
            await controls(scope, receive, send)
        elif path == "/":
            await description(scope, receive, send)
        else:
            await api(scope, receive, send)

    return application


def _accept(_: Scope) -> None:
    """Accept every request: the description is public."""
