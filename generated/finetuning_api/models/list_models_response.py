from __future__ import annotations

from typing import Any, Literal

from attrs import define

from .. import models
from ..types import READ_ALL, ApiObject


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class ListModelsResponse(ApiObject):
    """All models that a key may use.

    Attributes:
        data: The models.
        object: Always `list`.
    """

    data: list[models.Model]
    object: Literal["list"] = "list"

    def _fill(self, src: dict[str, Any]) -> None:
        self.object = src["object"]
        self.data = v and READ_ALL["Model"](v) if type(v := src["data"]) is list else v
