from __future__ import annotations

from typing import Any, Literal

from attrs import define

from .. import models
from ..types import READ_ALL, UNSET, ApiObject, Unset


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class ListFineTuningCheckpointPermissionResponse(ApiObject):
    """A page of permissions.

    Attributes:
        data: The permissions.
        object: Always `list`.
        first_id: Id of the first permission of the page.
        last_id: Id of the last permission of the page.
        has_more: True if more permissions follow.
    """

    data: list[models.FineTuningCheckpointPermission]
    object: Literal["list"] = "list"
    first_id: str | None | Unset = UNSET
    last_id: str | None | Unset = UNSET
    has_more: bool | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.object = src["object"]
        self.data = v and READ_ALL["FineTuningCheckpointPermission"](v) if type(v := src["data"]) is list else v
        self.first_id = src["first_id"]
        self.last_id = src["last_id"]
        self.has_more = src["has_more"]
