from __future__ import annotations

from typing import Any, Literal

from attrs import define

from ..types import UNSET, ApiObject, Unset


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class EvalItemInputImage(ApiObject):
    """An image for the model.

    Attributes:
        image_url: URL of the image, or a placeholder for one.
        type: Always `input_image`.
        detail: Level of detail for reading the image, `high`, `low` or `auto`. `auto` when left out.
    """

    image_url: str
    type: Literal["input_image"] = "input_image"
    detail: str | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.type = src["type"]
        self.image_url = src["image_url"]
        self.detail = src["detail"]
