from __future__ import annotations

from typing import Any, Literal

from attrs import define

from ..types import UNSET, ApiObject, Unset, members


@define(repr=False)
class FineTuningJobEvent(ApiObject):
    """Something that happened to a job.

    Attributes:
        id: Id of the event, `ftevent-…`.
        created_at: When it happened, in Unix seconds. Many events may share a second.
        level: How serious it is.
        message: What happened, in a sentence.
        object: Always `fine_tuning.job.event`.
        type: Whether `data` has metrics.
        data: Metrics of a step, when `type` is `metrics`.
    """

    id: str
    created_at: int
    level: FineTuningJobEventLevel
    message: str
    object: Literal["fine_tuning.job.event"] = "fine_tuning.job.event"
    type: FineTuningJobEventType | Unset = UNSET
    data: FineTuningJobEventData | None | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.id = src["id"]
        self.created_at = src["created_at"]
        self.level = _FineTuningJobEventLevel[v] if type(v := src["level"]) is str else v
        self.message = src["message"]
        self.object = src["object"]
        self.type = _FineTuningJobEventType[v] if type(v := src["type"]) is str else v
        self.data = FineTuningJobEventData.from_dict(v) if type(v := src["data"]) is dict else v


from .fine_tuning_job_event_data import FineTuningJobEventData
from .fine_tuning_job_event_level import FineTuningJobEventLevel
from .fine_tuning_job_event_type import FineTuningJobEventType

_FineTuningJobEventLevel = members(FineTuningJobEventLevel)
_FineTuningJobEventType = members(FineTuningJobEventType)
