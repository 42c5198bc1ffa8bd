from __future__ import annotations

from typing import Any, Literal, Self

from attrs import define

from ..types import ApiObject


@define(repr=False)
class FineTuningCheckpointPermission(ApiObject):
    """Leave for one project to use a fine-tuned checkpoint.

    Attributes:
        id: Id of the permission, `cp_…`.
        created_at: When the permission was given, in Unix seconds.
        project_id: Project that may use the checkpoint, `proj_…`.
        object: Always `checkpoint.permission`.
    """

    id: str
    created_at: int
    project_id: str
    object: Literal["checkpoint.permission"] = "checkpoint.permission"

    @classmethod
    def _read(cls, src: dict[str, Any]) -> Self:
        return cls(src["id"], src["created_at"], src["project_id"], src["object"])
