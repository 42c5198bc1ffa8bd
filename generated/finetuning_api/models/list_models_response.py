from __future__ import annotations

from typing import Any, Literal

from attrs import define

from ..types import ApiObject


@define(repr=False)
class ListModelsResponse(ApiObject):
    """All models that a key may use.

    Attributes:
        data: The models.
        object: Always `list`.
    """

    data: list[Model]
    object: Literal["list"] = "list"

    def _fill(self, src: dict[str, Any]) -> None:
        self.data = Model.from_dicts(v) if type(v := src["data"]) is list else v
        self.object = src["object"]


from .model import Model
