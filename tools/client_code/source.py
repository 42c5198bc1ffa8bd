"""Pieces of generated source text: docstrings, signatures and imports. Formatting is left to ruff."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable, Sequence

__all__ = ["docstring", "exported", "header", "imports", "indented", "paragraphs", "signature"]

_WIDTH = 110


def header(what: str, text: str = "") -> str:
    """Write the docstring of a module; `what` is its contents in a few words."""
    made = "enerated from openapi.yaml by `make generate`; do not edit."
    first = f"{what}, g{made}"
    parts = [text] if len(first) + 6 <= _WIDTH else [f"G{made}", text]
    return docstring(first if len(parts) == 1 else f"{what}.", *parts, margin=0)


def exported(names: Iterable[str]) -> str:
    """Write `__all__`: constants first, then classes, then functions."""
    ordered = sorted(names, key=lambda name: (not name.isupper(), name[0].islower(), name))
    return f"\n__all__ = {ordered!r}\n"


def docstring(first: str, *parts: str, margin: int) -> str:
    """Write a docstring whose lines stand `margin` columns from the left; `parts` are already wrapped.

    The first sentence, or text, is kept on one line where it fits there.
    """
    first = _printable(" ".join(first.split()))
    if len(first) > _WIDTH - margin - 4:
        first = paragraphs(f"   {first}", margin).strip()
    text = "\n\n".join([first, *map(_printable, filter(None, parts))])
    quotes = '"""'
    opening = quotes
    if quotes in text:
        text = text.replace("\\", "\\\\").replace(quotes, '\\"\\"\\"')
    elif "\\" in text:
        opening = f"r{quotes}"
    # A quote or a backslash before the closing quotes would be a part of them.
    fits = (
        "\n" not in text
        and text[-1:] not in ('"', "\\")
        and margin + len(opening) + len(text) + len(quotes) <= _WIDTH
    )
    return indented(f"{opening}{text}{'' if fits else chr(10)}{quotes}", margin)


def _printable(text: str) -> str:
    """Return a text without the control characters, which no source may hold."""
    return "".join(letter for letter in text if letter == "\n" or unicodedata.category(letter) != "Cc")


def paragraphs(text: str, margin: int, hanging: int = 0) -> str:
    """Wrap a text to the width of the code; lines after the first stand `hanging` columns further in."""
    wrap = textwrap.TextWrapper(
        width=_WIDTH - margin,
        subsequent_indent=" " * hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n\n".join(wrap.fill(" ".join(part.split())) for part in text.split("\n\n") if part.strip())


def signature(name: str, parts: Sequence[str], result: str, *, is_async: bool = False) -> str:
    """Write the first line of a function."""
    return f"{'async ' if is_async else ''}def {name}({', '.join(parts)}) -> {result}:"


def imports(modules: Iterable[tuple[str, str]]) -> list[str]:
    """Write an import for each module and name, in order."""
    return [f"from {module} import {name}" for module, name in sorted(set(modules))]


def indented(text: str, margin: int) -> str:
    """Move lines to the right."""
    return textwrap.indent(text, " " * margin)
