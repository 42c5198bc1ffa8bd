from __future__ import annotations

from typing import Any, Literal

from attrs import define

from .. import models
from ..types import READ_ALL, UNSET, ApiObject, Unset


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class ListFineTuningJobCheckpointsResponse(ApiObject):
    """A page of checkpoints, newest first.

    Attributes:
        data: The checkpoints.
        object: Always `list`.
        first_id: Id of the first checkpoint of the page.
        last_id: Id of the last checkpoint of the page.
        has_more: True if more checkpoints follow.
    """

    data: list[models.FineTuningJobCheckpoint]
    object: Literal["list"] = "list"
    first_id: str | None | Unset = UNSET
    last_id: str | None | Unset = UNSET
    has_more: bool | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.object = src["object"]
        self.data = v and READ_ALL["FineTuningJobCheckpoint"](v) if type(v := src["data"]) is list else v
        self.first_id = src["first_id"]
        self.last_id = src["last_id"]
        self.has_more = src["has_more"]
