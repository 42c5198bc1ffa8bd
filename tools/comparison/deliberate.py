"""Documented exceptions of `make drift`: deliberate differences from the vendor, with their reasons.

The file is a list of reasons; each has a list of `differences`, the patterns of what it explains:

    - reason: why, for a person who knows neither contract
      differences:
        - {place: FineTuningJob.status, aspect: value, ours: paused}

`vendor` and `ours` are the values in the two contracts; one is left out if that contract has no value.
`in` is call, request or response, and can be left out. `*` stands for any text. A reason with `of: formats`
is about training formats, and is not stale where a vendor's document has none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tools.comparison.differences import Difference, Side
from tools.openapi import DocumentError, read_bytes

__all__ = ["Pattern", "Reason", "read_reasons"]

_KEYS = ("place", "aspect", "vendor", "ours", "in")


@dataclass(frozen=True)
class Pattern:
    """A pattern of deliberate differences; the docstring of the module describes its parts."""

    place: str
    aspect: str
    vendor: str | None
    ours: str | None
    side: Side | None

    def explains(self, difference: Difference, side: Side) -> bool:
        """Return whether the pattern fits a difference that is found on one side."""
        return (
            self.side in (None, side)
            and _fits(self.place, str(difference.place))
            and _fits(self.aspect, difference.aspect)
            and _fits(self.vendor, difference.before)
            and _fits(self.ours, difference.after)
        )

    def __str__(self) -> str:
        words = f"{self.place}, {self.aspect}: vendor {self.vendor or '-'}, ours {self.ours or '-'}"
        return f"{words}, in {self.side}" if self.side else words


@dataclass(frozen=True)
class Reason:
    """The reason for some deliberate differences.

    Attributes:
        text: The reason.
        patterns: The differences.
        of_formats: Whether they are in training formats, which a vendor may describe elsewhere.
    """

    text: str
    patterns: tuple[Pattern, ...]
    of_formats: bool = False


def read_reasons(path: Path) -> list[Reason]:
    """Return the reasons in a file.

    Raises:
        DocumentError: It cannot be read, or is not a list of this form.
    """
    try:
        listed = yaml.safe_load(read_bytes(path))
    except (yaml.YAMLError, ValueError) as error:
        raise DocumentError(f"{path}: not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(listed, list | None):
        raise DocumentError(f"{path}: must be a list of reasons")
    return [_reason(path, number, entry) for number, entry in enumerate(listed or (), start=1)]


def _reason(path: Path, number: int, entry: Any) -> Reason:
    try:
        text = " ".join(str(entry["reason"]).split())
        patterns = tuple(_pattern(one) for one in entry["differences"])
        return Reason(text, patterns, {"operations": False, "formats": True}[entry.get("of", "operations")])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DocumentError(
            f"{path}: entry {number} is not a reason with a list of differences: {error!r}"
        ) from None


def _pattern(entry: dict[str, Any]) -> Pattern:
    unknown = [key for key in entry if key not in _KEYS]
    if unknown:
        raise ValueError(f"unknown key {unknown[0]}")
    vendor, ours = (None if entry.get(key) is None else str(entry[key]) for key in ("vendor", "ours"))
    side = Side(entry["in"]) if "in" in entry else None
    return Pattern(str(entry["place"]), str(entry["aspect"]), vendor, ours, side)


def _fits(pattern: str | None, text: str | None) -> bool:
    if pattern is None or text is None:
        return pattern is text
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text, re.DOTALL) is not None
