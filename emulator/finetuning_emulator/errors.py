"""What a refused request is told: one exception that becomes the hosted service's error envelope.

Every handler refuses by raising `Refusal`; the application turns it into the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["Refusal", "StateUnavailable", "missing_parameter", "not_found"]


class StateUnavailable(Exception):
    """The state file cannot be opened: unreadable, of another kind, or held by another emulator."""


class Refusal(Exception):
    """A request that is answered with an error envelope.

    `param` names the field that was wrong, dotted for nested ones; `code` is for programs;
    `headers` are further headers of the answer.
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
        """The body of the answer."""
        return {
            "error": {
                "message": self.message,
                "type": self.type,
                "param": self.param,
                "code": self.code,
            }
        }


def not_found(message: str, *, param: str, code: str | None = None) -> Refusal:
    """The refusal for an identifier that names nothing."""
    return Refusal(404, message, param=param, code=code)


def missing_parameter(name: str) -> Refusal:
    """The refusal for a required field that was left out."""
    return Refusal(
        400,
        f"Missing required parameter: '{name}'.",
        param=name,
        code="missing_required_parameter",
    )
