from __future__ import annotations

from typing import Any, Literal

from attrs import define

from .. import models
from ..types import ApiObject, Members

_TextSimilarityMetric = Members("TextSimilarityMetric")


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class GraderTextSimilarity(ApiObject):
    """Scores how similar two texts are.

    Attributes:
        name: Name of the grader.
        input: Text to grade; may have placeholders.
        reference: Text to compare with; may have placeholders.
        evaluation_metric: Measure of similarity.
        type: Always `text_similarity`.
    """

    name: str
    input: str
    reference: str
    evaluation_metric: models.TextSimilarityMetric
    type: Literal["text_similarity"] = "text_similarity"

    def _fill(self, src: dict[str, Any]) -> None:
        self.type = src["type"]
        self.name = src["name"]
        self.input = src["input"]
        self.reference = src["reference"]
        self.evaluation_metric = _TextSimilarityMetric[v] if type(v := src["evaluation_metric"]) is str else v
