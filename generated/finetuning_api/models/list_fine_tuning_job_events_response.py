from __future__ import annotations

from typing import Any, Literal, Self

from attrs import define

from ..types import UNSET, ApiObject, Unset


@define(repr=False)
class ListFineTuningJobEventsResponse(ApiObject):
    """A page of events, newest first.

    Attributes:
        data: The events.
        object: Always `list`.
        has_more: Whether there are events behind the last one.
    """

    data: list[FineTuningJobEvent]
    object: Literal["list"] = "list"
    has_more: bool | Unset = UNSET

    @classmethod
    def _read(cls, src: dict[str, Any]) -> Self:
        return cls(
            [FineTuningJobEvent.from_dict(item) if type(item) is dict else item for item in v]
            if type(v := src["data"]) is list
            else v,
            src["object"],
            src["has_more"],
        )


from .fine_tuning_job_event import FineTuningJobEvent
