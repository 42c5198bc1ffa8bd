from __future__ import annotations

from typing import Any, Literal

from attrs import define

from ..types import ApiObject


@define(repr=False)
class InputAudio(ApiObject):
    """A sound for the model.

    Attributes:
        input_audio: The sound.
        type: Always `input_audio`.
    """

    input_audio: InputAudioData
    type: Literal["input_audio"] = "input_audio"

    def _fill(self, src: dict[str, Any]) -> None:
        self.input_audio = InputAudioData.from_dict(v) if type(v := src["input_audio"]) is dict else v
        self.type = src["type"]


from .input_audio_data import InputAudioData
