"""The six kinds of graders: read from JSON and checked, or refused with an error that names the field."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from finetuning_emulator.grading.formula import FormulaError, parse_formula
from finetuning_emulator.grading.templates import check_placeholders, is_placeholder, item_paths

__all__ = [
    "Grader",
    "InvalidGrader",
    "LabelModel",
    "Multi",
    "Python",
    "ScoreModel",
    "StringCheck",
    "SubGrader",
    "TextSimilarity",
    "fields_read",
    "read_grader",
]

_MAX_PARTS = 64
_MAX_SOURCE = 256 * 1024


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

    def texts(self) -> Iterator[str]:
        """Yield the texts of the message."""
        for part in self.content if isinstance(self.content, list) else [self.content]:
            if isinstance(part, str):
                yield part
            elif isinstance(part, _InputText | _OutputText):
                yield part.text
            elif isinstance(part, _InputImage) and "{{" in part.image_url:
                yield part.image_url


class _Sampling(msgspec.Struct):
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    max_completions_tokens: Annotated[int, Meta(ge=1)] | None = None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None = None


class StringCheck(_Tagged, tag="string_check"):
    """A grader that compares two texts."""

    name: str
    input: str
    reference: str
    operation: Literal["eq", "ne", "like", "ilike"]

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield the fields that may have placeholders, and their texts."""
        yield "input", self.input
        yield "reference", self.reference


class TextSimilarity(_Tagged, tag="text_similarity"):
    """A grader of the similarity of two texts, by a metric of `similarity.METRICS`."""

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

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield the fields that may have placeholders, and their texts."""
        yield "input", self.input
        yield "reference", self.reference


class Python(_Tagged, tag="python"):
    """A grader that runs a Python program."""

    name: str
    source: str
    image_tag: str | msgspec.UnsetType = msgspec.UNSET

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield nothing: a program receives the values themselves."""
        yield from ()


class ScoreModel(_Tagged, tag="score_model"):
    """A grader in which a model gives a number in a range."""

    name: str
    model: str
    input: list[_Message]
    range: Annotated[list[float], Meta(min_length=2, max_length=2)] | msgspec.UnsetType = msgspec.UNSET
    sampling_params: _Sampling | msgspec.UnsetType = msgspec.UNSET

    @property
    def bounds(self) -> tuple[float, float]:
        """The lowest and the highest score."""
        return (0.0, 1.0) if isinstance(self.range, msgspec.UnsetType) else (self.range[0], self.range[1])

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield the fields that may have placeholders, and their texts."""
        return _message_texts(self.input)


class LabelModel(_Tagged, tag="label_model"):
    """A grader that passes if a model chooses one of the passing labels."""

    name: str
    model: str
    input: list[_Message]
    labels: list[str]
    passing_labels: list[str]

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield the fields that may have placeholders, and their texts."""
        return _message_texts(self.input)


class Multi(_Tagged, tag="multi"):
    """A grader with a formula over other graders: a map of graders by name, or a single grader."""

    name: str
    graders: dict[str, Any]
    calculate_output: str

    def parts(self) -> dict[str, SubGrader]:
        """Return the graders by their names in the formula.

        Raises:
            msgspec.ValidationError: a grader is not valid.
        """
        single = isinstance(self.graders.get("type"), str)
        found = {}
        for key, part in {"": self.graders}.items() if single else self.graders.items():
            try:
                grader = msgspec.convert(part, SubGrader)
            except msgspec.ValidationError as error:
                raise _at_path(error, "$.graders" if single else f"$.graders[{key}]") from None
            found[grader.name if single else key] = grader
        return found


def _message_texts(messages: list[_Message]) -> Iterator[tuple[str, str]]:
    for number, message in enumerate(messages):
        for text in message.texts():
            yield f"input[{number}].content", text


def _at_path(error: msgspec.ValidationError, inside: str) -> msgspec.ValidationError:
    """Return the error with its path made relative to the outer object."""
    text, _, place = str(error).partition(" - at ")
    return msgspec.ValidationError(f"{text} - at `{inside}{place.strip('`').removeprefix('$')}`")


Grader = StringCheck | TextSimilarity | Python | ScoreModel | Multi
SubGrader = StringCheck | TextSimilarity | Python | ScoreModel | LabelModel


class InvalidGrader(ValueError):
    """A well-formed grader that can never work; `place` is the path of the field at fault, `[a].b`."""

    def __init__(self, message: str, place: str) -> None:
        super().__init__(message)
        self.place = place


def read_grader(grader: dict[str, Any]) -> Grader:
    """Read a grader and all its parts from JSON.

    Raises:
        msgspec.ValidationError: a field is missing or wrong; the path is relative to the grader.
        InvalidGrader: the grader can never work.
    """
    found: Grader = msgspec.convert(grader, Grader)
    if isinstance(found, Multi):
        parts = found.parts()
        _check_formula(found, parts.keys())
        for name, part in parts.items():
            _check(part, f".graders[{name}]")
    else:
        _check(found, "")
    return found


def fields_read(grader: Grader) -> dict[str, bool]:
    """Return the fields of `item` that a grader reads, such as `answer`, and whether each must be a string.

    A string is needed where the field is compared on its own, without other words around it.
    """
    found: dict[str, bool] = {}
    for part in list(grader.parts().values()) if isinstance(grader, Multi) else [grader]:
        compares = isinstance(part, StringCheck | TextSimilarity)
        for _, text in part.texts():
            for path in item_paths(text):
                found[path] = found.get(path, False) or (compares and is_placeholder(text))
    return found


def _check_formula(grader: Multi, names: AbstractSet[str]) -> None:
    if len(names) > _MAX_PARTS:
        raise InvalidGrader(f"expected at most {_MAX_PARTS} graders", ".graders")
    try:
        unknown = sorted(parse_formula(grader.calculate_output).names - names)
    except FormulaError as error:
        raise InvalidGrader(f"not a formula: {error}", ".calculate_output") from None
    if unknown:
        raise InvalidGrader(f"there is no grader '{unknown[0][:64]}'", ".calculate_output")


def _check(grader: SubGrader, place: str) -> None:
    for field, text in grader.texts():
        if (mistake := check_placeholders(text)) is not None:
            raise InvalidGrader(mistake, f"{place}.{field}")
    if isinstance(grader, Python):
        _check_source(grader.source, f"{place}.source")
    if isinstance(grader, ScoreModel) and grader.bounds[0] >= grader.bounds[1]:
        raise InvalidGrader("expected the lowest score, then a higher one", f"{place}.range")
    if isinstance(grader, LabelModel):
        if not grader.labels:
            raise InvalidGrader("expected at least one label", f"{place}.labels")
        if not set(grader.passing_labels) <= set(grader.labels):
            raise InvalidGrader("expected only labels that are in 'labels'", f"{place}.passing_labels")


def _check_source(source: str, place: str) -> None:
    if len(source) > _MAX_SOURCE:
        raise InvalidGrader(f"expected at most {_MAX_SOURCE} characters", place)
    try:
        module = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise InvalidGrader(f"not a Python program: {error}", place) from None
    defined = (part.name for part in module.body if isinstance(part, ast.FunctionDef))
    if "grade" not in defined:
        raise InvalidGrader("expected a function grade(sample, item)", place)
