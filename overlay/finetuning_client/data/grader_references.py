"""References of a grader: the values that it reads from a row and from the model's answer, and their check.

`{{item.answer}}` reads a field of the row, `{{sample.output_text}}` the answer. What the program of a Python
grader reads is not searched for: it may work without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import attrs

from ..misspellings import near_name
from ..validation import as_json
from .field_paths import Steps, look_up, steps_of

_PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_FIELD = re.compile(r"(?:(?:^|\.)[\w-]+|\[\d{1,9}\])*")
_SAMPLE_FIELDS = ("output_text", "output_json", "output_tools", "choices", "output_audio")
_COMPARED = ("string_check", "text_similarity")


@attrs.frozen(kw_only=True)
class Reference:
    """One place where a grader reads a value.

    Attributes:
        path: JSON path of the text in the grader, such as `graders.exact.reference`.
        text: the reference as it is written, such as `{{ item.answer }}`.
        source: `item` for the row, `sample` for the answer, empty for anything else.
        field: what it reads from that, such as `answer` or `tags[0]`; empty for all of it.
        grader: type of the grader, such as `string_check`.
        is_whole: whether the text is nothing but the reference.
    """

    path: str
    text: str
    source: Literal["item", "sample", ""]
    field: str
    grader: str
    is_whole: bool


@attrs.frozen(kw_only=True)
class Mismatch:
    """A reference that a row does not satisfy.

    Attributes:
        reference: the reference.
        kind: `missing` for a field that the row lacks, `type` for one whose value the grader cannot use, or
            `reference` for a reference that no row can satisfy.
        text: what is wrong.
        hint: what to do.
    """

    reference: Reference
    kind: Literal["missing", "type", "reference"]
    text: str
    hint: str


def template_references(grader: Any) -> list[Reference]:
    """Return every place where a grader of any kind reads a value, in the order of the grader.

    `grader` is a dict or an object with `to_dict()`. A part that is not well-formed is skipped.
    """
    return list(_references(as_json("grader", grader), ""))


class GraderCheck:
    """A check of the rows of a file against what a grader reads from them.

    Attributes:
        references: every place where the grader reads a value.
    """

    def __init__(self, grader: Any) -> None:
        self.references = template_references(grader)
        self._of_grader = [wrong for found in self.references if (wrong := _unknown(found)) is not None]
        self._of_rows = [
            (reference, steps)
            for reference in self.references
            if reference.source == "item" and not _unknown(reference) and (steps := steps_of(reference.field))
        ]

    def of_grader(self) -> Iterator[Mismatch]:
        """Yield the references that no row and no answer can satisfy."""
        yield from self._of_grader

    def of_row(self, row: Mapping[str, Any]) -> Iterator[Mismatch]:
        """Yield the references that a row does not satisfy."""
        for reference, steps in self._of_rows:
            try:
                value = look_up(row, steps)
            except LookupError:
                yield _missing(reference, steps, row)
                continue
            if (kind := _unfit(reference, value)) is not None:
                yield Mismatch(
                    reference=reference,
                    kind="type",
                    text=f"{reference.field} is {kind}, but {reference.path} of the grader needs a string",
                    hint=f"write {reference.field} as a string or a number, or read a field inside it",
                )


def _references(grader: Any, at: str) -> Iterator[Reference]:
    if not isinstance(grader, Mapping):
        return
    kind = str(grader.get("type"))
    if kind == "multi":
        parts = grader.get("graders")
        if isinstance(parts, Mapping):
            # The contract has one grader here, the service a map of them.
            single = isinstance(parts.get("type"), str)
            for name, part in {"": parts}.items() if single else parts.items():
                yield from _references(part, _join(f"{at}graders", name) + ".")
    else:
        for name in ("input", "reference"):
            for path, text in _texts(grader.get(name), f"{at}{name}"):
                yield from _references_in(text, path, kind)


def _texts(value: Any, at: str) -> Iterator[tuple[str, str]]:
    """Yield every text inside a value, with its JSON path."""
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            if name not in ("role", "type", "detail", "format"):
                yield from _texts(item, _join(at, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, f"{at}[{index}]")


def _references_in(text: str, path: str, grader: str) -> Iterator[Reference]:
    for found in _PLACEHOLDER.finditer(text):
        name = found[1].strip()
        source, field = _parts(name)
        yield Reference(
            path=path,
            text=found[0],
            source=source,
            field=field,
            grader=grader,
            is_whole=found[0] == text.strip(),
        )


def _parts(name: str) -> tuple[Literal["item", "sample", ""], str]:
    for source in ("item", "sample"):
        rest = name.removeprefix(source)
        if rest != name and (not rest or rest[0] in ".["):
            return source, rest.removeprefix(".")
    return "", name


def _unknown(reference: Reference) -> Mismatch | None:
    """Return the fault that a reference has in every row."""
    if not reference.source:
        near = near_name(reference.field.partition(".")[0], ("item", "sample"))
        hint = f"write {{{{{near or 'item'}.…}}}}"
        return _wrong(reference, f"{reference.text} begins with neither item nor sample", hint)
    if _FIELD.fullmatch(reference.field) is None:
        return _wrong(reference, f"{reference.text} is not a path such as item.tags[0]", "correct the path")
    if reference.source == "sample" and reference.field:
        name = re.split(r"[.\[]", reference.field)[0]
        if name not in _SAMPLE_FIELDS:
            near = near_name(name, _SAMPLE_FIELDS) or ", ".join(_SAMPLE_FIELDS)
            return _wrong(reference, f"a sample has no {name!r}", f"write sample.{near}")
    return None


def _wrong(reference: Reference, text: str, hint: str) -> Mismatch:
    return Mismatch(reference=reference, kind="reference", text=text, hint=hint)


def _missing(reference: Reference, steps: Steps, row: Mapping[str, Any]) -> Mismatch:
    names = _names_beside(row, steps)
    near = near_name(str(steps[-1]), names) if isinstance(steps[-1], str) else None
    known = ", ".join(sorted(names)) or "nothing"
    return Mismatch(
        reference=reference,
        kind="missing",
        text=f"has no {reference.field!r}, which {reference.path} of the grader reads as {reference.text}",
        hint=f"did you mean {near!r}?" if near else f"add it to the example, or read one of: {known}",
    )


def _names_beside(row: Mapping[str, Any], steps: Steps) -> list[str]:
    """Return the names in the innermost existing object of a path."""
    names = list(map(str, row))
    for end in range(1, len(steps)):
        try:
            value = look_up(row, steps[:end])
        except LookupError:
            break
        names = list(map(str, value)) if isinstance(value, Mapping) else names
    return names


def _unfit(reference: Reference, value: Any) -> str | None:
    """Return the kind of a value if a grader cannot use it, else `None`."""
    if value is None:
        return "null"
    if reference.grader in _COMPARED and reference.is_whole and isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    return None


def _join(at: str, name: str) -> str:
    return f"{at}.{name}" if name else at
