from __future__ import annotations

from typing import Any, Literal

from attrs import define

from ..types import ApiObject


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class FineTuningCheckpointPermission(ApiObject):
    """One project's access to a fine-tuned checkpoint.

    Attributes:
        id: Id of the permission, `cp_…`.
        created_at: When the permission was granted, in Unix seconds.
        project_id: Project that may use the checkpoint, `proj_…`.
        object: Always `checkpoint.permission`.
    """

    id: str
    created_at: int
    project_id: str
    object: Literal["checkpoint.permission"] = "checkpoint.permission"

    def _fill(self, src: dict[str, Any]) -> None:
        self.id = src["id"]
        self.object = src["object"]
        self.created_at = src["created_at"]
        self.project_id = src["project_id"]
