from __future__ import annotations

from typing import Any, Literal

from attrs import define

from .. import models
from ..types import READ_ALL, UNSET, ApiObject, Unset


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class ListPaginatedFineTuningJobsResponse(ApiObject):
    """A page of jobs, newest first.

    Attributes:
        data: The jobs.
        object: Always `list`.
        has_more: True if more jobs follow.
    """

    data: list[models.FineTuningJob]
    object: Literal["list"] = "list"
    has_more: bool | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.object = src["object"]
        self.data = v and READ_ALL["FineTuningJob"](v) if type(v := src["data"]) is list else v
        self.has_more = src["has_more"]
