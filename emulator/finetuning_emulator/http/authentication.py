"""Authentication: API keys, admin keys, and the access of local programs to the controls."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import Scope

from finetuning_emulator.errors import ApiError
from finetuning_emulator.http.addresses import is_loopback

__all__ = ["check_admin_key", "check_control_access", "check_key"]

_ADMIN = "sk-admin"


def check_key(scope: Scope) -> None:
    """Refuse a request without an acceptable API key."""
    key = _key(scope)
    if not key:
        raise ApiError(
            401,
            "You didn't provide an API key. Provide it in an Authorization header:"
            " 'Authorization: Bearer YOUR_KEY'.",
            code="invalid_api_key",
        )
    if key == "sk-invalid" or key.startswith("sk-expired"):
        shown = key if len(key) <= 12 else f"{key[:10]}***{key[-2:]}"
        raise ApiError(401, f"Incorrect API key provided: {shown}.", code="invalid_api_key")


def check_admin_key(request: Request) -> None:
    """Refuse a request whose key is not an admin key."""
    if not _key(request.scope).startswith(_ADMIN):
        raise ApiError(
            403,
            "You have insufficient permissions for this operation: it needs an admin key"
            f" (here, one that begins with '{_ADMIN}').",
            code="insufficient_permissions",
        )


def check_control_access(scope: Scope) -> None:
    """Refuse a control request from a web page, or without a key from another machine.

    Programs on this machine need no key. A web browser is such a program too, so a page from another origin
    must be refused, and so must a body that a page can send without a preflight request.
    """
    headers = dict(scope["headers"])
    origin = headers.get(b"origin", b"").decode("latin-1")
    host = headers.get(b"host", b"").decode("latin-1")
    if origin and origin.lower() not in (f"http://{host}".lower(), f"https://{host}".lower()):
        raise ApiError(
            403,
            f"Control requests from the web origin '{origin[:100]}' are refused.",
            code="origin_not_allowed",
        )
    kind = headers.get(b"content-type", b"").decode("latin-1").partition(";")[0].strip().lower()
    has_body = headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers
    if has_body and kind != "application/json":
        raise ApiError(
            400,
            f"Unsupported content type: '{kind[:100]}'. Control requests need the header"
            " 'Content-Type: application/json'.",
            code="unsupported_content_type",
        )
    client = scope.get("client")
    if client is None or not is_loopback(client[0]):
        check_key(scope)


def _key(scope: Scope) -> str:
    """Return the bearer token of a request; empty if there is none."""
    header = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
    scheme, _, key = header.partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""
