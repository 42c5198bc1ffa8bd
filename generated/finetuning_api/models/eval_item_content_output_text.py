from __future__ import annotations

from typing import Any, Literal

from attrs import define

from ..types import ApiObject


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class EvalItemContentOutputText(ApiObject):
    """Text that a model wrote.

    Attributes:
        text: The text.
        type: Always `output_text`.
    """

    text: str
    type: Literal["output_text"] = "output_text"

    def _fill(self, src: dict[str, Any]) -> None:
        self.type = src["type"]
        self.text = src["text"]
