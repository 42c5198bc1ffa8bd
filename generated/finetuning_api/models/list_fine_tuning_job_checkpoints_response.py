from __future__ import annotations

from typing import Any, Literal, Self

from attrs import define

from ..types import UNSET, ApiObject, Unset


@define(repr=False)
class ListFineTuningJobCheckpointsResponse(ApiObject):
    """A page of checkpoints, newest first.

    Attributes:
        data: The checkpoints.
        object: Always `list`.
        first_id: Id of the first checkpoint of the page.
        last_id: Id of the last checkpoint of the page.
        has_more: Whether there are checkpoints behind the last one.
    """

    data: list[FineTuningJobCheckpoint]
    object: Literal["list"] = "list"
    first_id: str | None | Unset = UNSET
    last_id: str | None | Unset = UNSET
    has_more: bool | Unset = UNSET

    @classmethod
    def _read(cls, src: dict[str, Any]) -> Self:
        return cls(
            [FineTuningJobCheckpoint.from_dict(item) if type(item) is dict else item for item in v]
            if type(v := src["data"]) is list
            else v,
            src["object"],
            src["first_id"],
            src["last_id"],
            src["has_more"],
        )


from .fine_tuning_job_checkpoint import FineTuningJobCheckpoint
