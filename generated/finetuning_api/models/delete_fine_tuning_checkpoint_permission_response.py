from __future__ import annotations

from typing import Any, Literal, Self

from attrs import define

from ..types import ApiObject


@define(repr=False)
class DeleteFineTuningCheckpointPermissionResponse(ApiObject):
    """The permission that was deleted.

    Attributes:
        id: Id of the permission.
        deleted: Whether it is deleted.
        object: Always `checkpoint.permission`.
    """

    id: str
    deleted: bool
    object: Literal["checkpoint.permission"] = "checkpoint.permission"

    @classmethod
    def _read(cls, src: dict[str, Any]) -> Self:
        return cls(src["id"], src["deleted"], src["object"])
