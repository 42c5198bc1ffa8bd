from __future__ import annotations

from typing import Any

from attrs import define

from .. import models
from ..types import READ, UNSET, ApiObject, Unset


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class RunGraderResponse(ApiObject):
    """Result of running a grader.

    Attributes:
        reward: The score.
        metadata: Details of the grader run.
        sub_rewards: Scores of the graders inside a multi grader.
        model_grader_token_usage_per_model: Tokens used by grading models.
    """

    reward: float
    metadata: models.RunGraderMetadata
    sub_rewards: dict[str, Any] | Unset = UNSET
    model_grader_token_usage_per_model: dict[str, Any] | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.reward = src["reward"]
        self.metadata = READ["RunGraderMetadata"](v) if type(v := src["metadata"]) is dict else v
        self.sub_rewards = src["sub_rewards"]
        self.model_grader_token_usage_per_model = src["model_grader_token_usage_per_model"]
