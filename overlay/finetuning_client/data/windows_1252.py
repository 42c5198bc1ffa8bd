"""Detection of Windows-1252, of which Latin-1 is a part, in bytes that are not UTF-8."""

from __future__ import annotations

import re

_HIGH = re.compile(rb"[\x80-\xff]+")
# Longer runs of letters with accents are words in another script, such as Greek.
_LONGEST_WESTERN_RUN = 3
_UNUSED = frozenset(b"\x81\x8d\x8f\x90\x9d")
# In Windows-1252 these are signs, which do not occur between letters; in other encodings, letters.
_SIGN_IN_WORD = re.compile(rb"[A-Za-z][\xa1-\xa9\xac-\xb3\xb5\xb6\xb8\xb9\xbb-\xbf\xd7\xf7][a-z]")


def not_western(line: bytes) -> str:
    """Return why the encoding of a line is probably not Windows-1252; empty if it may be."""
    for found in _HIGH.finditer(line):
        run = found[0]
        if not _UNUSED.isdisjoint(run) or len(run) > _LONGEST_WESTERN_RUN:
            return "it is not Latin-1 either"
        if len(run) > 1 and _is_utf8(run):
            return "other characters in it are UTF-8"
    return "it has symbols inside words" if _SIGN_IN_WORD.search(line) else ""


def _is_utf8(run: bytes) -> bool:
    try:
        run.decode()
    except UnicodeDecodeError:
        return False
    return True
