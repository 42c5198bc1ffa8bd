from __future__ import annotations

from typing import Any, Literal

from attrs import define

from .. import models
from ..types import READ_ALL, UNSET, ApiObject, Unset


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class ListFineTuningJobEventsResponse(ApiObject):
    """A page of events, newest first.

    Attributes:
        data: The events.
        object: Always `list`.
        has_more: True if more events follow.
    """

    data: list[models.FineTuningJobEvent]
    object: Literal["list"] = "list"
    has_more: bool | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.object = src["object"]
        self.data = v and READ_ALL["FineTuningJobEvent"](v) if type(v := src["data"]) is list else v
        self.has_more = src["has_more"]
