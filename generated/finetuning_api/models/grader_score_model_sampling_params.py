from __future__ import annotations

from typing import Any

from attrs import define

from .. import models
from ..types import UNSET, ApiObject, Members, Unset

_ReasoningEffort = Members("ReasoningEffort")


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class GraderScoreModelSamplingParams(ApiObject):
    """Sampling settings of a grading model.

    Attributes:
        seed: Seed of the sampling.
        top_p: Share of the probability mass to sample from. 1, which means all of it, when left out.
        temperature: Randomness of the sampling; higher is more random.
        max_completions_tokens: Maximum number of tokens in the model's answer, at least 1.
        reasoning_effort: Amount of reasoning before a response. `medium` when left out.
    """

    seed: int | None | Unset = UNSET
    top_p: float | None | Unset = UNSET
    temperature: float | None | Unset = UNSET
    max_completions_tokens: int | None | Unset = UNSET
    reasoning_effort: models.ReasoningEffort | None | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.seed = src["seed"]
        self.top_p = src["top_p"]
        self.temperature = src["temperature"]
        self.max_completions_tokens = src["max_completions_tokens"]
        self.reasoning_effort = _ReasoningEffort[v] if type(v := src["reasoning_effort"]) is str else v
