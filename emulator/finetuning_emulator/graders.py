"""The shapes of graders, to refuse one that is not whole; the emulator does not grade by them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

__all__ = ["checked_grader"]

_MAPPING = "$.graders"


class _Tagged(msgspec.Struct, tag_field="type"):
    pass


class _InputText(_Tagged, tag="input_text"):
    text: str


class _OutputText(_Tagged, tag="output_text"):
    text: str


class _InputImage(_Tagged, tag="input_image"):
    image_url: str
    detail: str | msgspec.UnsetType = msgspec.UNSET


class _AudioData(msgspec.Struct):
    data: str
    format: Literal["mp3", "wav"]


class _InputAudio(_Tagged, tag="input_audio"):
    input_audio: _AudioData


_Part = _InputText | _OutputText | _InputImage | _InputAudio


class _Message(msgspec.Struct):
    role: Literal["user", "assistant", "system", "developer"]
    content: str | _Part | list[str | _Part]
    type: Literal["message"] = "message"


class _Sampling(msgspec.Struct):
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    max_completions_tokens: Annotated[int, Meta(ge=1)] | None = None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None = None


class _StringCheck(_Tagged, tag="string_check"):
    name: str
    input: str
    reference: str
    operation: Literal["eq", "ne", "like", "ilike"]


class _TextSimilarity(_Tagged, tag="text_similarity"):
    name: str
    input: str
    reference: str
    evaluation_metric: Literal[
        "cosine",
        "fuzzy_match",
        "bleu",
        "gleu",
        "meteor",
        "rouge_1",
        "rouge_2",
        "rouge_3",
        "rouge_4",
        "rouge_5",
        "rouge_l",
    ]


class _Python(_Tagged, tag="python"):
    name: str
    source: str
    image_tag: str | msgspec.UnsetType = msgspec.UNSET


class _ScoreModel(_Tagged, tag="score_model"):
    name: str
    model: str
    input: list[_Message]
    range: Annotated[list[float], Meta(min_length=2, max_length=2)] | msgspec.UnsetType = msgspec.UNSET
    sampling_params: _Sampling | msgspec.UnsetType = msgspec.UNSET


class _LabelModel(_Tagged, tag="label_model"):
    name: str
    model: str
    input: list[_Message]
    labels: list[str]
    passing_labels: list[str]


class _Multi(_Tagged, tag="multi"):
    name: str
    graders: dict[str, Any]
    calculate_output: str


_Grader = _StringCheck | _TextSimilarity | _Python | _ScoreModel | _Multi
_SubGrader = _StringCheck | _TextSimilarity | _Python | _ScoreModel | _LabelModel


def checked_grader(grader: dict[str, Any]) -> None:
    """Check a grader that came in as JSON.

    Raises:
        msgspec.ValidationError: it is not whole; the place is relative to the grader.
    """
    found = msgspec.convert(grader, _Grader)
    if not isinstance(found, _Multi):
        return
    one = isinstance(found.graders.get("type"), str)
    parts = [("", found.graders)] if one else [(f"[{k}]", v) for k, v in found.graders.items()]
    for place, part in parts:
        try:
            msgspec.convert(part, _SubGrader)
        except msgspec.ValidationError as error:
            text, _, inner = str(error).partition(" - at ")
            inner = inner.strip("`").removeprefix("$")
            raise msgspec.ValidationError(f"{text} - at `{_MAPPING}{place}{inner}`") from None
