from __future__ import annotations

from typing import Any, Self

from attrs import define

from ..types import ApiObject


@define(repr=False)
class CreateFineTuningCheckpointPermissionRequest(ApiObject):
    """The projects to share a checkpoint with.

    Attributes:
        project_ids: Ids of the projects, `proj_…`.
    """

    project_ids: list[str]

    @classmethod
    def _read(cls, src: dict[str, Any]) -> Self:
        return cls(src["project_ids"])
