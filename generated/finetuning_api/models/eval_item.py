from __future__ import annotations

from typing import Any, Literal

from attrs import define

from .. import models
from ..types import UNSET, ApiObject, Members, Tagged, Unset

_EvalItemRole = Members("EvalItemRole")
_CONTENT_KINDS = Tagged(
    "type",
    {
        "input_text": "InputTextContent",
        "output_text": "EvalItemContentOutputText",
        "input_image": "EvalItemInputImage",
        "input_audio": "InputAudio",
    },
)


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class EvalItem(ApiObject):
    """A message for a grading model.

    Attributes:
        role: Author of the message.
        content: Content of the message; texts may have placeholders.
        type: Always `message`.
    """

    role: models.EvalItemRole
    content: (
        str
        | models.InputTextContent
        | models.EvalItemContentOutputText
        | models.EvalItemInputImage
        | models.InputAudio
        | list[
            str
            | models.InputTextContent
            | models.EvalItemContentOutputText
            | models.EvalItemInputImage
            | models.InputAudio
        ]
    )
    type: Literal["message"] | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.type = src["type"]
        self.role = _EvalItemRole[v] if type(v := src["role"]) is str else v
        self.content = (
            _CONTENT_KINDS.read(v)
            if type(v := src["content"]) is dict
            else [_CONTENT_KINDS.read(item) if type(item) is dict else item for item in v]
            if type(v) is list
            else v
        )
