from __future__ import annotations

from typing import Any

from attrs import define

from .. import models
from ..types import ApiObject, Members

_InputAudioFormat = Members("InputAudioFormat")


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class InputAudioData(ApiObject):
    """Audio, with its format.

    Attributes:
        data: The audio, base64-encoded, or a placeholder for it.
        format: Format of the audio.
    """

    data: str
    format: models.InputAudioFormat

    def _fill(self, src: dict[str, Any]) -> None:
        self.data = src["data"]
        self.format = _InputAudioFormat[v] if type(v := src["format"]) is str else v
