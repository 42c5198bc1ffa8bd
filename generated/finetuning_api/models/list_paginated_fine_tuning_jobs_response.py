from __future__ import annotations

from typing import Any, Literal, Self

from attrs import define

from ..types import UNSET, ApiObject, Unset


@define(repr=False)
class ListPaginatedFineTuningJobsResponse(ApiObject):
    """A page of jobs, newest first.

    Attributes:
        data: The jobs.
        object: Always `list`.
        has_more: Whether there are jobs behind the last one.
    """

    data: list[FineTuningJob]
    object: Literal["list"] = "list"
    has_more: bool | Unset = UNSET

    @classmethod
    def _read(cls, src: dict[str, Any]) -> Self:
        return cls(
            [FineTuningJob.from_dict(item) if type(item) is dict else item for item in v]
            if type(v := src["data"]) is list
            else v,
            src["object"],
            src["has_more"],
        )


from .fine_tuning_job import FineTuningJob
