"""Texts that look like secret keys, found quickly in large files; a key is never shown in full."""

from __future__ import annotations

import re
from collections.abc import Iterator

# Each pattern begins with a rare character of its keys, since the search for one character is fastest, and
# looks back from there. A short lookbehind first refuses most of these characters. The name of a group is the
# prefix of its keys.
_PATTERNS = {
    b"-": re.compile(
        rb"-(?<=[kabprst]-)"
        rb"(?:(?P<sk>(?<=(?<![\w-])sk-))|(?P<xox>(?<=(?<!\w)xox[abprs]-))|(?P<glpat>(?<=(?<!\w)glpat-)))"
        rb"[\w-]{20}"
    ),
    b"_": re.compile(
        rb"_(?<=[opsut]_)(?:(?P<gh>(?<=(?<!\w)gh[opsu]_))|(?P<github_pat>(?<=(?<!\w)github_pat_)))\w{36}"
    ),
    b"K": re.compile(
        rb"K(?:(?P<AKIA>(?<=(?<!\w)AK)IA[0-9A-Z]{16}(?!\w))|(?P<PRIVATE_KEY>(?<=PRIVATE K)EY-----))"
    ),
    b"z": re.compile(rb"z(?P<AIza>(?<=(?<!\w)AIz)a[\w-]{35})"),
}


def secrets_in(content: bytes) -> Iterator[tuple[int, str]]:
    """Yield the position of each text that looks like a key, and its harmless beginning."""
    for first, pattern in _PATTERNS.items():
        for found in pattern.finditer(content) if first in content else ():
            yield found.start(), f"{found.lastgroup}…"
