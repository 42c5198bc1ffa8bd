from __future__ import annotations

from typing import Any, Literal

from attrs import define

from .. import models
from ..types import READ, UNSET, ApiObject, Members, Unset

_FineTuningJobEventLevel = Members("FineTuningJobEventLevel")
_FineTuningJobEventType = Members("FineTuningJobEventType")


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class FineTuningJobEvent(ApiObject):
    """Something that happened to a job.

    Attributes:
        id: Id of the event, `ftevent-…`.
        created_at: When it happened, in Unix seconds. Many events may share a second.
        level: Severity of the event.
        message: Text of the event, as a sentence.
        object: Always `fine_tuning.job.event`.
        type: Kind of the event, `metrics` if it has metrics in `data`, otherwise `message`.
        data: Metrics of a step, when `type` is `metrics`.
    """

    id: str
    created_at: int
    level: models.FineTuningJobEventLevel
    message: str
    object: Literal["fine_tuning.job.event"] = "fine_tuning.job.event"
    type: models.FineTuningJobEventType | Unset = UNSET
    data: models.FineTuningJobEventData | None | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.id = src["id"]
        self.object = src["object"]
        self.created_at = src["created_at"]
        self.level = _FineTuningJobEventLevel[v] if type(v := src["level"]) is str else v
        self.message = src["message"]
        self.type = _FineTuningJobEventType[v] if type(v := src["type"]) is str else v
        self.data = READ["FineTuningJobEventData"](v) if type(v := src["data"]) is dict else v
