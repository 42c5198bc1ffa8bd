"""The exceptions of this library; those of httpx are not converted.

ApiClientError
├── NotAMapping (TypeError)      `from_dict` was given something that is not a mapping
└── UnusableResponse             a response that the contract does not describe
    ├── UnexpectedStatus         its status is not documented
    └── InvalidBody              its body is not the documented JSON object
"""

from __future__ import annotations


class ApiClientError(Exception):
    """Base of all exceptions of this library."""


class NotAMapping(ApiClientError, TypeError):
    """`from_dict` was given something other than a mapping."""

    def __init__(self, model: str, value: object) -> None:
        self.model = model
        super().__init__(model, value)

    def __str__(self) -> str:
        return f"{self.model} must be read from a mapping, not from {type(self.args[1]).__name__}"


class UnusableResponse(ApiClientError):
    """A response that the contract does not describe, with its status code and body."""

    def __init__(self, status_code: int, content: bytes) -> None:
        self.status_code = status_code
        self.content = content
        super().__init__(status_code, content)

    _problem = "Unusable response"

    def __str__(self) -> str:
        beginning = self.content[:200].decode(errors="replace")
        return f"{self._problem} (status {self.status_code}), body: {beginning!r}"


class UnexpectedStatus(UnusableResponse):
    """The status of the response is not documented."""

    _problem = "Undocumented status"


class InvalidBody(UnusableResponse):
    """The body of the response is not the documented JSON object."""

    _problem = "Body is not the documented JSON object"


__all__ = ["ApiClientError", "InvalidBody", "NotAMapping", "UnexpectedStatus", "UnusableResponse"]
