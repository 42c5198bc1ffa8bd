"""Fingerprints of examples, in 16 bytes each: a hash, and the line of the example."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from .rules import Format

_AT_ONCE = 1_000_000

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


def fingerprint(value: object) -> int:
    """Return the fingerprint of a JSON value; the order of its keys does not matter."""
    return hash(sorted_json(value))


def prompt_of(example: Mapping[str, Any], form: Format) -> object:
    """Return the part of an example before its answer; it is equal for two examples that ask the same."""
    if form == "preference":
        return example.get("input")
    if form == "completions":
        return example.get("prompt")
    messages = example.get("messages")
    if form == "chat" and isinstance(messages, list):
        return messages[:-1]
    return messages
