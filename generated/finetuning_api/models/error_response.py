from __future__ import annotations

from typing import Any

from attrs import define

from .. import models
from ..types import READ, ApiObject


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class ErrorResponse(ApiObject):
    """The envelope of every error.

    Attributes:
        error: The error.
    """

    error: models.Error

    def _fill(self, src: dict[str, Any]) -> None:
        self.error = READ["Error"](v) if type(v := src["error"]) is dict else v
