from __future__ import annotations

from typing import Any, Literal, Self

from attrs import define

from ..types import ApiObject


@define(repr=False)
class EvalItemContentOutputText(ApiObject):
    """A text that a model wrote.

    Attributes:
        text: The text.
        type: Always `output_text`.
    """

    text: str
    type: Literal["output_text"] = "output_text"

    @classmethod
    def _read(cls, src: dict[str, Any]) -> Self:
        return cls(src["text"], src["type"])
