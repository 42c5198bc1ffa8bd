"""Texts that look like secret keys, found quickly in large files; a key is never shown whole."""

from __future__ import annotations

import re
from collections.abc import Iterator

_KINDS = {
    b"sk-": re.compile(rb"(?<![\w-])sk-[\w-]{20,}"),
    b"AKIA": re.compile(rb"(?<!\w)AKIA[0-9A-Z]{16}(?!\w)"),
    b"ghp_": re.compile(rb"(?<!\w)ghp_\w{36}"),
    b"AIza": re.compile(rb"(?<!\w)AIza[\w-]{35}"),
    b"xox": re.compile(rb"(?<!\w)xox[bp]-[\w-]{20,}"),
    b"PRIVATE KEY-----": re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
}


def secrets_in(content: bytes) -> Iterator[tuple[int, str]]:
    """Yield the position of each text that looks like a key, and its harmless beginning."""
    for beginning, pattern in _KINDS.items():
        # The search for plain bytes is many times faster than that for a pattern.
        if beginning in content:
            for found in pattern.finditer(content):
                yield found.start(), f"{beginning.decode()}…"
