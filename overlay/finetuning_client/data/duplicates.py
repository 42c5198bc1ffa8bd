"""Duplicates: examples of a file that repeat others, and what a training and a validation file share.

Of each example 16 bytes are held: a hash, which is good in this process alone, and its line.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec
from msgspec import Struct

from .prompts import prompt_of

_AT_ONCE = 1_000_000
_SPACES = b" \t\n\r\x0b\x0c"
_ESCAPED_SPACE = re.compile(rb"\\[nrt]")

sorted_json = msgspec.json.Encoder(order="sorted").encode
"""Return a value as JSON with the keys of its objects in order."""


class Fingerprints:
    """The examples of a file, compared by content, not by notation."""

    def __init__(self) -> None:
        self._hashes = array("q")
        self._lines = array("q")

    def __len__(self) -> int:
        return len(self._hashes)

    def add(self, fingerprint: int, line: int) -> None:
        """Add an example."""
        self._hashes.append(fingerprint)
        self._lines.append(line)

    def extend(self, fingerprints: list[int], first_line: int) -> None:
        """Add the examples of consecutive lines."""
        self._hashes.fromlist(fingerprints)
        self._lines.fromlist(list(range(first_line, first_line + len(fingerprints))))

    def items(self) -> Iterator[tuple[int, int]]:
        """Return the fingerprint and the line of each example, in the order of the file."""
        return zip(self._hashes, self._lines, strict=True)

    def first_lines(self) -> dict[int, int]:
        """Return the first line of each fingerprint."""
        found: dict[int, int] = {}
        for fingerprint, line in self.items():
            found.setdefault(fingerprint, line)
        return found

    def duplicates(self) -> Iterator[tuple[int, int]]:
        """Yield the line of each example that repeats another, and the line of that one.

        The examples are processed in groups by fingerprint, so that memory stays bounded.
        """
        groups = -(-len(self) // _AT_ONCE)
        for group in range(groups):
            if groups == 1 and len(set(self._hashes)) == len(self):
                return
            first: dict[int, int] = {}
            for fingerprint, line in self.items():
                if fingerprint % groups == group and first.setdefault(fingerprint, line) != line:
                    yield line, first[fingerprint]


class Known(Struct, frozen=True):
    """The examples and the prompts of the validation file, by fingerprint, each with its line."""

    examples: Mapping[int, int]
    prompts: Mapping[int, int]

    def shared(
        self, examples: Fingerprints, prompts: Fingerprints
    ) -> Iterator[tuple[int, Literal["example", "prompt"], int]]:
        """Yield the line of each example that is in the validation file too, or asks the same as one there.

        With it comes what they share, and the line in the validation file.
        """
        for (example, line), (prompt, _) in zip(examples.items(), prompts.items(), strict=True):
            if (other := self.examples.get(example)) is not None:
                yield line, "example", other
            elif (other := self.prompts.get(prompt)) is not None:
                yield line, "prompt", other


def loosely(text: str) -> bytes:
    """Return a text without case and white space: a prompt that differs in those alone is the same."""
    return text.casefold().encode("utf-8", "surrogatepass").translate(None, _SPACES)


def prompt_fingerprint(row: Mapping[str, Any]) -> int:
    """Return the fingerprint of what a row asks, whatever its case, its white space and the order of keys."""
    return hash(_ESCAPED_SPACE.sub(b"", loosely(sorted_json(prompt_of(row)).decode())))
