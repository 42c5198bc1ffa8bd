from __future__ import annotations

from typing import Any

from attrs import define

from ..types import ApiObject


@define(repr=False)
class ErrorResponse(ApiObject):
    """The envelope of every error.

    Attributes:
        error: What went wrong.
    """

    error: Error

    def _fill(self, src: dict[str, Any]) -> None:
        self.error = Error.from_dict(v) if type(v := src["error"]) is dict else v


from .error import Error
