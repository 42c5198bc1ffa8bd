from __future__ import annotations

from typing import Any

from attrs import define

from ..types import ApiObject


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class CreateFineTuningCheckpointPermissionRequest(ApiObject):
    """The projects to share a checkpoint with.

    Attributes:
        project_ids: Ids of the projects, `proj_…`.
    """

    project_ids: list[str]

    def _fill(self, src: dict[str, Any]) -> None:
        self.project_ids = src["project_ids"]
