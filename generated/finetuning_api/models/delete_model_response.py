from __future__ import annotations

from typing import Any, Literal

from attrs import define

from ..types import ApiObject


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class DeleteModelResponse(ApiObject):
    """The result of a deletion.

    Attributes:
        id: Id of the object that was deleted.
        deleted: True if the object was deleted.
        object: Always `model`.
    """

    id: str
    deleted: bool
    object: Literal["model"] = "model"

    def _fill(self, src: dict[str, Any]) -> None:
        self.id = src["id"]
        self.object = src["object"]
        self.deleted = src["deleted"]
