from __future__ import annotations

from typing import Any, Self

from attrs import define

from ..types import UNSET, ApiObject, Unset


@define(repr=False)
class RunGraderResponse(ApiObject):
    """Result of running a grader.

    Attributes:
        reward: The score.
        metadata: How the score came about.
        sub_rewards: Scores of the graders inside a multi grader.
        model_grader_token_usage_per_model: Tokens used by grading models.
    """

    reward: float
    metadata: RunGraderMetadata
    sub_rewards: dict[str, Any] | Unset = UNSET
    model_grader_token_usage_per_model: dict[str, Any] | Unset = UNSET

    @classmethod
    def _read(cls, src: dict[str, Any]) -> Self:
        return cls(
            src["reward"],
            RunGraderMetadata.from_dict(v) if type(v := src["metadata"]) is dict else v,
            src["sub_rewards"],
            src["model_grader_token_usage_per_model"],
        )


from .run_grader_metadata import RunGraderMetadata
