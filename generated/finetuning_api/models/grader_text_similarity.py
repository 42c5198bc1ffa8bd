from __future__ import annotations

from typing import Any, Literal

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

    def _fill(self, src: dict[str, Any]) -> None:
        self.name = src["name"]
        self.input = src["input"]
        self.reference = src["reference"]
        self.evaluation_metric = _TextSimilarityMetric[v] if type(v := src["evaluation_metric"]) is str else v
        self.type = src["type"]


from .text_similarity_metric import TextSimilarityMetric

_TextSimilarityMetric = members(TextSimilarityMetric)
