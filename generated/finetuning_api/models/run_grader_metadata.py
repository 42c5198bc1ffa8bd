from __future__ import annotations

from typing import Any, Self

from attrs import define

from ..types import UNSET, ApiObject, Unset


@define(repr=False)
class RunGraderMetadata(ApiObject):
    """How a score came about.

    Attributes:
        name: Name of the grader.
        type: Type of the grader, for instance `string_check`.
        errors: What went wrong, if anything.
        execution_time: Time that the grader took, in seconds.
        scores: Further scores, by name.
        token_usage: Tokens used by the grading model; null when there is none.
        sampled_model_name: Model that graded; null when there is none.
    """

    name: str
    type: str
    errors: RunGraderErrors
    execution_time: float | Unset = UNSET
    scores: dict[str, Any] | Unset = UNSET
    token_usage: int | None | Unset = UNSET
    sampled_model_name: str | None | Unset = UNSET

    @classmethod
    def _read(cls, src: dict[str, Any]) -> Self:
        return cls(
            src["name"],
            src["type"],
            RunGraderErrors.from_dict(v) if type(v := src["errors"]) is dict else v,
            src["execution_time"],
            src["scores"],
            src["token_usage"],
            src["sampled_model_name"],
        )


from .run_grader_errors import RunGraderErrors
