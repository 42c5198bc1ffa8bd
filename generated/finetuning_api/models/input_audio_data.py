from __future__ import annotations

from typing import Any, Self

from attrs import define

from ..types import ApiObject, members


@define(repr=False)
class InputAudioData(ApiObject):
    """A sound, with its format.

    Attributes:
        data: The sound, base64-encoded, or a placeholder for it.
        format: Format of the sound.
    """

    data: str
    format: InputAudioFormat

    @classmethod
    def _read(cls, src: dict[str, Any]) -> Self:
        return cls(src["data"], _InputAudioFormat[v] if type(v := src["format"]) is str else v)


from .input_audio_format import InputAudioFormat

_InputAudioFormat = members(InputAudioFormat)
