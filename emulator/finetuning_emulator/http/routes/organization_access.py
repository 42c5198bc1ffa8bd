"""Access of the routes to the organization."""

from __future__ import annotations

from starlette.requests import Request

from finetuning_emulator.operations.organization import Organization

__all__ = ["organization_of"]


def organization_of(request: Request) -> Organization:
    """Return the organization that a request is for."""
    organization: Organization = request.app.state.organization
    return organization
