from __future__ import annotations

from typing import Any, Literal, Self

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

    @classmethod
    def _read(cls, src: dict[str, Any]) -> Self:
        return cls(
            [Model.from_dict(item) if type(item) is dict else item for item in v]
            if type(v := src["data"]) is list
            else v,
            src["object"],
        )


from .model import Model
