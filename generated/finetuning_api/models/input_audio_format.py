from ..types import OpenStrEnum


class InputAudioFormat(OpenStrEnum):
    """Format of audio."""

    MP3 = "mp3"
    WAV = "wav"
