from __future__ import annotations

from typing import Any, Literal

from attrs import define

from .. import models
from ..types import READ_ALL, ApiObject


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class GraderLabelModel(ApiObject):
    """Has a model choose a label; used only inside a multi grader.

    Attributes:
        name: Name of the grader.
        model: Model that grades; it must support structured outputs.
        input: Messages for the grading model; may have placeholders.
        labels: Labels to choose from.
        passing_labels: Labels that count as passing.
        type: Always `label_model`.
    """

    name: str
    model: str
    input: list[models.EvalItem]
    labels: list[str]
    passing_labels: list[str]
    type: Literal["label_model"] = "label_model"

    def _fill(self, src: dict[str, Any]) -> None:
        self.type = src["type"]
        self.name = src["name"]
        self.model = src["model"]
        self.input = v and READ_ALL["EvalItem"](v) if type(v := src["input"]) is list else v
        self.labels = src["labels"]
        self.passing_labels = src["passing_labels"]
