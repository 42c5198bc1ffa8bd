"""Errors of the emulator: error responses of the API, an unusable state, and a missing dependency.

Code in any layer refuses a request by raising `ApiError`; the HTTP layer turns it into the hosted
service's error envelope.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = [
    "ApiError",
    "StateDamaged",
    "StateUnavailable",
    "invalid_value",
    "missing_dependency",
    "missing_parameter",
    "not_found",
    "unknown_parameter",
]


class StateUnavailable(Exception):
    """The state file cannot be opened: unreadable, damaged, of the wrong kind, or in use."""


class StateDamaged(Exception):
    """The state file was damaged after it was opened, or in a part that is not read on opening."""


class ApiError(Exception):
    """An error response.

    Attributes:
        status: the HTTP status.
        message: what is wrong, for people.
        param: the field at fault, with dots for nested fields.
        code: what is wrong, for programs.
        type: the hosted service's class of error.
        headers: headers of the response, besides those that every response has.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        type: str = "invalid_request_error",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.param = param
        self.code = code
        self.type = type
        self.headers = headers

    def envelope(self) -> dict[str, Any]:
        """Return the body of the response."""
        return {
            "error": {
                "message": self.message,
                "type": self.type,
                "param": self.param,
                "code": self.code,
            }
        }


def missing_dependency(error: ModuleNotFoundError) -> ModuleNotFoundError:
    """Return an error with advice for a package that the emulator needs and that is not installed."""
    package = (error.name or "").partition(".")[0]
    text = f"the emulator needs the package {package!r}: install finetuning-client[emulator]"
    return ModuleNotFoundError(text, name=error.name)


def not_found(message: str, *, param: str, code: str | None = None) -> ApiError:
    """Return the 404 for an identifier that does not exist."""
    return ApiError(404, message, param=param, code=code)


def invalid_value(param: str, reason: str, *, code: str = "invalid_value", place: str = "") -> ApiError:
    """Return the 400 for a bad value; `place` is the exact place in the field, if it differs from `param`."""
    return ApiError(400, f"Invalid value for '{param}': {reason}.", param=place or param, code=code)


def missing_parameter(name: str) -> ApiError:
    """Return the 400 for a required field that was left out."""
    return ApiError(
        400,
        f"Missing required parameter: '{name}'.",
        param=name,
        code="missing_required_parameter",
    )


def unknown_parameter(name: str) -> ApiError:
    """Return the 400 for a field that the operation does not have."""
    return ApiError(400, f"Unknown parameter: '{name}'.", param=name, code="unknown_parameter")
