from __future__ import annotations

from typing import Any, Literal, Self

from attrs import define

from ..types import ApiObject, members


@define(repr=False)
class GraderTextSimilarity(ApiObject):
    """Scores how alike two texts are.

    Attributes:
        name: Name of the grader.
        input: Text to grade; may have placeholders.
        reference: Text to compare with; may have placeholders.
        evaluation_metric: Measure of likeness.
        type: Always `text_similarity`.
    """

    name: str
    input: str
    reference: str
    evaluation_metric: TextSimilarityMetric
    type: Literal["text_similarity"] = "text_similarity"

    @classmethod
    def _read(cls, src: dict[str, Any]) -> Self:
        return cls(
            src["name"],
            src["input"],
            src["reference"],
            _TextSimilarityMetric[v] if type(v := src["evaluation_metric"]) is str else v,
            src["type"],
        )


from .text_similarity_metric import TextSimilarityMetric

_TextSimilarityMetric = members(TextSimilarityMetric)
