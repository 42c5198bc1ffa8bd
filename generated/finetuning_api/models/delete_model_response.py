from __future__ import annotations

from typing import Any, Literal, Self

from attrs import define

from ..types import ApiObject


@define(repr=False)
class DeleteModelResponse(ApiObject):
    """The model that was deleted.

    Attributes:
        id: Id of the model.
        deleted: Whether it is deleted.
        object: Always `model`.
    """

    id: str
    deleted: bool
    object: Literal["model"] = "model"

    @classmethod
    def _read(cls, src: dict[str, Any]) -> Self:
        return cls(src["id"], src["deleted"], src["object"])
