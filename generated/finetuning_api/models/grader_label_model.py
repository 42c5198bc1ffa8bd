from __future__ import annotations

from typing import Any, Literal, Self

from attrs import define

from ..types import ApiObject


@define(repr=False)
class GraderLabelModel(ApiObject):
    """Lets a model choose a label; only used inside a multi grader.

    Attributes:
        name: Name of the grader.
        model: Model that grades; it must support structured outputs.
        input: Messages for the grading model; may have placeholders.
        labels: Labels to choose from.
        passing_labels: Those of the labels that count as passed.
        type: Always `label_model`.
    """

    name: str
    model: str
    input: list[EvalItem]
    labels: list[str]
    passing_labels: list[str]
    type: Literal["label_model"] = "label_model"

    @classmethod
    def _read(cls, src: dict[str, Any]) -> Self:
        return cls(
            src["name"],
            src["model"],
            [EvalItem.from_dict(item) if type(item) is dict else item for item in v]
            if type(v := src["input"]) is list
            else v,
            src["labels"],
            src["passing_labels"],
            src["type"],
        )


from .eval_item import EvalItem
