from ..types import OpenStrEnum


class InputAudioFormat(OpenStrEnum):
    """Format of a sound."""

    MP3 = "mp3"
    WAV = "wav"
