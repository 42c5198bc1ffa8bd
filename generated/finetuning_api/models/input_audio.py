from __future__ import annotations

from typing import Any, Literal

from attrs import define

from .. import models
from ..types import READ, ApiObject


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class InputAudio(ApiObject):
    """Audio for the model.

    Attributes:
        input_audio: The audio.
        type: Always `input_audio`.
    """

    input_audio: models.InputAudioData
    type: Literal["input_audio"] = "input_audio"

    def _fill(self, src: dict[str, Any]) -> None:
        self.type = src["type"]
        self.input_audio = READ["InputAudioData"](v) if type(v := src["input_audio"]) is dict else v
