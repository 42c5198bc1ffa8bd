from __future__ import annotations

from typing import Any, Literal

from attrs import define

from ..types import UNSET, ApiObject, Unset, members, read_tagged


@define(repr=False)
class EvalItem(ApiObject):
    """A message for a grading model.

    Attributes:
        role: Whose message it is.
        content: What it says; texts may have placeholders.
        type: Always `message`.
    """

    role: EvalItemRole
    content: (
        str
        | InputTextContent
        | EvalItemContentOutputText
        | EvalItemInputImage
        | InputAudio
        | list[str | InputTextContent | EvalItemContentOutputText | EvalItemInputImage | InputAudio]
    )
    type: Literal["message"] | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.role = _EvalItemRole[v] if type(v := src["role"]) is str else v
        self.content = (
            read_tagged(v, _CONTENT_TYPES)
            if type(v := src["content"]) is dict
            else [read_tagged(item, _CONTENT_TYPES) if type(item) is dict else item for item in v]
            if type(v) is list
            else v
        )
        self.type = src["type"]


from .eval_item_content_output_text import EvalItemContentOutputText
from .eval_item_input_image import EvalItemInputImage
from .eval_item_role import EvalItemRole
from .input_audio import InputAudio
from .input_text_content import InputTextContent

_EvalItemRole = members(EvalItemRole)
_CONTENT_TYPES = {
    "input_text": InputTextContent,
    "output_text": EvalItemContentOutputText,
    "input_image": EvalItemInputImage,
    "input_audio": InputAudio,
}
