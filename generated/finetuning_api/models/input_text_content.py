from __future__ import annotations

from typing import Any, Literal

from attrs import define

from .. import models
from ..types import READ, UNSET, ApiObject, Unset


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class InputTextContent(ApiObject):
    """Text for the model.

    Attributes:
        text: The text.
        type: Always `input_text`.
        prompt_cache_breakpoint: Set when the part of the prompt to be cached ends here.
    """

    text: str
    type: Literal["input_text"] = "input_text"
    prompt_cache_breakpoint: models.PromptCacheBreakpointConfig | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.type = src["type"]
        self.text = src["text"]
        self.prompt_cache_breakpoint = (
            READ["PromptCacheBreakpointConfig"](v) if type(v := src["prompt_cache_breakpoint"]) is dict else v
        )
